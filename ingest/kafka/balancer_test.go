package kafka

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/segmentio/kafka-go"
)

var threeTopics = []string{"queue-events", "user-events", "callback-events"}

func partitionsOf(n int, topics ...string) []kafka.Partition {
	var ps []kafka.Partition
	for _, t := range topics {
		for i := range n {
			ps = append(ps, kafka.Partition{Topic: t, ID: i})
		}
	}
	return ps
}

// member is one that has numbers from a generation before.
func member(t *testing.T, id string, topics []string, generation int32, numbers ...int32) kafka.GroupMember {
	t.Helper()
	var b balancer
	if numbers != nil {
		b.owned.Store(&claim{generation: generation, numbers: numbers})
	}
	data, err := b.UserData()
	if err != nil {
		t.Fatal(err)
	}
	return kafka.GroupMember{ID: id, Topics: topics, UserData: data}
}

func TestBalancerKeepsWhatMembersHave(t *testing.T) {
	m := func(id string, generation int32, numbers ...int32) kafka.GroupMember {
		return member(t, id, threeTopics, generation, numbers...)
	}
	for _, tc := range []struct {
		name    string
		members []kafka.GroupMember
		n       int
		want    string
	}{
		{"first member", []kafka.GroupMember{m("a", 0)}, 4, "map[a:[0 1 2 3]]"},
		{"second joins", []kafka.GroupMember{m("a", 1, 0, 1, 2, 3), m("b", 0)}, 4, "map[a:[0 1] b:[2 3]]"},
		{"newcomer sorts first", []kafka.GroupMember{m("a", 0), m("b", 1, 0, 1, 2, 3)}, 4, "map[a:[2 3] b:[0 1]]"},
		{"one leaves", []kafka.GroupMember{m("b", 2, 2, 3)}, 4, "map[b:[0 1 2 3]]"},
		{"odd number stays", []kafka.GroupMember{m("a", 1, 4), m("b", 1, 1, 2, 3)}, 5, "map[a:[0 4] b:[1 2 3]]"},
		{"later generation wins", []kafka.GroupMember{m("a", 3, 0, 1), m("b", 4, 1, 0)}, 2, "map[a:[1] b:[0]]"},
		{"more members than numbers", []kafka.GroupMember{m("a", 0), m("b", 1, 0), m("c", 0)}, 1, "map[b:[0]]"},
		{"claim beyond the topics", []kafka.GroupMember{m("a", 1, 7, 1)}, 2, "map[a:[0 1]]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := (&balancer{}).AssignGroups(tc.members, partitionsOf(tc.n, threeTopics...))
			got := map[string][]int{}
			for id, topics := range out {
				for _, topic := range threeTopics {
					if !slices.Equal(topics[topic], topics[threeTopics[0]]) {
						t.Errorf("%s has %v: numbers must go together", id, topics)
					}
				}
				if len(topics[threeTopics[0]]) > 0 {
					got[id] = topics[threeTopics[0]]
				}
			}
			if fmt.Sprint(got) != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
}

func TestBalancerGivesANumberInAllTopicsOrNone(t *testing.T) {
	out := (&balancer{}).AssignGroups(
		[]kafka.GroupMember{member(t, "a", threeTopics, 0)},
		append(partitionsOf(3, threeTopics[:2]...), partitionsOf(2, threeTopics[2])...))
	if got := fmt.Sprint(out["a"]); got != "map[callback-events:[0 1] queue-events:[0 1] user-events:[0 1]]" {
		t.Errorf("got %s", got)
	}
}

func TestBalancerPassesOverMembersWithOtherTopics(t *testing.T) {
	out := (&balancer{}).AssignGroups([]kafka.GroupMember{
		member(t, "a", threeTopics[:1], 1, 0, 1),
		member(t, "b", threeTopics, 0),
	}, partitionsOf(2, threeTopics...))
	if len(out["a"]) != 0 || len(out["b"]) != 3 {
		t.Errorf("got %v", out)
	}
}

func TestBalancerIgnoresClaimsItCannotRead(t *testing.T) {
	for _, data := range [][]byte{{9, 9, 9}, {1}, {1, 0x80}, {1, 2, 0xff}} {
		m := kafka.GroupMember{ID: "a", Topics: threeTopics, UserData: data}
		out := (&balancer{}).AssignGroups([]kafka.GroupMember{m}, partitionsOf(2, threeTopics...))
		if got := fmt.Sprint(out["a"][threeTopics[0]]); got != "[0 1]" {
			t.Errorf("%v: got %s", data, got)
		}
	}
}

// Members come and go at random: the spread stays even, and no number moves that need not.
func TestBalancerMovesAsFewAsPossible(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(20)
		numbers := make([]int32, n)
		for i := range numbers {
			numbers[i] = int32(i)
		}
		owned := map[string]claim{}
		for generation := int32(1); generation < 12; generation++ {
			var ids []string
			for i := range 6 {
				if id := fmt.Sprint("m", i); r.IntN(2) == 0 || i == 0 {
					ids = append(ids, id)
				}
			}
			claims := map[string]claim{}
			for _, id := range ids {
				claims[id] = owned[id]
			}
			held := holders(ids, claims, numbers)
			out := assign(slices.Clone(ids), claims, numbers)
			checkSpread(t, out, ids, n)
			kept := 0
			for _, id := range ids {
				for _, number := range out[id] {
					if slices.Contains(held[id], int32(number)) {
						kept++
					}
				}
			}
			if want := mostKept(held, ids, n); kept != want {
				t.Fatalf("seed %d: %d numbers stay, %d could: %v → %v", seed, kept, want, held, out)
			}
			for _, id := range ids {
				c := claim{generation: generation}
				for _, number := range out[id] {
					c.numbers = append(c.numbers, int32(number))
				}
				owned[id] = c
			}
		}
	}
}

func checkSpread(t *testing.T, out map[string][]int, ids []string, n int) {
	t.Helper()
	var all []int
	for _, id := range ids {
		if c := len(out[id]); c != n/len(ids) && c != n/len(ids)+1 {
			t.Fatalf("%s has %d of %d numbers among %d members", id, c, n, len(ids))
		}
		all = append(all, out[id]...)
	}
	slices.Sort(all)
	for i, number := range all {
		if number != i {
			t.Fatalf("numbers %v", all)
		}
	}
	if len(all) != n {
		t.Fatalf("numbers %v of %d", all, n)
	}
}

// mostKept is how many numbers can stay under an even spread: each member keeps up to the smaller share, and as many
// members as there are odd numbers keep one more.
func mostKept(held map[string][]int32, ids []string, n int) int {
	base, odd := n/len(ids), n%len(ids)
	kept, more := 0, 0
	for _, id := range ids {
		kept += min(len(held[id]), base)
		if len(held[id]) > base {
			more++
		}
	}
	return kept + min(more, odd)
}
