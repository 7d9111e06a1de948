package oracle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ringside/ingest"
)

// Shrink drops events as long as differs stays true, and returns what is left: every event of it is needed. differs
// must be true for events.
func Shrink(events []*ingest.Event, differs func([]*ingest.Event) bool) []*ingest.Event {
	for size := max(1, len(events)/2); ; {
		dropped := false
		for from := 0; from < len(events); {
			to := min(from+size, len(events))
			fewer := slices.Concat(events[:from], events[to:])
			if differs(fewer) {
				events, dropped = fewer, true
			} else {
				from = to
			}
		}
		if !dropped && size == 1 {
			return events
		}
		if !dropped {
			size = max(1, size/2)
		}
	}
}

// Format writes events in the language of package scenario, in the order of their arrival, so that what Shrink has left
// can be made a file of testdata/scenarios.
func Format(events []*ingest.Event) string {
	if len(events) == 0 {
		return ""
	}
	base := events[0].Timestamp
	for _, ev := range events {
		base = min(base, ev.Timestamp)
	}
	base -= base % ingest.TicksPerSecond
	var b strings.Builder
	fmt.Fprintf(&b, "@%s\n", base.Go().Format(time.RFC3339))
	for _, ev := range events {
		words := []string{"+" + offset(ev.Timestamp-base)}
		if ev.CallID != [16]byte{} && ev.Type != ingest.CallbackChanged {
			words = append(words, Name(ev.CallID))
		}
		words = append(words, ev.Type.String())
		words = append(words, details(ev)...)
		if m := ev.Callback.Modified; m != ingest.Unset {
			words = append(words, "modified="+signed(m-base))
		}
		words = append(words, "id="+Name(ev.ID))
		b.WriteString(strings.Join(words, " ") + "\n")
	}
	return b.String()
}

func signed(t ingest.Time) string {
	if t < 0 {
		return "-" + offset(-t)
	}
	return "+" + offset(t)
}

func offset(t ingest.Time) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%07d", t/ingest.TicksPerSecond, t%ingest.TicksPerSecond), "0"), ".")
}

// details are the names and fields of an event that the generator sets.
func details(ev *ingest.Event) (words []string) {
	named := func(id [16]byte) {
		if id != [16]byte{} {
			words = append(words, Name(id))
		}
	}
	if ev.Type == ingest.CallbackChanged {
		named(ev.CallBackID)
	}
	if ev.Type == ingest.CallbackChanged && ev.QueueID != [16]byte{} {
		words = append(words, "queue="+Name(ev.QueueID))
	} else {
		named(ev.QueueID)
	}
	named(ev.UserID)
	named(ev.SupervisorUserID)
	for _, u := range ev.AttachedUsers {
		word := Name(u.UserID)
		if !u.Active {
			word += ":inactive"
		}
		words = append(words, word)
	}
	if ev.HasAttachedUsers && len(ev.AttachedUsers) == 0 {
		words = append(words, "nobody")
	}
	text := func(key string, value []byte) {
		if len(value) > 0 {
			words = append(words, key+"="+string(value))
		}
	}
	if ev.Type == ingest.CallbackChanged && ev.CallID != [16]byte{} {
		words = append(words, "call="+Name(ev.CallID))
	}
	text("leg", ev.LegID)
	text("agentleg", ev.AgentLegID)
	text("supervisorleg", ev.SupervisorLegID)
	text("reason", ev.Reason)
	text("overflow", ev.OverflowReason)
	text("type", ev.OverflowType)
	text("region", ev.Region)
	text("availability", ev.Availability)
	text("answer", ev.AllocationType)
	for _, t := range []struct {
		key string
		at  ingest.Time
	}{{"start", ev.StartTime}, {"until", ev.EndTime}, {"wrap", ev.Status.WrapUpStart}, {"wrapend", ev.Status.WrapUpEnd}} {
		switch {
		case t.at == ingest.OpenEnded: // of the year 9999, as the vendor writes it
			words = append(words, t.key+"=@9999-12-31T23:59:59Z")
		case t.at != ingest.Unset:
			words = append(words, t.key+"=@"+t.at.Go().Format(time.RFC3339Nano))
		}
	}
	integer := func(key string, n ingest.OptInt) {
		if n.Valid {
			words = append(words, fmt.Sprintf("%s=%d", key, n.Value))
		}
	}
	integer("max", ev.MaxWrapUpDurationSec)
	integer("elapsed", ev.ElapsedTimeSec)
	integer("type", ev.Callback.TypeID)
	words = append(words, callbackWords(ev)...)
	if ev.CallBackID != [16]byte{} && ev.Type != ingest.CallbackChanged {
		words = append(words, "callback="+Name(ev.CallBackID))
	}
	return append(words, flagWords(ev)...)
}

func flagWords(ev *ingest.Event) (words []string) {
	s := ev.Status
	for _, f := range []struct {
		set  bool
		word string
	}{{s.CanBeAllocatedTo, "free"}, {s.Talking, "talking"}, {s.Available, "available"}, {s.Schedule, "schedule"},
		{s.Serving, "serving"}, {s.ServingCallback, "callbacks"}, {s.FetchMode, "fetch"}, {ev.Active, "active"}, {ev.Deleted, "deleted"}} {
		if f.set {
			words = append(words, f.word)
		}
	}
	if s.ServiceTerminals != 0 {
		words = append(words, fmt.Sprintf("terminals=%d", s.ServiceTerminals))
	}
	if s.ParkedCalls != 0 {
		words = append(words, fmt.Sprintf("parked=%d", s.ParkedCalls))
	}
	return words
}
