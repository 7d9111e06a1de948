package envelope

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
)

const (
	source = "avaya"
	org    = "24422850-abc3-4525-9567-e2fd4bd0adcb"
	id     = "a6d991cb-282c-45de-97cc-95bf9ea3cba9"
	zero   = "00000000-0000-0000-0000-000000000000"
	at     = "2026-03-02T08:01:23.456Z"
)

// message returns a valid message with more members, which may repeat those of it.
func message(more ...string) string {
	return "{" + strings.Join(append([]string{
		`"source":"avaya"`, `"id":"` + id + `"`, `"event":"onX"`, `"organization":"` + org + `"`, `"agent":"jdoe"`, `"time":"` + at + `"`,
	}, more...), ",") + "}"
}

// v5 makes an id as the documentation says, with the library.
func v5(parts ...string) uuid.UUID {
	return uuid.NewSHA1(Namespace, []byte(strings.Join(parts, "\x00")))
}

func TestRead(t *testing.T) {
	when := ingest.Time(1772438483456 * 10_000)
	acme := v5(source, "", "organization", "acme")
	type want struct {
		id, org, user uuid.UUID
		name, data    string
		at            ingest.Time
	}
	usual := want{uuid.MustParse(id), uuid.MustParse(org), v5(source, org, "agent", "jdoe"), "jdoe", "", when}
	with := func(change func(w *want)) want {
		w := usual
		change(&w)
		return w
	}
	for m, w := range map[string]want{
		message(): usual,
		message(`"agentName":"J\u00e4ne"`, `"data":{"a":[1]}`):         with(func(w *want) { w.name, w.data = "Jäne", `{"a":[1]}` }),
		message(`"data":null`, `"more":{"time":1}`, `"Time":1`):        usual,
		message(`"data":true`):                                         with(func(w *want) { w.data = "true" }),
		message(`"time":1772438483456`):                                usual,
		message(`"time":"1772438483456"`):                              usual,
		message(`"time":1772438483456.1239`):                           with(func(w *want) { w.at += 1240 }),
		message(`"time":"2026-03-02T10:01:23.456+02:00"`):              usual,
		message(`"organization":"{` + strings.ToUpper(org) + `}"`):     usual,
		message(`"agent":"` + org + `"`):                               with(func(w *want) { w.user, w.name = uuid.MustParse(org), org }),
		message(`"agent":600008`):                                      with(func(w *want) { w.user, w.name = v5(source, org, "agent", "600008"), "600008" }),
		message(`"agent":""`):                                          with(func(w *want) { w.user, w.name = uuid.Nil, "" }),
		message(`"id":"run-7"`):                                        with(func(w *want) { w.id = v5(source, org, "event", "run-7") }),
		message(`"organization":"acme"`):                               with(func(w *want) { w.org, w.user = acme, v5(source, acme.String(), "agent", "jdoe") }),
		message(`"source":null`, `"agentName":null`, `"source":""`):    usual,
		`{"time":"` + at + `","organization":"` + org + `","event":1}`: {uuid.Nil, uuid.MustParse(org), uuid.Nil, "", "", when},
		message(`"id":"` + zero + `"`):                                 with(func(w *want) { w.id = uuid.Nil }),
	} {
		if w.id == uuid.Nil {
			w.id = uuid.NewSHA1(Namespace, []byte(m))
		}
		var e ingest.Event
		got, err := NewReader(source).Read([]byte(m), &e)
		if err != nil {
			t.Errorf("%s: %v", m, err)
			continue
		}
		if (want{e.ID, e.OrganizationID, e.UserID, string(e.UserName), string(got.Data), e.Timestamp}) != w {
			t.Errorf("%s:\ngot  %s %s %s %q %q %d\nwant %v", m, e.ID, e.OrganizationID, e.UserID, e.UserName, got.Data, e.Timestamp, w)
		}
		if m[got.DataOffset:got.DataOffset+len(got.Data)] != string(got.Data) {
			t.Errorf("%s: the data are not at %d", m, got.DataOffset)
		}
	}
}

func TestRejects(t *testing.T) {
	for _, c := range []struct {
		message string
		reason  ingest.RejectReason
		field   string
		rest    string // what stands at the offset
	}{
		{"", ingest.RejectMalformed, "", ""},
		{"\xef\xbb\xbf{}", ingest.RejectMalformed, "", "\xef\xbb\xbf{}"},
		{`[]`, ingest.RejectMalformed, "", `[]`},
		{message(`"data":{"a":tru}`), ingest.RejectMalformed, "", "}}"},
		{message() + "{}", ingest.RejectMalformed, "", "{}"},
		{message(`"time":[}`), ingest.RejectMalformed, "", "}}"},
		{message(`"source":"enreach"`), ingest.RejectBadField, "source", `"enreach"}`},
		{message(`"event":{}`), ingest.RejectBadField, "event", "{}}"},
		{message(`"event":""`), ingest.RejectBadField, "event", ""},
		{message(`"organization":["a"]`), ingest.RejectBadField, "organization", `["a"]}`},
		{message(`"organization":""`), ingest.RejectNoOrganization, "organization", ""},
		{message(`"organization":"` + zero + `"`), ingest.RejectNoOrganization, "organization", ""},
		{message(`"time":"yesterday"`), ingest.RejectBadField, "time", `"yesterday"}`},
		{message(`"time":1e300`), ingest.RejectBadField, "time", `1e300}`},
		{message(`"time":0`), ingest.RejectBadField, "time", ""},
		{message(`"time":"0001-01-01T00:00:00"`), ingest.RejectBadField, "time", ""},
		{`{"event":"onX","organization":"` + org + `"}`, ingest.RejectBadField, "time", ""},
		{message(`"agent":{"id":1}`, `"agentName":[]`), ingest.RejectBadField, "agent", `{"id":1},"agentName":[]}`},
	} {
		var e ingest.Event
		_, err := NewReader(source).Read([]byte(c.message), &e)
		var reject *ingest.DecodeError
		offset := len(c.message) - len(c.rest)
		if !errors.As(err, &reject) || reject.Reason != c.reason || reject.Field != c.field || reject.Offset != offset || reject.Detail == "" {
			t.Errorf("%s:\ngot  %#v\nwant %s %s at %d", c.message, err, c.reason, c.field, offset)
		}
	}
}

// A reject can name the organization, wherever the fault is.
func TestRejectKeepsWhatWasRead(t *testing.T) {
	for _, m := range []string{message(`"time":"never"`), message(`"data":`), message(`"source":"enreach"`)} {
		var e ingest.Event
		if _, err := NewReader(source).Read([]byte(m), &e); err == nil || e.OrganizationID.String() != org || string(e.TypeName) != "onX" {
			t.Errorf("%s: %v, organization %s", m, err, e.OrganizationID)
		}
	}
}

func TestNames(t *testing.T) {
	var e ingest.Event
	r := NewReader(source)
	if _, err := r.Read([]byte(message()), &e); err != nil {
		t.Fatal(err)
	}
	chat := QueueOf(ingest.ChannelChat)
	for _, c := range []struct {
		kind Kind
		text string
		want uuid.UUID
	}{
		{Call, "00142002901551796576", v5(source, org, "call", "00142002901551796576")},
		{QueueOf(ingest.ChannelVoice), "3007", v5(source, org, "queue", "3007")},
		{chat, "3007", v5(source, org, "queue.chat", "3007")},
		{QueueOf(ingest.ChannelEmail), "3007", v5(source, org, "queue.email", "3007")},
		{QueueOf(ingest.ChannelOther), "3007", v5(source, org, "queue.other", "3007")},
		{QueueOf(ingest.ChannelVoice), id, uuid.MustParse(id)},
		{chat, id, v5(source, org, "queue.chat", id)},
		{chat, zero, uuid.Nil},
		{Call, "", uuid.Nil},
		{Agent, id, uuid.MustParse(id)},
	} {
		if got := r.Name(c.kind, []byte(c.text)); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.kind, c.text, got, c.want)
		}
	}
	if a, b := r.Part(e.ID, 0), r.Part(e.ID, 12); a != e.ID || b != uuid.NewSHA1(e.ID, []byte("12")) {
		t.Errorf("parts 0 and 12 of %s: %s, %s", e.ID, a, b)
	}
	if got := r.Name(Agent, []byte("jdoe")).String(); got != "e04e679b-5176-5608-8f39-432b115d153b" {
		t.Errorf("jdoe is %s: it must never change", got)
	}
}

func TestNoAllocation(t *testing.T) {
	var e ingest.Event
	r := NewReader(source)
	m := []byte(message(`"agentName":"Jane"`, `"data":{"a":[1,2,{"b":"c"}]}`))
	text := []byte("3007")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := r.Read(m, &e); err != nil {
			t.Fatal(err)
		}
		e.QueueID = r.Name(QueueOf(ingest.ChannelChat), text)
		e.ID = r.Part(e.ID, 3)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
