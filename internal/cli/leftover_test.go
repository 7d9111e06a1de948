package cli

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/internal/sim"
)

// TestRowsOfAKilledEngineAreRemoved: a call is known from its user's events only and stands as a direct call when the
// engine is killed; then the queue's events come, and by now it was never direct. Its successor has never held such a
// row, and removes it all the same.
func TestRowsOfAKilledEngineAreRemoved(t *testing.T) {
	needStore(t)
	dir, address := t.TempDir(), ownBroker(t, 1)
	config := simulateDay(dayOptions{seed: 1, scale: .01}).configFile(t, dir, outside(address))
	day := newProducing(t, address)
	send := func(topic, typ, id, clock, fields string) {
		at, err := time.Parse(time.RFC3339, "2026-03-02T"+clock+"Z")
		if err != nil {
			t.Fatal(err)
		}
		day.send([]sim.Event{{At: ingest.FromGo(at), Topic: topic, Org: uuid.MustParse(organization), JSON: []byte(event(typ, id, clock, fields))}})
	}
	user := `,"UserId":"66666666-0000-4000-8000-000000000001","UserName":"aino@example.com"`
	send(sim.TopicUser, "UserCallInUserConnected", "000000000003", "10:00:30", user)
	p := runProcess(t, config)
	p.until("the direct call", func() bool { return selects(t, dir, "SELECT direction FROM calls") == "direct" })
	p.kill()
	send(sim.TopicQueue, "QueueCallInComing", "000000000001", "10:00:00", "")
	send(sim.TopicQueue, "QueueCallInArrived", "000000000002", "10:00:05", "")
	send(sim.TopicQueue, "QueueCallInUserConnected", "000000000004", "10:00:30", user)
	p = runProcess(t, config)
	p.caughtUp(1)
	p.swept(1, 1)
	p.stop()
	if got := selects(t, dir, "SELECT direction, outcome, wait_sec FROM calls"); got != "inbound\tanswered\t25" {
		t.Errorf("the calls are %q", got)
	}
}
