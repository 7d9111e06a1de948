package avaya_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/aggregate/scenario"
	"ringside/ingest"
	"ringside/ingest/vendors/avaya"
	"ringside/ingest/vendors/vendortest"
)

// A script is lines of what desktops send, and what the core must make of it:
//
//	+5 anna ACTIVE c1 topic=Sales    the card of anna for the contact c1 is ACTIVE; topic is Support where it is not told
//	+9 anna END:ACTIVE c1            it was ACTIVE and has ended
//	+0 anna state NOT_READY 700      anna's own state, with its reason
//
// Fields of the card may follow as name=value; an empty value leaves one out.

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// message makes the message of a line.
func message(line string) []byte {
	words := strings.Fields(line)
	offset, err := strconv.ParseFloat(words[0], 64)
	if err != nil {
		panic(line)
	}
	at := began.Add(time.Duration(offset * float64(time.Second)))
	envelope := map[string]any{"source": "avaya", "organization": "acme", "agent": words[1], "agentName": words[1],
		"time": at.Format(time.RFC3339Nano), "line": line}
	if words[2] == "state" {
		envelope["event"], envelope["data"] = "onAgentStateEvent", map[string]any{"currentState": words[3], "reasonCode": words[4]}
	} else {
		envelope["event"], envelope["data"] = cardOf(words)
	}
	text, err := json.Marshal(envelope)
	if err != nil {
		panic(err)
	}
	return text
}

func cardOf(words []string) (event string, card map[string]any) {
	event = "onAnyInteractionEvent"
	state, ended := strings.CutPrefix(words[2], "END:")
	if ended {
		event = "onAnyInteractionEndedEvent"
	}
	card = map[string]any{"id": words[3] + "/" + words[1], "contactId": words[3], "channel": "VOICE", "state": state,
		"interactionType": "CALLED", "topic": "Support", "direction": "INCOMING", "isConsult": false, "originatingAddress": "14225"}
	for _, word := range words[4:] {
		name, value, _ := strings.Cut(word, "=")
		card[name] = value
		if value == "" {
			delete(card, name)
		}
	}
	return event, card
}

// world decodes messages into a core, and knows what the ids in its rows stand for.
type world struct {
	core  *scenario.Core
	names map[uuid.UUID]string
	now   ingest.Time
}

func newWorld() *world {
	return &world{core: scenario.NewCore(aggregate.DefaultSettings()), names: map[uuid.UUID]string{uuid.Nil: "-"}}
}

func (w *world) take(t *testing.T, message []byte) {
	t.Helper()
	parts, err := vendortest.Decode(t, avaya.New().Decode, message)
	if err != nil {
		t.Fatalf("%s: %v", message, err)
	}
	for _, e := range parts {
		w.names[e.QueueID] = "-"
		if e.QueueID != uuid.Nil {
			w.names[e.QueueID] = string(e.QueueName)
		}
		w.names[e.UserID] = string(e.UserName)
		if e.Timestamp > w.now {
			w.now = e.Timestamp
			w.core.Advance(w.now)
		}
		if got := w.core.Apply(e); got != aggregate.Accepted && got != aggregate.Duplicate {
			t.Fatalf("%s: %v", message, got)
		}
	}
}

func (w *world) all(ids []uuid.UUID) string {
	var names []string
	for _, id := range ids {
		names = append(names, w.names[id])
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ",")
}

func seconds(us int64) string {
	if us == aggregate.Null {
		return "-"
	}
	return strconv.FormatFloat(float64(us)/1e6, 'f', -1, 64)
}

func since(us int64) string {
	if us == 0 {
		return "-"
	}
	return "+" + seconds(us-began.UnixMicro())
}

// calls prints the visits, outbound and direct calls, in order of their begin.
func (w *world) calls() string {
	rows := w.core.Rows()
	slices.SortStableFunc(rows.Calls, func(a, b aggregate.CallRow) int { return int(a.BegunAt - b.BegunAt) })
	var b strings.Builder
	for _, c := range rows.Calls {
		queue := w.names[c.QueueID]
		if c.Direction != aggregate.Inbound {
			queue = strings.TrimSpace(c.Direction.String() + " " + strings.TrimPrefix(queue, "-"))
		}
		fmt.Fprintf(&b, "%s %d: %s", queue, c.Visit, c.Outcome)
		if c.Transfer != aggregate.TransferNone {
			fmt.Fprintf(&b, " transfer %s", c.Transfer)
		}
		fmt.Fprintf(&b, ", %s to %s, wait %s, talk %s, hold %s, offers %d, agents %s\n", since(c.BegunAt), since(c.EndedAt),
			seconds(c.Wait), seconds(c.Talk), seconds(c.Hold), c.Offers, w.all(c.AgentIDs))
	}
	return b.String()
}

// agents prints what the intervals say of each agent, over all queues.
func (w *world) agents() string {
	rows := w.core.Rows()
	sums := map[string]aggregate.AgentSums{}
	for _, r := range rows.AgentIntervals {
		if r.QueueID != uuid.Nil {
			continue
		}
		s := sums[w.names[r.AgentID]]
		for i, us := range r.Sums.States {
			s.States[i] += us
		}
		s.Offers, s.Answered = s.Offers+r.Sums.Offers, s.Answered+r.Sums.Answered
		s.Declined, s.NotAnswered = s.Declined+r.Sums.Declined, s.NotAnswered+r.Sums.NotAnswered
		s.Handled, s.HandleSum = s.Handled+r.Sums.Handled, s.HandleSum+r.Sums.HandleSum
		sums[w.names[r.AgentID]] = s
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		s := sums[name]
		fmt.Fprintf(&b, "%s: offers %d, answered %d, not answered %d, handled %d in %s;", name, s.Offers, s.Answered,
			s.NotAnswered+s.Declined, s.Handled, seconds(s.HandleSum))
		for state, us := range s.States {
			if us > 0 && aggregate.AgentState(state) != aggregate.AgentUnknown {
				fmt.Fprintf(&b, " %s %s", aggregate.AgentState(state), seconds(us))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// play takes the lines in their order, then in others, with some twice, and each a second time under the name of the other
// event that says the same: the figures must be the same ones.
func play(t *testing.T, script, wantCalls, wantAgents string) {
	t.Helper()
	var messages [][]byte
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" {
			messages = append(messages, message(line))
		}
	}
	check := func(how string, messages [][]byte) {
		t.Helper()
		w := newWorld()
		for _, m := range messages {
			w.take(t, m)
		}
		if got := w.calls(); got != unindent(wantCalls) {
			t.Errorf("%s: calls\n%swant\n%s", how, got, unindent(wantCalls))
		}
		if got := w.agents(); wantAgents != "" && got != unindent(wantAgents) {
			t.Errorf("%s: agents\n%swant\n%s", how, got, unindent(wantAgents))
		}
		for _, r := range w.core.Rows().QueueStatus {
			if r.NbrOfQueuingRequesters != aggregate.Null || r.NbrOfProviders != aggregate.Null || r.NbrOfConnected == aggregate.Null {
				t.Errorf("%s: %s: %d queuing, %d providers, %d connected", how, w.names[r.QueueID], r.NbrOfQueuingRequesters, r.NbrOfProviders, r.NbrOfConnected)
			}
		}
		if orphans := w.core.Rows().Orphans; len(orphans) > 0 {
			t.Errorf("%s: %d orphans, the first a %s", how, len(orphans), ingest.Type(orphans[0].Type))
		}
	}
	check("in order", messages)
	both := slices.Clone(messages)
	for _, m := range messages {
		both = append(both, []byte(strings.Replace(string(m), "onAnyInteraction", "onInteraction", 1)))
	}
	check("told by both events", both)
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 7))
		mixed := append(slices.Clone(both), messages[r.IntN(len(messages))])
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		check(fmt.Sprintf("shuffled with seed %d", seed), mixed)
	}
}

func unindent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
