// Package kafka brings events in from Kafka: a consumer group whose members own partition numbers, one worker for each
// number in all topics, and a producer that puts an organization's events where its worker looks for them.
//
// kafka-go assigns the partitions (its ConsumerGroup, with a balancer of ours), dials and authenticates. Records are
// read by a fetch loop and a record-batch reader of our own: kafka-go's readers cost two to three times the CPU, keep
// no track of compacted or transactional gaps, and decompress without a bound.
//
// What is delivered is what a read-committed consumer may see: records of aborted transactions and transaction markers
// are left out, and the positions move past them. An open transaction holds its partition at its beginning, for as
// long as the broker lets it be open.
package kafka
