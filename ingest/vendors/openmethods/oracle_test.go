package openmethods

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"ringside/ingest"
	"ringside/ingest/vendors/envelope"
)

// The oracle reads a payload with encoding/json. The envelope is read by package envelope, which has an oracle of its own.

type pair struct {
	name string
	raw  json.RawMessage
}

// ordered returns the members of an object in their order, nil if it is none.
func ordered(raw json.RawMessage) (all []pair) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	all = []pair{}
	for d.More() {
		key, _ := d.Token()
		p := pair{name: key.(string)}
		if d.Decode(&p.raw) != nil {
			return nil
		}
		all = append(all, p)
	}
	return all
}

// plain is the text of a value that is none of several: nothing for null, ok false for an object or list.
func plain(raw json.RawMessage) (text string, null, ok bool) {
	switch raw[0] {
	case '{', '[':
		return "", false, false
	case 'n':
		return "", true, true
	case '"':
		return text, false, json.Unmarshal(raw, &text) == nil
	}
	return string(raw), false, true
}

type oracle struct {
	top                      map[string]string
	state, reason, kind, bad string
	context                  string
}

func set(to *string, raw json.RawMessage) {
	if text, null, ok := plain(raw); ok && !null {
		*to = text
	}
}

func (o *oracle) data(raw json.RawMessage, depth int) {
	if depth > 3 {
		return
	}
	for _, m := range ordered(raw) {
		nested := m.raw[0] == '{'
		switch m.name {
		case "state", "currentState", "newState":
			if nested {
				o.data(m.raw, depth+1)
			} else {
				set(&o.state, m.raw)
			}
		case "name", "status", "value":
			if depth > 0 && o.state == "" {
				set(&o.state, m.raw)
			}
		case "reason", "reasonCode":
			if !nested {
				set(&o.reason, m.raw)
			}
			for _, in := range ordered(m.raw) {
				if in.name == "code" || in.name == "name" || in.name == "value" {
					set(&o.reason, in.raw)
				}
			}
		case "type":
			if depth == 0 {
				set(&o.kind, m.raw)
			}
		case "channel", "interaction":
			for _, in := range ordered(m.raw) {
				if in.name == "type" {
					set(&o.kind, in.raw)
				}
			}
		}
	}
}

func (o *oracle) about(raw json.RawMessage, depth int) {
	if depth > 4 {
		return
	}
	for _, m := range ordered(raw) {
		switch object := strings.Contains(" session channel interaction conversation ", " "+m.name+" ") && !strings.Contains(m.name, " "); {
		case object && m.name != "" && m.raw[0] == '{':
			if depth == 0 {
				o.context = m.name
			}
			o.about(m.raw, depth+1)
		case m.name == "type" && o.kind == "":
			set(&o.kind, m.raw)
		}
	}
}

// oracleRead reads a payload; bad is the member at fault.
func oracleRead(raw json.RawMessage) *oracle {
	o := &oracle{top: map[string]string{}}
	for _, m := range ordered(raw) {
		switch m.name {
		case "messageType", "name", "command", "target", "result":
			text, null, ok := plain(m.raw)
			if !ok {
				o.bad = m.name
				return o
			}
			if !null {
				o.top[m.name] = text
			}
		case "data":
			o.data(m.raw, 0)
		case "context":
			o.context = ""
			o.about(m.raw, 0)
		}
	}
	return o
}

var letters = regexp.MustCompile(`[^a-z]`)

func asciiLower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// oracleTypes are the events that a message must come to.
func oracleTypes(name string, o *oracle) (types, availability, field string) {
	if o.top["command"] != "" && o.top["result"] != "success" {
		return "", "", ""
	}
	path := strings.Split(o.top["target"], ".")
	for _, part := range path {
		if part == "" || len(path) > 5 {
			return "", "", "data.target"
		}
	}
	switch name {
	case "session.start":
		return "UserAvailability", "Away", ""
	case "session.request.logout":
		return "UserAvailability", "OffWork", ""
	}
	word := letters.ReplaceAllString(asciiLower(o.state), "")
	s := words[word]
	object, _, _ := strings.Cut(name, ".")
	if object == "state" {
		if object = o.context; object == "" {
			object = map[int]string{2: "channel", 3: "interaction", 5: "conversation"}[len(path)]
			if len(path) == 3 && (s == ready || s == notReady || s == loggedOut) {
				object = "channel"
			} else if len(path) == 3 && s == unknownState {
				object = ""
			}
		}
	}
	if object == "channel" {
		if len(path) != 2 && len(path) != 3 || o.state == "" || s == alerting || s == active || s == held {
			return "", "", ""
		}
		return "UserAvailability", map[state]string{ready: "Available", notReady: "Away", loggedOut: "OffWork", afterWork: "Busy", unknownState: o.state, ended: o.state}[s], ""
	}
	fits := object == "interaction" && (len(path) == 3 || len(path) == 4) || object == "conversation" && (len(path) == 4 || len(path) == 5)
	switch {
	case !fits && strings.HasSuffix(name, "state.updated") && object != "interaction" && object != "conversation":
		return "", "", ""
	case !fits:
		return "", "", "data.target"
	}
	const connected = "UserCallInUserConnected UserCallInHoldEnd"
	byName := map[string]string{"interaction.created": "UserCallInComing", "interaction.preview": "UserCallInUserAllocated", "interaction.ended": "UserCallInDisconnected",
		"interaction.accept": connected, "conversation.answer": connected, "interaction.consulttransfer": "UserCallInTransferConnected"}
	if types, ok := byName[name]; ok {
		return types, "", ""
	}
	if object == "interaction" && (s == ended || s == afterWork) {
		return "UserCallInDisconnected", "", ""
	}
	return map[state]string{alerting: "UserCallInUserAllocated", active: connected, held: "UserCallInUserConnected UserCallInHoldStart"}[s], "", ""
}

// FuzzDecode holds the decoder to the oracle: the same messages rejected, for the same field, and the same events of the
// others.
func FuzzDecode(f *testing.F) {
	for _, m := range examples(f) {
		f.Add(m)
	}
	for name := range events {
		f.Add([]byte(at(1, name, "s.c.i", is("Active"), ok)))
		f.Add([]byte(at(1, name, "s.g.c.i.v", is("HELD"), `"context":{"interaction":{"type":"Email"},"conversation":{}}`)))
	}
	for _, more := range []string{`"data":{"state":{"state":"held","value":"x"},"currentState":7,"reason":{"code":null,"name":"y"}}`, `"data":{"interaction":{"type":"CHAT"}}`,
		`"context":{"type":"x","channel":{"type":"y"}}`, `"result":{}`, `"data":{"state":"\ud83d ready"}`, "\"data\":{\"state\":\"\xffready\"}", `"command":"x","result":"failure"`} {
		f.Add([]byte(at(1, "state.updated", "s.c.i", more)))
	}
	f.Fuzz(compareWithOracle)
}

func compareWithOracle(t *testing.T, m []byte) {
	before := string(m)
	var e, outer ingest.Event
	d := New()
	more, err := d.Decode(m, 0, &e)
	found, outerErr := envelope.NewReader(ingest.SourceOpenMethods).Read(m, &outer)
	if outerErr != nil || events[string(outer.TypeName)] == kept {
		if (err == nil) != (outerErr == nil) || more || err == nil && e.Type != ingest.TypeUnknown {
			t.Fatalf("%q: %v, want %v", m, err, outerErr)
		}
		return
	}
	types, available, field := "", "", "data"
	if found.Data != nil && ordered(found.Data) != nil {
		o := oracleRead(found.Data)
		if field = "data." + o.bad; o.bad == "" {
			types, available, field = oracleTypes(string(outer.TypeName), o)
		}
	}
	if field == "" && types != "" && len(found.Agent) == 0 {
		field = "agent"
	}
	if reject, isReject := err.(*ingest.DecodeError); isReject || field != "" {
		if !isReject || reject.Field != field || reject.Offset < 0 || reject.Offset > len(m) {
			t.Fatalf("%q: %v, want a reject of %q", m, err, field)
		}
		return
	}
	want := strings.Fields(types)
	if len(want) == 0 && (more || e.Type != ingest.TypeUnknown) {
		t.Fatalf("%q: %s, want nothing", m, e.Type)
	}
	for part, name := range want {
		if more, err = d.Decode(m, part, &e); err != nil || more != (part+1 < len(want)) || e.Type.String() != name || string(e.Availability) != available {
			t.Fatalf("%q: part %d: %s %q, more %v, %v; want %s of %s, %q", m, part, e.Type, e.Availability, more, err, name, want, available)
		}
	}
	if string(m) != before {
		t.Fatalf("Decode changed the message %q", before)
	}
}
