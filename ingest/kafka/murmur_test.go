package kafka

import (
	"testing"

	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"
)

// The values of org.apache.kafka.common.utils.UtilsTest.
func TestMurmur2IsJavas(t *testing.T) {
	for _, tc := range []struct {
		key  string
		want int32
	}{
		{"21", -973932308},
		{"foobar", -790332482},
		{"a-little-bit-long-string", -985981536},
		{"a-little-bit-longer-string", -1486304829},
		{"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
		{"abc", 479470107},
	} {
		if got := int32(murmur2([]byte(tc.key))); got != tc.want {
			t.Errorf("murmur2(%q) = %d, want %d", tc.key, got, tc.want)
		}
	}
}

func TestPartitionForIsWhereTheProducerWrites(t *testing.T) {
	balancer := kafka.Murmur2Balancer{Consistent: true}
	for _, n := range []int{1, 3, 4, 64} {
		partitions := make([]int, n)
		for i := range partitions {
			partitions[i] = i
		}
		for range 1000 {
			org := uuid.New()
			key := OrganizationKey(org)
			if string(key) != org.String() {
				t.Fatalf("key %s of %s", key, org)
			}
			want := balancer.Balance(kafka.Message{Key: key}, partitions...)
			if got := PartitionFor(org, n); int(got) != want {
				t.Fatalf("PartitionFor(%s, %d) = %d, the producer writes to %d", org, n, got, want)
			}
		}
	}
}

func TestPartitionForDoesNotAllocate(t *testing.T) {
	org := uuid.New()
	if n := testing.AllocsPerRun(100, func() { PartitionFor(org, 7) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
