package kafka

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/segmentio/kafka-go"
)

// protocolName is what members of a group must share; consumers of another kind are kept out by it.
const protocolName = "ringside"

// balancer assigns partition numbers: a member gets a number in all topics or in none, and keeps what it had as far as
// an even spread allows. Each member says what it has when it joins.
type balancer struct {
	owned atomic.Pointer[claim]
}

// claim is what a member had in the generation before.
type claim struct {
	generation int32
	numbers    []int32
}

func (*balancer) ProtocolName() string { return protocolName }

// UserData is the member's claim: a version, the generation, the numbers.
func (b *balancer) UserData() ([]byte, error) {
	c := b.owned.Load()
	if c == nil {
		return nil, nil
	}
	data := []byte{1}
	data = binary.AppendVarint(data, int64(c.generation))
	for _, n := range c.numbers {
		data = binary.AppendVarint(data, int64(n))
	}
	return data, nil
}

// parseClaim returns an empty claim for what it does not understand: a member of another version.
func parseClaim(data []byte) claim {
	if len(data) == 0 || data[0] != 1 {
		return claim{generation: -1}
	}
	generation, i := varint(data, 1)
	if i < 0 {
		return claim{generation: -1}
	}
	c := claim{generation: int32(generation)}
	for i < len(data) {
		var n int64
		if n, i = varint(data, i); i < 0 {
			return claim{generation: -1}
		}
		c.numbers = append(c.numbers, int32(n))
	}
	return c
}

// AssignGroups implements kafka.GroupBalancer.
func (*balancer) AssignGroups(members []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	topics, members := sameTopics(members)
	numbers := commonNumbers(topics, partitions)
	claims := make(map[string]claim, len(members))
	ids := make([]string, len(members))
	for i, m := range members {
		claims[m.ID] = parseClaim(m.UserData)
		ids[i] = m.ID
	}
	out := kafka.GroupMemberAssignments{}
	for id, numbers := range assign(ids, claims, numbers) {
		out[id] = map[string][]int{}
		for _, t := range topics {
			out[id][t] = numbers
		}
	}
	return out
}

// sameTopics returns the members that consume the same topics, and these. Members are configured alike; while that is
// being changed, one process after the other, those with more topics (then: the more members) go on and the others
// wait, since a number must have one owner in all topics.
func sameTopics(members []kafka.GroupMember) (topics []string, same []kafka.GroupMember) {
	sets := map[string][]kafka.GroupMember{}
	for _, m := range members {
		names := slices.Sorted(slices.Values(m.Topics))
		key := strings.Join(names, "\x00")
		sets[key] = append(sets[key], m)
	}
	var best string
	for _, key := range slices.Sorted(maps.Keys(sets)) {
		n, most := strings.Count(key, "\x00"), strings.Count(best, "\x00")
		if same == nil || n > most || n == most && len(sets[key]) > len(same) {
			best, same = key, sets[key]
		}
	}
	if same == nil {
		return nil, nil
	}
	return strings.Split(best, "\x00"), same
}

// commonNumbers returns the partition numbers that exist in every topic.
func commonNumbers(topics []string, partitions []kafka.Partition) []int32 {
	count := map[int32]int{}
	for _, p := range partitions {
		if slices.Contains(topics, p.Topic) {
			count[int32(p.ID)]++
		}
	}
	var numbers []int32
	for n, c := range count {
		if c == len(topics) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// assign spreads numbers over members so that their counts differ by at most one and as few as possible move.
func assign(ids []string, claims map[string]claim, numbers []int32) map[string][]int {
	out := make(map[string][]int, len(ids))
	if len(ids) == 0 {
		return out
	}
	held := holders(ids, claims, numbers)
	// Who holds more keeps more: the odd numbers stay where they are.
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(held[b]), len(held[a])), cmp.Compare(a, b))
	})
	base, odd := len(numbers)/len(ids), len(numbers)%len(ids)
	quota := func(i int) int {
		if i < odd {
			return base + 1
		}
		return base
	}
	taken := map[int32]bool{}
	for i, id := range ids {
		for _, n := range held[id][:min(quota(i), len(held[id]))] {
			out[id] = append(out[id], int(n))
			taken[n] = true
		}
	}
	i := 0
	for _, n := range numbers {
		if taken[n] {
			continue
		}
		for len(out[ids[i]]) == quota(i) {
			i++
		}
		out[ids[i]] = append(out[ids[i]], int(n))
	}
	for _, id := range ids {
		slices.Sort(out[id])
	}
	return out
}

// holders resolves the claims: of two members that claim a number, the one of the later generation has it.
func holders(ids []string, claims map[string]claim, numbers []int32) map[string][]int32 {
	held := map[string][]int32{}
	for _, n := range numbers {
		var holder string
		for _, id := range slices.Sorted(slices.Values(ids)) {
			if !slices.Contains(claims[id].numbers, n) {
				continue
			}
			if holder == "" || claims[id].generation > claims[holder].generation {
				holder = id
			}
		}
		if holder != "" {
			held[holder] = append(held[holder], n)
		}
	}
	return held
}
