package oracle

import (
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

func TestCloneSharesNothing(t *testing.T) {
	ev := &ingest.Event{LegID: []byte("leg"), AttachedUsers: []ingest.AttachedUser{{Priority: 1}},
		QueueGroups: []ingest.QueueGroup{{Name: []byte("group")}}, Callback: ingest.Callback{ContactNumber: []byte("555")}}
	c := Clone(ev)
	ev.LegID[0], ev.AttachedUsers[0].Priority, ev.QueueGroups[0].Name[0], ev.Callback.ContactNumber[0] = 'X', 9, 'X', 'X'
	if string(c.LegID) != "leg" || c.AttachedUsers[0].Priority != 1 || string(c.QueueGroups[0].Name) != "group" ||
		string(c.Callback.ContactNumber) != "555" {
		t.Errorf("the copy changed with the event: %+v", c)
	}
}

func TestEffectiveTime(t *testing.T) {
	s := aggregate.DefaultSettings()
	at := ingest.FromGo(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	for _, test := range []struct {
		name            string
		stamp, received ingest.Time
		want            ingest.Time
		clamped, ok     bool
	}{
		{"no receipt", at, ingest.Unset, at, false, true},
		{"within the skew", at.Add(s.FutureSkew), at, at.Add(s.FutureSkew), false, true},
		{"beyond the skew", at.Add(s.FutureSkew) + 1, at, at, true, true},
		{"a day ahead", at.Add(24 * time.Hour), at, at, true, true},
		{"more than a day ahead", at.Add(24*time.Hour) + 1, at, 0, false, false},
		{"before its receipt", at.Add(-48 * time.Hour), at, at.Add(-48 * time.Hour), false, true},
		{"1990", firstAccepted, ingest.Unset, firstAccepted, false, true},
		{"before 1990", firstAccepted - 1, ingest.Unset, 0, false, false},
		{"unset", ingest.Unset, at, 0, false, false},
		{"open-ended", ingest.OpenEnded, ingest.Unset, 0, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, clamped, ok := effectiveTime(&ingest.Event{Timestamp: test.stamp, ReceivedAt: test.received}, s)
			if got != test.want || clamped != test.clamped || ok != test.ok {
				t.Errorf("got %d %v %v, want %d %v %v", got, clamped, ok, test.want, test.clamped, test.ok)
			}
		})
	}
}
