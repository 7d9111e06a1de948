package forwarders

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What no forwarder sends unless it is told to, planted wherever the vendors' documents have such a thing.
const (
	customer  = "Stella Pavlova"
	written   = "I would like to update some details"
	number    = "+15035550142"
	mail      = "stella@example.org"
	recording = "https://recordings.example.org/1"
)

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// fired is an event as a vendor's API tells it, and what of its data is sent, without numbers and with them.
type fired struct {
	name, event  string
	data         string
	sent, number string // number "": the same
}

var avayaCall = `{"id":"bffae854","workRequestId":"0014","externalInteractionId":"` + number + `","channel":"VOICE","state":"ALERTING",
	"stateReason":"DEFAULT","interactionType":"CALLED","title":"` + customer + `","topic":"Support","topicId":"3007","skill":"IT",
	"skillId":"3009","direction":"INCOMING","isConsult":false,"userToUserInfo":"` + mail + `","workCode":"7277",
	"originatingAddress":"` + number + `","contactId":"0014"}`

const avayaCallSent = `{"id":"bffae854","workRequestId":"0014","contactId":"0014","channel":"VOICE","state":"ALERTING","stateReason":"DEFAULT",
	"interactionType":"CALLED","topic":"Support","topicId":"3007","skill":"IT","skillId":"3009","direction":"INCOMING","workCode":"7277","isConsult":false}`

const avayaCallNumber = `{"id":"bffae854","workRequestId":"0014","contactId":"0014","channel":"VOICE","state":"ALERTING","stateReason":"DEFAULT",
	"interactionType":"CALLED","topic":"Support","topicId":"3007","skill":"IT","skillId":"3009","direction":"INCOMING","workCode":"7277","isConsult":false,
	"externalInteractionId":"` + number + `","originatingAddress":"` + number + `"}`

var vendorEvents = map[string][]fired{
	"avaya": {
		{"onResourceAcquiredEvent", "onResourceAcquiredEvent", `{"channel":"VOICE","state":"NOT_READY","stationId":"1","agentId":"1001","providerId":"p"}`,
			`{"channel":"VOICE","state":"NOT_READY","stationId":"1","agentId":"1001","providerId":"p"}`, ""},
		{"onAgentStateEvent", "onAgentStateEvent", `{"resourceStates":{"EMAIL":{"state":"NOT_READY","stateReason":"100","capabilities":{"canDefer":true},"providerId":"p"}},
			"currentState":"NOT_READY","previousState":"READY","capabilities":{"canLogin":false},"lastStateChangeTime":"2023-10-19T11:48:12.688356092Z",
			"originStates":{"AXP":{"origin":"AXP","state":"NOT_READY","stateReason":"700","reasonCode":"700"}},"reasonCode":"700","type":"[Agent] Gone Not Ready"}`,
			`{"currentState":"NOT_READY","previousState":"READY","type":"[Agent] Gone Not Ready","resourceStates":{"EMAIL":{"state":"NOT_READY","stateReason":"100","providerId":"p"}},
			"originStates":{"AXP":{"origin":"AXP","state":"NOT_READY","stateReason":"700","reasonCode":"700"}},"reasonCode":"700","lastStateChangeTime":"2023-10-19T11:48:12.688356092Z"}`, ""},
		{"onAnyInteractionEvent", "onAnyInteractionEvent", avayaCall, avayaCallSent, avayaCallNumber},
		{"onAnyInteractionEndedEvent", "onAnyInteractionEndedEvent", avayaCall, avayaCallSent, avayaCallNumber},
		{"onResourceReleasedEvent", "onResourceReleasedEvent", `{"channel":"VOICE"}`, `{"channel":"VOICE"}`, ""},
		{"onChannelStatusUpdateEvent", "onChannelStatusUpdateEvent", `{"name":"Chat","ready":false,"reasonCode":"Lunch","readyIcon":"aoc-chat"}`,
			`{"name":"Chat","ready":false,"reasonCode":"Lunch"}`, ""},
		{"onTeamMemberEvent", "onTeamMemberEvent", `{"userHandle":"mRuane","state":"READY","isSelf":false,"interactions":[` + avayaCall + `],
			"channels":[{"state":"READY","channelType":"VOICE","id":"c","capabilities":{"a":true},"$$hashKey":"object:644"}]}`,
			`{"userHandle":"mRuane","isSelf":false,"interactions":[` + avayaCallSent + `],"channels":[{"id":"c","channelType":"VOICE","state":"READY"}],"state":"READY"}`,
			`{"userHandle":"mRuane","isSelf":false,"interactions":[` + avayaCallNumber + `],"channels":[{"id":"c","channelType":"VOICE","state":"READY"}],"state":"READY"}`},
	},
	"brightpattern": {
		{"ON_INTERACTION_REMOVED", "onInteractionEnd", brightPatternRecord, brightPatternSent, brightPatternNumber},
		{"ON_SAVE_ACTIVITY_RECORD", "onSaveActivityRecord", brightPatternRecord, brightPatternSent, brightPatternNumber},
	},
	"openmethods": {
		{"message", "interaction.incontact.signaladded", `{"messageType":"objectEvent","target":"s.c.i","name":"interaction.incontact.signaladded",
			"data":{"name":"hold music","tooltip":"` + customer + `","p1":"` + number + `"}}`,
			`{"messageType":"objectEvent","name":"interaction.incontact.signaladded","target":"s.c.i","data":{"name":"hold music"}}`, ""},
		{"message", "interaction.datachanged", `{"messageType":"objectEvent","target":"s.c.i","name":"interaction.datachanged",
			"data":{"name":"` + customer + `","value":"` + mail + `","customer":{"id":"` + mail + `"},"ani":"` + number + `","state":"active","type":"Telephony"}}`,
			`{"messageType":"objectEvent","name":"interaction.datachanged","target":"s.c.i","data":{"state":"active","type":"Telephony"}}`,
			`{"messageType":"objectEvent","name":"interaction.datachanged","target":"s.c.i","data":{"ani":"` + number + `","state":"active","type":"Telephony"}}`},
		{"message", "interaction.accept", `{"command":"interaction.accept","target":"s.g.c.i","result":"failure","failure":{"code":"7","message":"` + customer + `","context":"stack"},
			"original":{"data":{"destination":"` + number + `"}},"context":{"conversation":{"id":"v","interaction":{"id":"i","type":"Telephony","channel":{"id":"c"}}}}}`,
			`{"command":"interaction.accept","target":"s.g.c.i","result":"failure","context":{"conversation":{"id":"v","interaction":{"id":"i","type":"Telephony","channel":{"id":"c"}}}},"failure":{"code":"7"}}`, ""},
	},
}

const brightPatternRecord = `{"interactionId":"5AA9","globalInteractionId":"A39E","agentId":"bp-7","state":"completed","type":"voice","subject":"` + customer + `",
	"associatedObjects":{"list":[{"displayName":"` + customer + `"}],"selected":null},"attachedData":{"note":"` + written + `"},"service":"Support",
	"callParties":[{"id":"p1","name":"` + customer + `","phone":"` + number + `"},{"id":"p2","name":"Ann","phone":"1001","userId":"bp-7"}],
	"callMuted":false,"callRecording":true,"phoneNumber":"` + number + `","email":"` + mail + `","callDirection":"inbound","startTime":1772438483456,
	"endTime":1772438600000,"duration":116,"description":"` + written + `","disposition":"Sold","playbackUrl":"` + recording + `","recordingUrl":"` + recording + `",
	"DNIS":"` + number + `","ANI":"` + number + `","transferANI":"` + number + `","origination":"auto"}`

const brightPatternSent = `{"interactionId":"5AA9","globalInteractionId":"A39E","agentId":"bp-7","state":"completed","type":"voice","service":"Support",
	"callDirection":"inbound","startTime":1772438483456,"endTime":1772438600000,"duration":116,"disposition":"Sold","origination":"auto","callMuted":false,
	"callRecording":true,"callParties":[{"id":"p1"},{"id":"p2","userId":"bp-7","name":"Ann","phone":"1001"}]}`

const brightPatternNumber = `{"interactionId":"5AA9","globalInteractionId":"A39E","agentId":"bp-7","state":"completed","type":"voice","service":"Support",
	"callDirection":"inbound","startTime":1772438483456,"endTime":1772438600000,"duration":116,"disposition":"Sold","origination":"auto","callMuted":false,
	"callRecording":true,"phoneNumber":"` + number + `","DNIS":"` + number + `","ANI":"` + number + `","transferANI":"` + number + `",
	"callParties":[{"id":"p1","phone":"` + number + `"},{"id":"p2","userId":"bp-7","name":"Ann","phone":"1001"}]}`

// TestVendors fires every event that is listened to at the real snippets: each is sent in its envelope, with the fields
// that are listed for it and no others.
func TestVendors(t *testing.T) {
	b := browser(t)
	for vendor, events := range vendorEvents {
		for _, numbers := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, numbers %v", vendor, numbers), func(t *testing.T) {
				r := newReceiver(t)
				s := newSite(t, r.url(), map[string]any{"agent": "", "agentName": "Ann", "numbers": numbers})
				d := s.open(b, vendor)
				begin := time.Now()
				for _, f := range events {
					d.fire(f.name, json.RawMessage(f.data))
				}
				got := r.want(len(events))
				for i, f := range events {
					want := f.sent
					if numbers && f.number != "" {
						want = f.number
					}
					checkEnvelope(t, vendor, &got[i], begin)
					if got[i].Event != f.event || string(got[i].Data) != compact(t, want) {
						t.Errorf("%s:\ngot  %s\nwant %s", f.event, got[i].Data, compact(t, want))
					}
					if found := contains(got[i].body, customer, written, mail, recording); found != "" || !numbers && strings.Contains(got[i].body, number) {
						t.Errorf("%s tells who the customer is: %s", f.event, got[i].body)
					}
				}
			})
		}
	}
}

func checkEnvelope(t *testing.T, vendor string, got *request, begin time.Time) {
	t.Helper()
	agent := map[string]string{"avaya": "1001", "brightpattern": "bp-7"}[vendor] // what the events say, or the login
	if got.Source != vendor || !uuid4.MatchString(got.ID) || got.Organization != "acme" || got.Agent != agent ||
		got.AgentName != "Ann" || got.Time.Before(begin.Add(-time.Second)) || got.Time.After(time.Now().Add(time.Second)) {
		t.Errorf("envelope %+v", got.envelope)
	}
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	if err := json.NewEncoder(&out).Encode(json.RawMessage(text)); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return strings.TrimSpace(out.String())
}

// TestHostileEvents hands over what no vendor should: the desktop goes on, and so does the forwarder.
func TestHostileEvents(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	for vendor, names := range map[string][]string{
		"avaya": {"onAgentStateEvent", "onTeamMemberEvent"}, "brightpattern": {"ON_SAVE_ACTIVITY_RECORD", "ON_LOGIN"}, "openmethods": {"message"},
	} {
		d := newSite(t, r.url(), nil).open(b, vendor)
		for _, name := range names {
			got := eval[[]any](d, `(name) => {
				const loop = {}; loop.data = loop; loop.resourceStates = loop; loop.callParties = [loop, null]; loop.name = 'x'; loop.interactions = [loop];
				const trap = new Proxy({}, { get() { throw new Error('trap'); }, ownKeys() { throw new Error('trap'); }, getOwnPropertyDescriptor() { throw new Error('trap'); } });
				return [undefined, null, 7, 'x', '{', '{"name":', [], [1], {}, loop, trap, Symbol('x'), () => 1, 10n, { data: 10n, name: 'y', startTime: 10n }, { callParties: [null, 3] }].map((v) => fire(name, v));
			}`, name)
			for i, v := range got {
				if v != nil {
					t.Errorf("%s %s: case %d returns %v", vendor, name, i, v)
				}
			}
		}
		d.stats()
	}
}

// TestSettings tells what is wrong with settings, and leaves the desktop alone.
func TestSettings(t *testing.T) {
	b := browser(t)
	for wrong, config := range map[string]map[string]any{
		"url is missing":          {"url": ""},
		"must begin with https":   {"url": "http://gateway.example.org/webhooks/desk"},
		"token is missing":        {"token": ""},
		"organization is missing": {"organization": ""},
	} {
		d := newSite(t, "https://127.0.0.1:1/webhooks/desk", config).open(b, "avaya")
		d.interactions(0, 3)
		if s := d.stats(); !strings.Contains(s.Wrong, wrong) || s.Taken != 0 {
			t.Errorf("want %q: %+v", wrong, s)
		}
	}
}

// TestWidget is the snippet as Avaya Workspaces loads it: an element with its settings in attributes.
func TestWidget(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	s := newSite(t, r.url(), nil)
	s.before = `window.WS = { widgetAPI: class { onDataEvent(name, callback) { handlers[name] = callback; } } };`
	d := s.open(b, "openmethods") // a page that has the shared part; the widget comes as a file of its own
	eval[any](d, `(url, token) => new Promise((resolve) => {
		window.RingsideConfig = {};
		const script = document.createElement('script');
		script.src = '/avaya.js';
		script.onload = () => {
			const e = document.createElement('ringside-forwarder');
			Object.assign(e.dataset, { url: url, token: token, organization: 'acme', agent: '7', numbers: 'true' });
			document.body.append(e);
			fire('onAnyInteractionEvent', { id: '0', originatingAddress: '1' });
			resolve(null);
		};
		document.head.append(script);
	})`, r.url(), token)
	e := r.want(1)[0]
	if e.Source != "avaya" || e.Agent != "7" || string(e.Data) != `{"id":"0","originatingAddress":"1"}` {
		t.Errorf("%+v %s", e.envelope, e.Data)
	}
}

// TestAgentIsLearned has the first events wait until Avaya's desktop tells whose it is, or until it is clear that it will not.
func TestAgentIsLearned(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	d := newSite(t, r.url(), map[string]any{"agent": ""}).open(b, "avaya")
	d.interactions(0, 3)
	d.fire("onTeamMemberEvent", map[string]any{"userHandle": "somebody else", "isSelf": false})
	if s := d.stats(); s.Taken != 0 {
		t.Fatalf("sent before anybody said whose they are: %+v", s)
	}
	d.fire("onTeamMemberEvent", map[string]any{"userHandle": "ann", "isSelf": true})
	d.fire("onResourceAcquiredEvent", map[string]any{"channel": "VOICE", "agentId": "ann@example.org"})
	events := r.want(6)
	for i, e := range events {
		if e.Agent != "ann" || i < 3 && e.number(t) != i || i > 0 && e.Time.Before(events[i-1].Time) {
			t.Errorf("event %d: %+v %s", i, e.envelope, e.Data)
		}
	}

	r = newReceiver(t)
	d = newSite(t, r.url(), map[string]any{"agent": "", "agentWaitMs": 50}).open(b, "avaya")
	d.interactions(0, 3)
	for _, e := range r.want(3) {
		if e.Agent != "" {
			t.Errorf("%+v", e.envelope)
		}
	}
	if s := d.stats(); !strings.Contains(s.LastError, "set agent") {
		t.Errorf("nobody is told: %+v", s)
	}
}
