package aggregate_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// agentNow returns what a reader is shown of the only agent.
func agentNow(t *testing.T, c *aggregate.Core) aggregate.AgentStatusRow {
	t.Helper()
	var rows aggregate.Rows
	c.Current(&rows)
	if len(rows.Agents) != 1 {
		t.Fatalf("%d agents", len(rows.Agents))
	}
	return rows.Agents[0]
}

// TestStuckAgent: talking for longer than any answered call is held, and no longer once heard to have stopped; a restart
// does not forget it.
func TestStuckAgent(t *testing.T) {
	f := &feeder{tb: t, core: aggregate.New(aggregate.DefaultSettings()), at: boundsStart}
	talking := ingest.Event{Type: ingest.UserStatus, UserID: number('u', 1), Status: ingest.UserState{Talking: true, Available: true, Schedule: true, Serving: true}}
	f.core.Advance(f.at)
	f.must(talking)
	for _, step := range []struct {
		after time.Duration
		stuck bool
	}{{11 * time.Hour, false}, {12 * time.Hour, false}, {12*time.Hour + time.Second, true}} {
		f.core.Advance(boundsStart.Add(step.after))
		if got := agentNow(t, f.core); got.Stuck != step.stuck || got.State != aggregate.AgentTalking {
			t.Errorf("after %v: stuck %v, %v", step.after, got.Stuck, got.State)
		}
	}
	f.core.Drain(aggregate.DrainAll, &aggregate.Rows{})
	again := restore(t, aggregate.DefaultSettings(), snapshot(t, f.core))
	if !agentNow(t, again).Stuck {
		t.Error("a restart forgets that the agent is stuck")
	}
	f.at = boundsStart.Add(13 * time.Hour)
	talking.Status.Talking = false
	f.must(talking)
	if got := agentNow(t, f.core); got.Stuck {
		t.Errorf("stuck although %v", got.State)
	}
}

// TestQueueOfTwoCalls: of an agent in two calls at once the queue of the one that began last is shown, whatever came first.
func TestQueueOfTwoCalls(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		f := &feeder{tb: t, core: aggregate.New(aggregate.DefaultSettings())}
		for _, i := range order {
			f.at = boundsStart.Add(time.Duration(min(i, 1)) * time.Minute) // the last two at once
			f.must(ingest.Event{Type: ingest.QueueCallInUserConnected, QueueID: number('q', i), CallID: uuid.UUID{byte(i + 1)}, UserID: number('u', 1)})
		}
		if got := agentNow(t, f.core).QueueID; got != number('q', 2) {
			t.Errorf("order %v: queue %s", order, got)
		}
	}
}
