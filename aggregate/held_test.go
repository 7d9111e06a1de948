package aggregate_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// What Held calls final is never written again, neither by the core that goes on nor by one that is restored, whatever
// comes late; and it does not wait for ever.
func TestHeldRowsAreAllThatChange(t *testing.T) {
	set := aggregate.DefaultSettings()
	set.Zone = ianaZone
	var events []ingest.Event
	forEachBankEvent(t, func(e *ingest.Event) { events = append(events, cloneEvent(e)) })
	order := shuffled(rand.New(rand.NewPCG(5, 6)), events, 30*60*ingest.TicksPerSecond)
	organization := events[0].OrganizationID
	c := aggregate.New(set)
	if _, known := c.Held(organization); known {
		t.Error("an organization is known before its first event")
	}
	var rows aggregate.Rows
	var last int32
	for i, at := range order {
		c.Apply(&events[at])
		if i%2000 != 1999 {
			continue
		}
		rows.Reset()
		c.Drain(aggregate.DrainAll, &rows)
		checkFinal(t, &rows, last)
		entities := snapshot(t, c)
		fresh := aggregate.New(set)
		for _, e := range entities {
			if err := fresh.Restore(e); err != nil {
				t.Fatal(err)
			}
		}
		held, known := fresh.Held(organization)
		if !known || held.Horizon != c.Horizon(organization) {
			t.Fatalf("held %v, known %v, want the horizon %v", held, known, c.Horizon(organization))
		}
		if held.Date < last {
			t.Fatalf("what was final is held again: %d after %d", held.Date, last)
		}
		if err := fresh.FinishRestore(); err != nil {
			t.Fatal(err)
		}
		rows.Reset()
		fresh.Drain(aggregate.DrainAll, &rows)
		checkFinal(t, &rows, held.Date)
		if behind := int32(held.Horizon.Micros()/(24*3600*1e6)) - held.Date; behind > 2 {
			t.Errorf("%d days are held", behind)
		}
		last = held.Date
	}
	if last == 0 {
		t.Fatal("there were too few events to look at what is held")
	}
}

func checkFinal(t *testing.T, rows *aggregate.Rows, before int32) {
	t.Helper()
	for i := range rows.Calls {
		if rows.Calls[i].CallDate < before {
			t.Fatalf("call %v of day %d is written, held from %d", rows.Calls[i].CallID, rows.Calls[i].CallDate, before)
		}
	}
	for i := range rows.Daily {
		if rows.Daily[i].QueueDate < before {
			t.Fatalf("day %d is written, held from %d", rows.Daily[i].QueueDate, before)
		}
	}
	for i := range rows.Intervals {
		if rows.Intervals[i].QueueDate < before {
			t.Fatalf("interval of day %d is written, held from %d", rows.Intervals[i].QueueDate, before)
		}
	}
}

// A call that goes on for days holds its first day.
func TestHeldByALongCall(t *testing.T) {
	c := aggregate.New(aggregate.DefaultSettings())
	organization, queue, call := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}
	begin := ingest.FromGo(time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC))
	day := int32(begin.Micros() / (24 * 3600 * 1e6))
	at := func(id byte, kind ingest.Type, after time.Duration, of uuid.UUID) {
		e := ingest.Event{Type: kind, ID: uuid.UUID{9, id}, OrganizationID: organization, QueueID: queue, CallID: of, Timestamp: begin.Add(after)}
		if r := c.Apply(&e); r != aggregate.Accepted {
			t.Fatal(r)
		}
		c.Settle()
	}
	want := func(date int32) {
		t.Helper()
		if h, _ := c.Held(organization); h.Date != date {
			t.Errorf("held from day %d, want %d", h.Date-day, date-day)
		}
	}
	at(1, ingest.QueueCallInArrived, 0, call)
	at(2, ingest.QueueCallInUserConnected, time.Minute, call)
	want(day)
	for i := range 5 {
		at(byte(10+i), ingest.QueueCallInHoldStart, time.Duration(i+1)*11*time.Hour, call)
	}
	want(day)
	at(20, ingest.QueueCallInDisconnected, 56*time.Hour, call)
	want(day)
	at(21, ingest.QueueChanged, 64*time.Hour, uuid.Nil) // the call is let go
	at(22, ingest.QueueChanged, 64*time.Hour+50*time.Minute, uuid.Nil)
	want(day) // its windows are looked at every hour
	at(23, ingest.QueueChanged, 66*time.Hour, uuid.Nil)
	want(day + 3) // 14:00 less the lateness is 1:00 on the same day in the westernmost zone
}
