package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
)

// FuzzRead holds the reader to encoding/json: what is read is what the message says.
func FuzzRead(f *testing.F) {
	for _, more := range []string{
		`"data":{"a":[1,{"b":null}]}`, `"data":null`, `"data":[],"data":true`, `"id":"run-7"`, `"id":7`, `"organization":"acme"`,
		`"organization":"\u0000\ud83d"`, `"agentName":"J\u00e4ne"`, `"time":1772438483456.5`, `"time":"1e3"`, `"time":-1e400`,
		`"time":"2026-03-02 10:01:23+02"`, `"source":"enreach"`, `"agent":{}`, `"Agent":"x"`, `"ag\u0065nt":"x"`, `"agent":"` + zero + `"`,
	} {
		f.Add([]byte(message(more)))
	}
	f.Add([]byte(`{"event":"a","organization":"b","time":1}`))
	r := NewReader(source) // one for all: nothing of one message may reach the next
	f.Fuzz(func(t *testing.T, m []byte) {
		var e ingest.Event
		before := string(m)
		got, err := r.Read(m, &e)
		if string(m) != before {
			t.Fatalf("the message %q was changed", before)
		}
		var reject *ingest.DecodeError
		if err != nil && (!errors.As(err, &reject) || reject.Offset < 0 || reject.Offset > len(m)) {
			t.Fatalf("%q: %#v", m, err)
		}
		if malformed := err != nil && reject.Reason == ingest.RejectMalformed; malformed == isObject(m) {
			t.Fatalf("%q: %v", m, err)
		}
		if err == nil {
			compare(t, m, &e, got)
		}
	})
}

func isObject(m []byte) bool {
	return json.Valid(m) && bytes.HasPrefix(bytes.TrimLeft(m, " \t\r\n"), []byte("{"))
}

// compare holds an accepted message to what encoding/json makes of it.
func compare(t *testing.T, m []byte, e *ingest.Event, got Envelope) {
	t.Helper()
	last := lastMembers(m)
	text := func(name string) string {
		raw := last[name]
		var s string
		if len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
			return string(raw)
		}
		return s
	}
	named := func(kind Kind, within, s string) uuid.UUID {
		var u uuid.UUID
		if s == "" || scan.ParseUUID([]byte(s), &u) {
			return u
		}
		return v5(source, within, string(kind), s)
	}
	wantOrg := named(Organization, "", text("organization"))
	wantName := text("agentName")
	if wantName == "" {
		wantName = text("agent")
	}
	wantID := named(Event, wantOrg.String(), text("id"))
	if wantID == uuid.Nil {
		wantID = uuid.NewSHA1(Namespace, m)
	}
	if e.OrganizationID != wantOrg || e.ID != wantID || e.UserID != named(Agent, wantOrg.String(), text("agent")) ||
		string(e.UserName) != wantName || string(e.TypeName) != text("event") || string(got.Agent) != text("agent") {
		t.Fatalf("%q: %s %s %s %q %q", m, e.OrganizationID, e.ID, e.UserID, e.UserName, e.TypeName)
	}
	if !bytes.Equal(got.Data, last["data"]) || len(got.Data) > 0 && !bytes.Equal(m[got.DataOffset:][:len(got.Data)], got.Data) {
		t.Fatalf("%q: data %q at %d, want %q", m, got.Data, got.DataOffset, last["data"])
	}
	want, ok := scan.ParseTime([]byte(text("time")))
	if !ok {
		ms, err := strconv.ParseFloat(text("time"), 64)
		if err != nil {
			t.Fatalf("%q: accepted, but %v", m, err)
		}
		want = ingest.FromMicros(int64(math.Round(ms * 1000)))
	}
	if e.Timestamp != want || text("source") != "" && text("source") != source {
		t.Fatalf("%q: time %d, want %d, source %q", m, e.Timestamp, want, text("source"))
	}
}

// lastMembers returns of each member the last value that is not null.
func lastMembers(m []byte) map[string]json.RawMessage {
	last := map[string]json.RawMessage{}
	d := json.NewDecoder(bytes.NewReader(m))
	if _, err := d.Token(); err != nil {
		panic(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			panic(err)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			panic(err)
		}
		if strings.TrimSpace(string(raw)) != "null" {
			last[name.(string)] = raw
		}
	}
	return last
}
