package avaya

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ringside/ingest"
	"ringside/ingest/vendors/vendortest"
)

const (
	org = "24422850-abc3-4525-9567-e2fd4bd0adcb"
	id  = "a6d991cb-282c-45de-97cc-95bf9ea3cba9"
)

// message returns a message of an event with a payload.
func message(event, data string) string {
	return `{"id":"` + id + `","event":"` + event + `","organization":"` + org + `","agent":"jdoe","time":"2026-03-02T08:01:23.456Z","data":` + data + `}`
}

// cardMessage returns the message of a card with more members, which may repeat those of it.
func cardMessage(event string, more ...string) string {
	return message(event, "{"+strings.Join(append([]string{`"id":"k1"`, `"contactId":"c1"`, `"channel":"VOICE"`, `"state":"ACTIVE"`,
		`"topic":"Support"`, `"topicId":"3007"`, `"direction":"INCOMING"`}, more...), ",")+"}")
}

// quirks are messages in which something is unusual; each is compared with the oracle and is a seed of FuzzDecode.
var quirks = []string{
	cardMessage("onInteractionEvent", `"state":"HELD"`, `"state":null`),
	cardMessage("onInteractionEvent", `"st\u0061te":"HELD"`, `"State":"ALERTING"`),
	cardMessage("onInteractionEvent", `"topic":"\u0054\ud83d"`, `"channel":"EMAIL"`),
	cardMessage("onInteractionEvent", `"topicId":3007`, `"channel":"SMS"`, `"contactId":12e3`),
	cardMessage("onInteractionEvent", `"topicId":"`+org+`"`, `"contactId":"{`+org+`}"`),
	cardMessage("onInteractionEvent", `"topicId":"`+org+`"`, `"channel":"CHAT"`),
	cardMessage("onInteractionEvent", `"topicId":""`, `"topic":null,"topic":""`, `"skillId":"9"`),
	cardMessage("onInteractionEvent", `"isConsult":"TRUE"`), cardMessage("onInteractionEvent", `"isConsult":1.2`), cardMessage("onInteractionEvent", `"isConsult":""`),
	cardMessage("onInteractionEvent", `"interactionType":"CONFERENCED"`, `"isConsult":true`),
	cardMessage("onInteractionEvent", `"interactionType":"CONFERENCED"`, `"topic":""`, `"topicId":""`),
	cardMessage("onInteractionEvent", `"state":"DEFERRED"`), cardMessage("onInteractionEndedEvent", `"state":"DEFERRED"`),
	cardMessage("onInteractionEndedEvent", `"state":"ALERTING"`, `"stateReason":"REJECTED"`),
	cardMessage("onInteractionEndedEvent", `"state":"ALERTING"`, `"stateReason":{"a":1}`),
	cardMessage("onInteractionEndedEvent", `"state":"AFTER_CALL_WORK"`, `"direction":"OUTGOING"`),
	cardMessage("onInteractionEvent", `"channel":"VIDEO"`, `"originatingAddress":358405512873`, `"destinationAddress":true`),
	cardMessage("onInteractionEvent", `"id":""`), cardMessage("onInteractionEvent", `"contactId":""`, `"workRequestId":"w"`),
	message("onAgentStateEvent", `{"currentState":"READY","lastStateChangeTime":"2026-03-02T08:01:23.456Z"}`),
	message("onAgentStateEvent", `{"currentState":"READY","lastStateChangeTime":"2026-03-02T07:31:23.456Z","resourceStates":{}}`),
	message("onAgentStateEvent", `{"currentState":"READY","lastStateChangeTime":"2026-03-02T07:31:23.455Z","resourceStates":{"A":{"state":"x"}}}`),
	message("onAgentStateEvent", `{"currentState":"READY","lastStateChangeTime":7,"resourceStates":{"A":null,"":{"state":"x"},"\u0042":{"state":1}}}`),
	message("onAgentStateEvent", `{"currentState":"SLEEPING","stateReason":"DEFAULT","resourceStates":{"A":{"state":"x"}},"resourceStates":null}`),
	message("onAgentStateEvent", `{"currentState":"READY","resourceStates":{"A":{"state":"x"}},"resourceStates":{"B":{"state":"y"},"B":{"state":"z","channelType":""}}}`),
	message("onTeamMemberEvent", `{"userHandle":"m","state":"READY","firstName":"M","lastName":"R\u00e9","channels":[{"channelType":"VOICE","state":"READY"},{}]}`),
	message("onTeamMemberEvent", `{"userHandle":"m","state":"READY","displayName":"M","firstName":[],"interactions":[{"state":"ACTIVE"}]}`),
	message("onResourceAcquiredEvent", `{"channel":"VOICE","state":"READY","agentId":"x"}`),
	strings.Replace(message("onResourceReleasedEvent", `{"channel":"VOICE","state":"READY","agentId":"x"}`), `"agent":"jdoe",`, "", 1),
	message("onChannelStatusUpdateEvent", `{"name":"Chat","ready":"true"}`),
	message("onChannelStatusUpdateEvent", `{"name":"Chat","ready":0,"reasonCode":5}`),
	message("onInteractionTabChange", "true"), message("onMessageEvent", `"text"`), message("onNewThing", "[1]"),
}

func TestQuirksAgreeWithOracle(t *testing.T) {
	for _, m := range quirks {
		if _, err := vendortest.Decode(t, New().Decode, []byte(m)); err != nil {
			t.Errorf("%s: %v", m, err)
		}
		compareWithOracle(t, []byte(m))
	}
	for _, m := range examples(t) {
		compareWithOracle(t, m)
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
		{message("onAgentStateEvent", `{"currentState":}`), ingest.RejectMalformed, "", "}}"},
		{message("onAgentStateEvent", `[]`), ingest.RejectBadField, "data", "[]}"},
		{message("onAgentStateEvent", `"READY"`), ingest.RejectBadField, "data", `"READY"}`},
		{message("onAgentStateEvent", `{}`), ingest.RejectBadField, "data.currentState", "}"},
		{message("onAgentStateEvent", `{"currentState":{}}`), ingest.RejectBadField, "data.currentState", "{}}}"},
		{message("onAgentStateEvent", `{"currentState":"READY","resourceStates":[]}`), ingest.RejectBadField, "data.resourceStates", "[]}}"},
		{message("onAgentStateEvent", `{"currentState":"READY","resourceStates":{"A":7}}`), ingest.RejectBadField, "data.resourceStates", `{"A":7}}}`},
		{message("onTeamMemberEvent", `{"state":"READY"}`), ingest.RejectBadField, "data.userHandle", "}"},
		{message("onTeamMemberEvent", `{"userHandle":"m"}`), ingest.RejectBadField, "data.state", "}"},
		{message("onTeamMemberEvent", `{"userHandle":"m","state":"READY","channels":[{"state":[]}]}`), ingest.RejectBadField, "data.channels", `[{"state":[]}]}}`},
		{message("onResourceAcquiredEvent", `{"state":"READY"}`), ingest.RejectBadField, "data.channel", "}"},
		{message("onChannelStatusUpdateEvent", `{"name":"a","ready":"perhaps"}`), ingest.RejectBadField, "data.ready", `"perhaps"}}`},
		{cardMessage("onInteractionEvent", `"state":""`), ingest.RejectBadField, "data.state", "}"},
		{cardMessage("onInteractionEvent", `"channel":""`), ingest.RejectBadField, "data.channel", "}"},
		{cardMessage("onInteractionEvent", `"id":""`, `"isConsult":true`), ingest.RejectBadField, "data.id", "}"},
		{cardMessage("onInteractionEvent", `"id":""`, `"contactId":""`), ingest.RejectBadField, "data.id", "}"},
		{cardMessage("onInteractionEvent", `"topic":["a"]`, `"isConsult":7`), ingest.RejectBadField, "data.topic", `["a"],"isConsult":7}}`},
		{strings.Replace(cardMessage("onInteractionEvent"), "jdoe", "", 1), ingest.RejectBadField, "agent", "}"},
		{strings.Replace(cardMessage("onInteractionEvent"), org, "", 1), ingest.RejectNoOrganization, "organization", ""},
		{strings.Replace(message("onAgentStateEvent", "1"), `,"data":1`, "", 1), ingest.RejectBadField, "data", ""},
	} {
		var e ingest.Event
		more, err := New().Decode([]byte(c.message), 0, &e)
		var reject *ingest.DecodeError
		offset := len(c.message) - len(c.rest)
		if more || !errors.As(err, &reject) || reject.Reason != c.reason || reject.Field != c.field || reject.Offset != offset || reject.Detail == "" {
			t.Errorf("%s:\ngot  %#v\nwant %s %s at %d", c.message, err, c.reason, c.field, offset)
		}
	}
}

// TestNothingCarriesOver decodes every pair of events with one decoder.
func TestNothingCarriesOver(t *testing.T) {
	all := examples(t)
	for first, a := range all {
		for _, b := range all {
			d := New()
			var e ingest.Event
			if _, err := d.Decode(a, 0, &e); err != nil {
				t.Fatal(err)
			}
			_, err := d.Decode(b, 0, &e)
			var want ingest.Event
			_, fresh := New().Decode(b, 0, &want)
			if err != nil || fresh != nil || vendortest.Dump(&e) != vendortest.Dump(&want) {
				t.Fatalf("after %s: %v %v, got\n%s\nwant\n%s", first, err, fresh, vendortest.Dump(&e), vendortest.Dump(&want))
			}
		}
	}
}

// TestTextStaysValid: a queue's name that was put together is not overwritten by the next messages.
func TestTextStaysValid(t *testing.T) {
	d := New()
	events := make([]ingest.Event, 5000)
	for i := range events {
		m := cardMessage("onInteractionEvent", `"channel":"CHAT"`, fmt.Sprintf(`"topic":"T%d"`, i))
		if _, err := d.Decode([]byte(m), 0, &events[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range events {
		if want := fmt.Sprintf("T%d (chat)", i); string(events[i].QueueName) != want {
			t.Fatalf("event %d has QueueName %q", i, events[i].QueueName)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	d := New()
	var e ingest.Event
	for event, m := range examples(t) {
		if n := testing.AllocsPerRun(100, func() {
			for part, more := 0, true; more; part++ {
				var err error
				if more, err = d.Decode(m, part, &e); err != nil {
					t.Fatal(err)
				}
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", event, n)
		}
	}
}

// TestTruncated cuts every example at every byte.
func TestTruncated(t *testing.T) {
	d := New()
	var e ingest.Event
	for event, m := range examples(t) {
		m = bytes.TrimSpace(m)
		for n := range m {
			var reject *ingest.DecodeError
			// Without spare capacity, so that a read past the end would panic.
			if _, err := d.Decode(m[:n:n], 0, &e); !errors.As(err, &reject) || reject.Reason != ingest.RejectMalformed || reject.Offset != n {
				t.Fatalf("%s cut to %d bytes: %#v", event, n, err)
			}
		}
	}
}

func TestHostile(t *testing.T) {
	deep := strings.Repeat("[", 9990) + strings.Repeat("]", 9990)
	long := strings.Repeat("x", 2<<20)
	for name, m := range map[string]string{
		"2 MB of a topic":     cardMessage("onInteractionEvent", `"topic":"`+long+`"`, `"channel":"CHAT"`),
		"2 MB of an id":       cardMessage("onInteractionEvent", `"topicId":"`+long+`"`, `"contactId":"`+long+`"`),
		"2 MB of escapes":     cardMessage("onInteractionEvent", `"topic":"`+strings.Repeat(`\u00e9`, 350000)+`"`),
		"2 MB of bad UTF-8":   cardMessage("onInteractionEvent", `"topic":"`+strings.Repeat("\xff", 2<<20)+`"`),
		"deep":                message("onAgentStateEvent", `{"currentState":"READY","a":`+deep+`}`),
		"deep in a list":      message("onTeamMemberEvent", `{"userHandle":"m","state":"READY","channels":`+deep+`}`),
		"deep, not used":      message("onMediaEvent", deep),
		"too deep":            message("onMediaEvent", "[["+strings.Repeat("[", 9999)+strings.Repeat("]", 9999)+"]]"),
		"many channels":       message("onAgentStateEvent", `{"currentState":"READY","resourceStates":{`+strings.Repeat(`"A":{"state":"x"},`, 50000)+`"B":{}}}`),
		"many empty channels": message("onTeamMemberEvent", `{"userHandle":"m","state":"READY","channels":[`+strings.Repeat(`{},`, 100000)+`{}]}`),
		"many members":        cardMessage("onInteractionEvent", strings.Repeat(`"state":"HELD","stat":1,`, 50000)+`"a":1`),
		"NUL":                 cardMessage("onInteractionEvent", `"topic":"`+"\x00"+`"`),
		"an escaped NUL":      cardMessage("onInteractionEvent", `"contactId":"\u0000"`, `"topicId":"a\u0000b"`),
	} {
		t.Run(name, func(t *testing.T) { compareWithOracle(t, []byte(m)) })
	}
}

// TestChannelsAreBounded: however many an event names.
func TestChannelsAreBounded(t *testing.T) {
	m := message("onAgentStateEvent", `{"currentState":"READY","resourceStates":{`+strings.Repeat(`"A":{"state":"x"},`, 50000)+`"B":{}}}`)
	var e ingest.Event
	if _, err := New().Decode([]byte(m), 0, &e); err != nil || len(e.AgentChannels) != maxChannels {
		t.Errorf("%v, %d channels, want %d", err, len(e.AgentChannels), maxChannels)
	}
}

func BenchmarkDecode(b *testing.B) {
	all := examples(b)
	for _, event := range slices.Sorted(maps.Keys(map[string]bool{"onAgentStateEvent": true, "onAnyInteractionEvent": true,
		"onAnyInteractionEndedEvent": true, "onTeamMemberEvent": true, "onMediaEvent": true})) {
		b.Run(event, func(b *testing.B) {
			d, m := New(), all[event]
			var e ingest.Event
			b.SetBytes(int64(len(m)))
			b.ReportAllocs()
			for b.Loop() {
				for part, more := 0, true; more; part++ {
					var err error
					if more, err = d.Decode(m, part, &e); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
