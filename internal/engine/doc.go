// Package engine wires Ringside together: records from Kafka or from files go through a vendor's decoder into the
// core, and the core's rows into the store. It owns the order in which things become durable, the life cycle of a
// partition, and the process's metrics and health. What numbers mean is not decided here.
package engine
