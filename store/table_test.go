package store

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// pendingCalls shows the rows that wait, by call.
func pendingCalls(tab *table[callKey, aggregate.CallRow]) map[uuid.UUID]entry[aggregate.CallRow] {
	out := map[uuid.UUID]entry[aggregate.CallRow]{}
	for _, e := range tab.pending {
		out[e.row.CallID] = e
	}
	return out
}

func deletedCall(n int) aggregate.CallRow {
	r := call(n, 0)
	r.Deleted = true
	return r
}

func TestTableKeepsTheNewestRow(t *testing.T) {
	total := &backlog{}
	tab := newTable(callsSpec(), total)
	agents := []uuid.UUID{id(10)}
	open := call(1, aggregate.OutcomeOpen)
	open.AgentIDs = agents
	tab.add(0, 5, []aggregate.CallRow{open, call(2, aggregate.Answered), deletedCall(3), call(4, aggregate.OutcomeOpen)})
	agents[0] = id(99) // the caller uses its memory again
	tab.add(0, 7, []aggregate.CallRow{deletedCall(2), call(3, aggregate.Answered)})
	tab.add(0, 6, []aggregate.CallRow{call(2, aggregate.Lost), deletedCall(3)}) // older than what is there
	tab.add(0, 5, []aggregate.CallRow{call(4, aggregate.Answered)})             // of the same version: what came last
	got := pendingCalls(tab)
	for n, want := range map[int]struct {
		version uint64
		outcome aggregate.Outcome
		deleted bool
	}{1: {5, aggregate.OutcomeOpen, false}, 2: {7, 0, true}, 3: {7, aggregate.Answered, false}, 4: {5, aggregate.Answered, false}} {
		e := got[id(n)]
		if e.version != want.version || e.deleted != want.deleted || e.row.Outcome != want.outcome {
			t.Errorf("call %d: version %d, deleted %v, %s, want %+v", n, e.version, e.deleted, e.row.Outcome, want)
		}
	}
	if ids := got[id(1)].row.AgentIDs; !slices.Equal(ids, []uuid.UUID{id(10)}) {
		t.Errorf("the row shares memory with its caller: %v", ids)
	}
	outbound := call(1, aggregate.Answered)
	outbound.Direction = aggregate.Outbound
	second := call(1, aggregate.Answered)
	second.Visit++
	tab.add(0, 8, []aggregate.CallRow{outbound, second})
	if n := tab.pendingRows(); n != 6 {
		t.Errorf("%d rows wait, want 6: direction and visit are part of the key", n)
	}
}

func TestTableGivesBackWhatIsNotNewer(t *testing.T) {
	total := &backlog{}
	tab := newTable(callsSpec(), total)
	tab.add(0, 5, []aggregate.CallRow{call(1, aggregate.OutcomeOpen), call(2, aggregate.OutcomeOpen), call(3, aggregate.OutcomeOpen),
		call(4, aggregate.OutcomeOpen)})
	taken := tab.take()
	tab.add(0, 6, []aggregate.CallRow{call(2, aggregate.Answered)})
	tab.add(0, 4, []aggregate.CallRow{call(3, aggregate.Lost)})      // of an owner before
	tab.add(0, 5, []aggregate.CallRow{call(4, aggregate.Abandoned)}) // of the same version, and added later
	tab.giveBack(taken)
	got := pendingCalls(tab)
	for n, want := range map[int]struct {
		version uint64
		outcome aggregate.Outcome
	}{1: {5, aggregate.OutcomeOpen}, 2: {6, aggregate.Answered}, 3: {5, aggregate.OutcomeOpen}, 4: {5, aggregate.Abandoned}} {
		if e := got[id(n)]; e.version != want.version || e.row.Outcome != want.outcome {
			t.Errorf("call %d has version %d and is %s, want %+v", n, e.version, e.row.Outcome, want)
		}
	}
	rows, bytes := total.rows.Load(), total.bytes.Load()
	sizes := 0
	for i := range tab.pending {
		sizes += tab.sizeOf(&tab.pending[i])
	}
	if int(rows) != len(tab.pending) || int(bytes) != sizes {
		t.Errorf("the backlog counts %d rows of %d bytes, want %d of %d", rows, bytes, len(tab.pending), sizes)
	}
	tab.settle(tab.take())
	if rows, bytes := total.rows.Load(), total.bytes.Load(); rows != 0 || bytes != 0 {
		t.Errorf("nothing waits, and the backlog counts %d rows of %d bytes", rows, bytes)
	}
}
