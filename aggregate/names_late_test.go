package aggregate_test

import (
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// A queue east of Greenwich is renamed after its local midnight and before that of UTC, by which the row of its date has
// its name: the row is the same whether that night is settled event by event or in one go.
func TestRenamedBetweenTheMidnights(t *testing.T) {
	at := func(hour, minute int) ingest.Time {
		return ingest.FromGo(time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC))
	}
	sales, call := number('q', 1), number('c', 1)
	changed := func(name string) ingest.Event {
		return ingest.Event{Type: ingest.QueueChanged, QueueID: sales, QueueName: []byte(name), Region: []byte("Europe/Helsinki")}
	}
	steps := []struct {
		at    ingest.Time
		event ingest.Event
	}{
		{at(9, 0), changed("Sales")},
		{at(10, 0), ingest.Event{Type: ingest.QueueCallInArrived, QueueID: sales, CallID: call}},
		{at(10, 1), ingest.Event{Type: ingest.QueueCallInDisconnected, QueueID: sales, CallID: call}},
		{at(21, 0), ingest.Event{Type: ingest.UserSetting}},
		{at(23, 5), ingest.Event{Type: ingest.UserSetting}}, // local midnight is 22:00, the lateness an hour
		{at(23, 10), changed("Sales & Service")},
		{at(23, 30), ingest.Event{Type: ingest.UserSetting}},
	}
	set := aggregate.DefaultSettings()
	set.Zone = func(name string) (*time.Location, bool) {
		zone, err := time.LoadLocation(name)
		return zone, err == nil
	}
	for _, eachStep := range []bool{false, true} {
		f := &feeder{tb: t, core: aggregate.New(set)}
		rows, name := &aggregate.Rows{}, ""
		drain := func() {
			f.core.Drain(aggregate.DrainAll, rows)
			for i := range rows.Daily {
				name = rows.Daily[i].QueueName
			}
			rows.Reset()
		}
		for _, s := range steps {
			f.at = s.at
			f.must(s.event)
			if eachStep {
				drain()
			}
		}
		if drain(); name != "Sales & Service" {
			t.Errorf("settled at each step: %v; the day's row calls the queue %q", eachStep, name)
		}
	}
}
