package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ringside/ingest"
)

const document = "../../../shared/seeds/003_9979a8848971bf7a.txt"

// bare is the one type of which the document has no example.
const bare = "CallbackUserCallOutDisconnected"

// keysOf returns the names of the outermost object in order, and those of the objects in its lists.
func keysOf(t *testing.T, text []byte) (keys []string, inner map[string][]string) {
	t.Helper()
	inner = map[string][]string{}
	d := json.NewDecoder(bytes.NewReader(text))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		t.Fatalf("no object: %s", text)
	}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		keys = append(keys, k.(string))
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v in %s", k, err, text)
		}
		var list []json.RawMessage
		if json.Unmarshal(v, &list) == nil && len(list) > 0 && list[0][0] == '{' {
			inner[k.(string)], _ = keysOf(t, list[0])
		}
	}
	if _, err := d.Token(); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("something follows the object: %s", text)
	}
	return keys, inner
}

// examples reads the document's example payloads; for the one type without, it takes the table of properties.
func examples(t *testing.T) map[string][]string {
	text, err := os.ReadFile(document)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the vendor's document is not here: ", document)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?ms)^Example payload of (?:Event|Misc): (\w+)\n(\{.*?^\})`).FindAllSubmatch(text, -1) {
		out[string(m[1])], _ = keysOf(t, m[2])
	}
	_, rest, ok := strings.Cut(string(text), "\nEvent: "+bare+"\n")
	if !ok {
		t.Fatal("the document lacks " + bare)
	}
	table, _, _ := strings.Cut(rest, "\nEvent: ")
	names := []string{"RootEntityType", "RootEntityId", "EventType", "EntityType", "EntityId", "Id", "Timestamp", "MessageTTLSeconds"}
	for _, m := range regexp.MustCompile(`(?m)^(\w+) \| `).FindAllStringSubmatch(table, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	out[bare] = names
	return out
}

// Every event has exactly the properties of the document's example, in its order.
func TestPropertiesAreTheDocuments(t *testing.T) {
	want := examples(t)
	_, events := everything()
	lists := map[string]string{"AttachedUsers": "QueueAttachedUser", "QueueGroups": "QueueGroup", "CallbackAttempts": "CallbackAttempt",
		"CallbackExtras": "CallbackExtra"}
	listed := map[string]bool{}
	for _, ev := range events {
		keys, inner := keysOf(t, ev.JSON)
		name := ev.Type.String()
		if name == bare {
			slices.Sort(keys) // the table does not tell the order
		}
		if !slices.Equal(keys, want[name]) {
			t.Fatalf("%s:\n got %v\nwant %v", name, keys, want[name])
		}
		for k, got := range inner {
			listed[k] = true
			if !slices.Equal(got, want[lists[k]]) {
				t.Fatalf("%s.%s:\n got %v\nwant %v", name, k, got, want[lists[k]])
			}
		}
	}
	for k := range lists {
		if !listed[k] {
			t.Errorf("no event with %s", k)
		}
	}
}

// Each event is valid JSON whose instants are the event's.
func TestTimestamps(t *testing.T) {
	_, events := everything()
	styles := map[string]int{}
	for _, ev := range events {
		var m struct{ Timestamp, EventType, OrganizationId string }
		if err := json.Unmarshal(ev.JSON, &m); err != nil {
			t.Fatalf("%v: %s", err, ev.JSON)
		}
		layout := "2006-01-02T15:04:05.9999999"
		if strings.HasSuffix(m.Timestamp, "Z") {
			layout += "Z"
			styles["Z"]++
		} else if len(m.Timestamp) == len("2006-01-02T15:04:05.9999999") {
			styles["bare"]++
		} else {
			styles["short"]++
		}
		at, err := time.Parse(layout, m.Timestamp)
		if err != nil || ingest.FromGo(at) != ev.At {
			t.Fatalf("%s is not %v: %v", m.Timestamp, ev.At, err)
		}
		if m.EventType != ev.Type.String() || m.OrganizationId != ev.Org.String() {
			t.Fatalf("wrong header: %s", ev.JSON)
		}
	}
	for _, s := range []string{"Z", "bare", "short"} {
		atLeast(t, "timestamps of style "+s, styles[s], 200)
	}
}

func TestTopics(t *testing.T) {
	_, events := everything()
	for topic, list := range ByTopic(events) {
		atLeast(t, topic, len(list), 1000)
		for _, ev := range list {
			name := ev.Type.String()
			if want := map[byte]string{'Q': TopicQueue, 'U': TopicUser, 'C': TopicCallback}[name[0]]; topic != want {
				t.Fatalf("%s in %s", name, topic)
			}
		}
	}
}
