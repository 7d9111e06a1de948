package brightpattern

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/vendors/envelope"
)

// The oracle reads a payload with encoding/json and works out what a visit is made of in its own way. The envelope around
// it is read by package envelope, which has an oracle of its own.

// told is a fact as the oracle expects it.
type told struct {
	typ       string
	at        int64 // ticks
	leg       string
	agentLeg  string
	tech      string
	queueName string
}

type oracleRecord struct {
	text    map[string]string
	times   map[string]int64 // ticks
	seconds float64
	has     bool
	users   []string
	user    map[string]string // names
	party   string
	bad     string
}

// oracleRead reads the members in their order, so that of a repeated one the last that is not null wins.
func oracleRead(data []byte) (r oracleRecord, ok bool) {
	r = oracleRecord{text: map[string]string{}, times: map[string]int64{}, user: map[string]string{}}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return r, false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return r, false
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return r, false
		}
		if !r.member(key.(string), raw) && r.bad == "" {
			r.bad = key.(string)
		}
	}
	return r, true
}

// oracleText is a string, or a number or boolean as it is written.
func oracleText(raw json.RawMessage) (text string, null, ok bool) {
	switch c := raw[0]; {
	case c == 'n':
		return "", true, true
	case c == '"':
		return text, false, json.Unmarshal(raw, &text) == nil
	case c == '{' || c == '[':
		return "", false, false
	}
	return string(raw), false, true
}

func (r *oracleRecord) member(name string, raw json.RawMessage) bool {
	switch name {
	case "interactionId", "globalInteractionId", "agentId", "type", "state", "callDirection", "origination", "service", "disposition", "phoneNumber", "ANI", "DNIS":
		text, null, ok := oracleText(raw)
		if ok && !null {
			r.text[name] = text
		}
		return ok
	case "startTime", "endTime":
		text, null, ok := oracleText(raw)
		if !ok || null || text == "" {
			return ok
		}
		ticks, ok := oracleInstant(text)
		if ok {
			r.times[name] = ticks
		}
		return ok
	case "duration":
		text, null, ok := oracleText(raw)
		if !ok || null || text == "" && raw[0] == '"' {
			return ok
		}
		seconds, ok := oracleNumber(text)
		if raw[0] == 't' || raw[0] == 'f' || !ok || seconds < 0 || seconds > 400*86400 {
			return false
		}
		r.seconds, r.has = seconds, true
	case "callParties":
		r.parties(raw)
	}
	return true
}

func oracleNumber(text string) (float64, bool) {
	if !json.Valid([]byte(text)) || text != strings.TrimSpace(text) || text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func oracleInstant(text string) (ticks int64, ok bool) {
	if n, ok := oracleNumber(text); ok {
		if math.Abs(n) < 1e11 {
			n *= 1000
		}
		return int64(math.Round(n*1000)) * 10, math.Abs(n) <= 253402300799999
	}
	e := &ingest.Event{}
	m, err := json.Marshal(map[string]any{"source": "x", "event": "x", "organization": "x", "time": text})
	if err != nil {
		return 0, false
	}
	if _, err := envelope.NewReader("x").Read(m, e); err != nil || e.Timestamp == ingest.OpenEnded { // RFC 3339 as in an envelope
		return 0, strings.HasPrefix(text, "0001-01-01") && len(text) >= 19 && err != nil && oracleUnset(text)
	}
	return int64(e.Timestamp), true
}

// oracleUnset tells whether text is one of the spellings of "no time".
func oracleUnset(text string) bool {
	_, err := time.Parse(time.RFC3339Nano, text)
	_, plain := time.Parse("2006-01-02T15:04:05.999999999", text)
	return err == nil || plain == nil
}

func (r *oracleRecord) parties(raw json.RawMessage) {
	var list []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		return
	}
	r.users, r.party = nil, ""
	for _, entry := range list {
		if entry[0] != '{' {
			continue
		}
		party := map[string]string{}
		d := json.NewDecoder(bytes.NewReader(entry))
		_, _ = d.Token()
		for d.More() {
			key, _ := d.Token()
			var value json.RawMessage
			if d.Decode(&value) != nil {
				return
			}
			if text, null, ok := oracleText(value); ok && !null {
				party[key.(string)] = text
			}
		}
		if user := party["userId"]; user != "" {
			r.users = append(r.users, user)
		} else if r.party == "" {
			r.party = party["phone"]
		}
	}
}

// oracleVisit is what a record must come to; field is that of a reject.
func oracleVisit(data []byte, agent string, seen ingest.Time) (facts []told, caller, field string) {
	r, ok := oracleRead(data)
	if !ok {
		return nil, "", "data"
	}
	id := r.text["interactionId"]
	if id == "" {
		id = r.text["globalInteractionId"]
	}
	if own := r.text["agentId"]; own != "" && own != uuid.Nil.String() {
		agent = own
	}
	start, end := r.times["startTime"], r.times["endTime"]
	length := int64(math.Round(r.seconds*1e6)) * 10
	if start == 0 && end != 0 && r.has {
		start = end - length
	}
	if end == 0 {
		if end = int64(seen); r.has {
			end = start + length
		}
	}
	switch {
	case r.bad != "":
		return nil, "", "data." + r.bad
	case id == "":
		return nil, "", "data.interactionId"
	case agent == "":
		return nil, "", "agent"
	case start == 0:
		return nil, "", "data.startTime"
	}
	end = max(end, start+10)
	start += 2
	if r.text["disposition"] == "" {
		end++
	}
	others := len(r.users) > 8
	for _, user := range r.users {
		others = others || user != agent
	}
	for _, number := range []string{r.party, r.text["ANI"], r.text["phoneNumber"]} {
		if number != "" {
			caller = number
		}
	}
	return r.facts(id, start, end, int64(seen), others), caller, ""
}

// facts is the table of docs/SOURCES.md.
func (r *oracleRecord) facts(id string, start, end, seen int64, others bool) (facts []told) {
	state, service := r.text["state"], r.text["service"]
	byHand := strings.Contains(" dialpad dialpad-search directory recent favorites workitem interaction contact-profile integration-api ", " "+r.text["origination"]+" ") &&
		r.text["origination"] != "" && !strings.Contains(r.text["origination"], " ")
	out := r.text["callDirection"] == "outbound" || r.text["callDirection"] == "" && byHand
	missed, early, wrapping := state == "delivery_pending", state == "queued" || state == "ivr", state == "wrap_up" || state == "wrap_up_hold"
	reached := !missed && !early
	queue := service
	if queue != "" {
		switch r.text["type"] {
		case "chat", "email":
			queue += " (" + r.text["type"] + ")"
		case "voice", "":
		default:
			queue += " (other)"
		}
	}
	add := func(typ string, at int64) *told {
		facts = append(facts, told{typ: typ, at: at, queueName: queue})
		return &facts[len(facts)-1]
	}
	prefix := map[[2]bool]string{{false, false}: "UserCallIn", {false, true}: "QueueCallIn", {true, false}: "UserCallOut", {true, true}: "QueueUserCallOut"}[[2]bool{out, service != ""}]
	switch {
	case out:
		add(prefix+"Going", start)
		if reached {
			add(prefix+"Connected", start)
		}
		add(prefix+"Disconnected", end).tech = r.text["disposition"]
	case early:
		add(prefix+"Coming", start)
		add(prefix+"Disconnected", end).tech = r.text["disposition"]
	case service == "":
		if missed {
			add(prefix+"UserAllocated", start)
		} else {
			add(prefix+"UserConnected", start)
		}
		add(prefix+"Disconnected", end).tech = r.text["disposition"]
	case missed:
		add(prefix+"UserAllocated", start)
		add(prefix+"UserCancelled", end)
		add(prefix+"Overflow", end)
	default:
		add(prefix+"UserAllocated", start)
		add(prefix+"UserConnected", start).agentLeg = id
		last := add(prefix+"Disconnected", end)
		last.tech = r.text["disposition"]
		if others {
			last.leg = id
		}
		if others && !wrapping {
			add("UserWrapUpStarted", end)
		}
	}
	if service != "" && wrapping {
		add("UserWrapUpStarted", end)
	}
	if service != "" && reached && !wrapping && !(others) {
		add("UserWrapUpTerminated", max(seen, end))
	}
	return facts
}

// FuzzDecode holds the decoder to the oracle: the same messages rejected, for the same field, and the same facts of the
// others.
func FuzzDecode(f *testing.F) {
	for _, m := range examples(f) {
		f.Add(m)
	}
	for _, s := range scenarios {
		for _, m := range s.records {
			f.Add([]byte(m))
		}
	}
	for _, more := range []string{`"duration":1e2`, `"duration":""`, `"startTime":"2026-03-02T09:00:00.1234567Z"`, `"endTime":true`, `"callParties":{"a":1}`,
		`"callParties":[null,[],{"userId":"ann","name":"A"},{"phone":5},{"phone":"6"}]`, `"service":7`, `"origination":"help"`, `"type":"sms"`,
		`"startTime":"0001-01-01T00:00:00"`, `"interactionId":"\ud800"`, "\"service\":\"\xff\"", `"agentId":"00000000-0000-0000-0000-000000000000"`} {
		f.Add([]byte(saved("ann", 0, 1, more)))
	}
	f.Fuzz(compareWithOracle)
}

func compareWithOracle(t *testing.T, m []byte) {
	var e, outer ingest.Event
	before := string(m)
	d := New()
	more, err := d.Decode(m, 0, &e)
	found, outerErr := envelope.NewReader(ingest.SourceBrightPattern).Read(m, &outer)
	if outerErr != nil || !events[string(outer.TypeName)] {
		if (err == nil) != (outerErr == nil) || more || err == nil && e.Type != ingest.TypeUnknown {
			t.Fatalf("%q: %v, want %v", m, err, outerErr)
		}
		return
	}
	facts, caller, field := []told(nil), "", "data"
	if found.Data != nil {
		agent := ""
		if outer.UserID != uuid.Nil {
			agent = string(found.Agent)
		}
		facts, caller, field = oracleVisit(found.Data, agent, outer.Timestamp)
	}
	if reject, ok := err.(*ingest.DecodeError); ok || field != "" {
		if !ok || reject.Field != field || reject.Offset < 0 || reject.Offset > len(m) {
			t.Fatalf("%q: %v, want a reject of %q", m, err, field)
		}
		return
	}
	for part, want := range facts {
		if more, err = d.Decode(m, part, &e); err != nil || more != (part+1 < len(facts)) {
			t.Fatalf("%q: part %d: %v, more %v; want %d parts", m, part, err, more, len(facts))
		}
		got := told{e.Type.String(), int64(e.Timestamp), string(e.LegID), string(e.AgentLegID), string(e.TechReason), string(e.QueueName)}
		if got != want || string(e.CallerNumber) != caller || e.OrganizationID != outer.OrganizationID || e.ID == uuid.Nil || e.CallID == uuid.Nil {
			t.Fatalf("%q: part %d:\ngot  %+v caller %q\nwant %+v caller %q", m, part, got, e.CallerNumber, want, caller)
		}
	}
	if string(m) != before {
		t.Fatalf("Decode changed the message %q", before)
	}
}
