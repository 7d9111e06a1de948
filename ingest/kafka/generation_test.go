package kafka

import (
	"context"
	"testing"
)

// kafka-go does not wait for what is started in a generation that has ended, and the group goes on without it.
func TestNoWorkerBeginsInAGenerationThatHasEnded(t *testing.T) {
	c, err := NewConsumer(Options{Brokers: []string{"b:9092"}, Group: "g", Topics: []Topic{{Name: "t"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, ended := range map[string]bool{"in time": false, "too late": true} {
		generation, end := context.WithCancel(t.Context())
		if ended {
			end()
		}
		p := &Partition{number: 1, consumer: c}
		c.partitions[1] = p
		worked := false
		c.own(t.Context(), generation, p, func(ctx context.Context, _ *Partition) error {
			worked = true
			end()
			<-ctx.Done()
			return nil
		}, func(err error) { t.Errorf("%s: the consumer fails: %v", name, err) })
		if worked == ended {
			t.Errorf("%s: worked %v", name, worked)
		}
		if len(c.partitions) != 0 {
			t.Errorf("%s: the partition is still listed as owned", name)
		}
		end()
	}
}
