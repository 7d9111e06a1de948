package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"ringside/ingest"
)

// Shuffle returns the events in another order of delivery, in which no event comes later than within after its own
// time: each is held up by a random part of within. Events held up alike keep their order. Event.At stays.
func Shuffle(events []Event, within time.Duration, seed uint64) []Event {
	rng := rand.New(rand.NewPCG(seed, 3))
	type delivery struct {
		at ingest.Time
		ev Event
	}
	order := make([]delivery, len(events))
	for i, ev := range events {
		order[i] = delivery{ev.At + ingest.Time(rng.Int64N(int64(within/100)+1)), ev}
	}
	slices.SortStableFunc(order, func(a, b delivery) int { return cmp.Compare(a.at, b.at) })
	out := make([]Event, len(events))
	for i := range order {
		out[i] = order[i].ev
	}
	return out
}

// Displacement returns how far behind the greatest time before it the most belated of events comes.
func Displacement(events []Event) time.Duration {
	var horizon, worst ingest.Time
	for i := range events {
		horizon = max(horizon, events[i].At)
		worst = max(worst, horizon-events[i].At)
	}
	return time.Duration(worst) * 100
}

// Delay moves the delivery of the events that match by the given time, and leaves the others in order.
func Delay(events []Event, by time.Duration, match func(*Event) bool) []Event {
	var out, held []Event
	for _, ev := range events {
		for len(held) > 0 && held[0].At.Add(by) <= ev.At {
			out, held = append(out, held[0]), held[1:]
		}
		if match(&ev) {
			held = append(held, ev)
			continue
		}
		out = append(out, ev)
	}
	return append(out, held...)
}

// Duplicate repeats every n-th event, some events after the original.
func Duplicate(events []Event, every int) []Event {
	const later = 7
	if every < 1 {
		panic("BUG: sim.Duplicate of every < 1")
	}
	out := make([]Event, 0, len(events)+len(events)/every)
	for i := range events {
		out = append(out, events[i])
		if i >= later && (i-later)%every == 0 {
			out = append(out, events[i-later])
		}
	}
	for i := max(0, len(events)-later); i < len(events); i++ {
		if i%every == 0 {
			out = append(out, events[i])
		}
	}
	return out
}

// Batches cuts the events into runs of random length from 1 to most.
func Batches(events []Event, most int, seed uint64) (batches [][]Event) {
	rng := rand.New(rand.NewPCG(seed, 4))
	for len(events) > 0 {
		n := min(len(events), 1+rng.IntN(most))
		batches = append(batches, events[:n:n])
		events = events[n:]
	}
	return batches
}

// ByTopic splits the events as the topics do, each in the order given.
func ByTopic(events []Event) map[string][]Event {
	out := map[string][]Event{}
	for _, ev := range events {
		out[ev.Topic] = append(out[ev.Topic], ev)
	}
	return out
}
