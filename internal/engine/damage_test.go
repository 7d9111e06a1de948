package engine

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"ringside/store"
)

// Each damage is said once, again when there is more, and counted for as long as it is there.
func TestDamageWatch(t *testing.T) {
	var log bytes.Buffer
	m := NewMetrics()
	w := damageWatch{log: slog.New(slog.NewTextHandler(&log, nil)), metrics: m, said: map[string]uint64{}}
	away := errors.New("connection refused")
	for i, tc := range []struct {
		found  []store.Damage
		err    error
		said   string // what the log has of it
		metric string // of calls; "": there is none
	}{
		{nil, nil, "", ""},
		{[]store.Damage{{Table: "calls", Parts: 2}}, nil, "table=calls parts=2", "2"},
		{[]store.Damage{{Table: "calls", Parts: 2}}, nil, "", "2"},
		{nil, away, "connection refused", "2"},
		{nil, away, "", "2"},
		{[]store.Damage{{Table: "calls", Parts: 2}, {Table: "events", Parts: 1}}, nil, "table=events parts=1", "2"},
		{[]store.Damage{{Table: "calls", Parts: 3}, {Table: "events", Parts: 1}}, nil, "table=calls parts=3", "3"},
		{[]store.Damage{{Table: "events", Parts: 1}}, nil, "", "0"},
		{[]store.Damage{{Table: "calls", Parts: 1}, {Table: "events", Parts: 1}}, nil, "table=calls parts=1", "1"},
		{nil, away, "connection refused", "1"},
	} {
		log.Reset()
		w.look(tc.found, tc.err)
		lines := strings.Count(log.String(), "\n")
		if !strings.Contains(log.String(), tc.said) || tc.said == "" && lines > 0 || tc.said != "" && lines != 1 {
			t.Errorf("step %d says %q, want %q", i, log.String(), tc.said)
		}
		var text bytes.Buffer
		m.Write(&text)
		_, value, _ := strings.Cut(text.String(), `ringside_store_damaged_parts{table="calls"} `)
		if value, _, _ = strings.Cut(value, "\n"); value != tc.metric {
			t.Errorf("step %d publishes %q, want %q", i, value, tc.metric)
		}
	}
}
