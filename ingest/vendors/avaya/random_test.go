package avaya_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ringside/aggregate"
)

// desk makes what the desktops show of random contacts, each clock ahead or behind by up to a second.
type desk struct {
	*rand.Rand
	lines    []string
	answered map[string]bool // contact and topic → an agent has had it
}

func (d *desk) line(at float64, agent int, what, contact, topic string) {
	skew := float64(agent%5)*0.5 - 1
	d.lines = append(d.lines, fmt.Sprintf("%.2f agent%d %s %s topic=%s", at+skew+10, agent, what, contact, topic))
}

// part is an agent's part in a contact: an offer that is accepted or not, holds, updates, and the end. It returns when it
// was accepted, 0 if it was not, and when it ended.
func (d *desk) part(at float64, agent int, contact, topic string) (accepted, end float64) {
	d.line(at, agent, "ALERTING", contact, topic)
	at += 3 + 10*d.Float64()
	if d.IntN(3) == 0 {
		d.line(at, agent, "END:ALERTING", contact, topic)
		return 0, at
	}
	accepted = at
	d.answered[contact+" "+topic] = true
	state := "ACTIVE"
	for range 1 + d.IntN(4) {
		d.line(at, agent, state, contact, topic)
		at += 3 + 30*d.Float64()
		state = []string{"ACTIVE", "HELD"}[d.IntN(2)]
	}
	if d.IntN(4) == 0 {
		d.line(at, agent, "ACW", contact, topic)
		at += 3 + 10*d.Float64()
		d.line(at, agent, "END:ACW", contact, topic)
		return accepted, at
	}
	d.line(at, agent, "END:"+state, contact, topic)
	return accepted, at
}

// contact passes from agent to agent, alone or in conference, for one topic or another.
func (d *desk) contact(contact string) {
	at, topic := 100*d.Float64(), "Support"
	agents := d.Perm(20)
	for i := range 1 + d.IntN(4) {
		if d.IntN(3) == 0 {
			topic = []string{"Support", "Sales", "Claims"}[d.IntN(3)]
		}
		accepted, end := d.part(at, agents[i], contact, topic)
		if at = end + 3*d.Float64(); accepted > 0 && d.IntN(3) == 0 {
			at = accepted + (end-accepted)*d.Float64() // a conference: the next one is offered it before this one leaves
		}
	}
}

// TestNothingStaysOpen: when the last card has ended, so has every visit; a visit is answered if an agent has had the
// contact, and no agent talks any more. In whatever order the events come, the rows are the same.
func TestNothingStaysOpen(t *testing.T) {
	visits := 0
	for seed := range uint64(150) {
		d := &desk{Rand: rand.New(rand.NewPCG(seed, 5)), answered: map[string]bool{}}
		for i := range 4 {
			d.contact(fmt.Sprintf("c%d", i))
		}
		inOrder, mixed := newWorld(), newWorld()
		slices.SortStableFunc(d.lines, func(a, b string) int { return compareTimes(a, b) })
		for _, line := range d.lines {
			inOrder.take(t, message(line))
		}
		d.Shuffle(len(d.lines), func(i, j int) { d.lines[i], d.lines[j] = d.lines[j], d.lines[i] })
		for _, line := range d.lines {
			mixed.take(t, message(line))
			if d.IntN(3) == 0 {
				mixed.take(t, message(line))
			}
		}
		if a, b := inOrder.calls(), mixed.calls(); a != b {
			t.Fatalf("seed %d: in order\n%sshuffled\n%s", seed, a, b)
		}
		rows := inOrder.core.Rows()
		answered := 0
		for _, c := range rows.Calls {
			visits++
			if c.EndedAt == 0 || c.Flags&aggregate.FlagEndUnknown != 0 {
				t.Errorf("seed %d: a visit of %s has not ended:\n%s", seed, inOrder.names[c.QueueID], inOrder.calls())
			}
			if c.Outcome == aggregate.Answered {
				answered++
			}
		}
		if answered < len(d.answered) || len(rows.Orphans) > 0 {
			t.Errorf("seed %d: %d visits answered, %d contacts and topics were; %d orphans\n%s", seed, answered, len(d.answered), len(rows.Orphans), inOrder.calls())
		}
		for _, q := range rows.QueueStatus {
			if q.NbrOfAllocated != 0 || q.NbrOfConnected != 0 {
				t.Errorf("seed %d: %s: %d ringing, %d connected", seed, inOrder.names[q.QueueID], q.NbrOfAllocated, q.NbrOfConnected)
			}
		}
		if t.Failed() {
			for _, line := range slices.SortedStableFunc(slices.Values(d.lines), compareTimes) {
				t.Log(line)
			}
			return
		}
	}
	if visits < 600 {
		t.Errorf("only %d visits", visits)
	}
}

func compareTimes(a, b string) int {
	var x, y float64
	if _, err := fmt.Sscan(a, &x); err != nil {
		panic(err)
	}
	if _, err := fmt.Sscan(b, &y); err != nil {
		panic(err)
	}
	return int(1000*x) - int(1000*y)
}
