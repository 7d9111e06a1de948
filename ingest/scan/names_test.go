package scan

import (
	"fmt"
	"strings"
	"testing"
)

var testNames = NewNames("a", "ab", "Id", "CallId", "QueueId", "EntityId", "EntityType", "sixteen-letters.", "seventeen-letters",
	"UserCallInUserConnected", "UserCallOutDisconnected", "TotalServingAutoAllocateAgents")

func TestNames(t *testing.T) {
	if testNames.Len() != 12 {
		t.Errorf("%d names", testNames.Len())
	}
	for i := 1; i <= testNames.Len(); i++ {
		name := testNames.Name(i)
		// With and without bytes behind it, which must not matter.
		for _, behind := range []string{"", "xxxxxxxxxxxxxxxx"} {
			if got := testNames.Find([]byte(name + behind)[:len(name)]); got != i {
				t.Errorf("%s: got %d, want %d", name, got, i)
			}
		}
		for at := range name {
			changed := []byte(name)
			changed[at] ^= 1
			if got := testNames.Find(changed); got != 0 && testNames.Name(got) != string(changed) {
				t.Errorf("%s: got %d", changed, got)
			}
		}
		for _, other := range []string{name + "x", name[1:], name + "\x00", strings.ToLower(name) + "\xff"} {
			if got := testNames.Find([]byte(other)); got != 0 && testNames.Name(got) != other {
				t.Errorf("%q: got %d", other, got)
			}
		}
	}
	if testNames.Find(nil) != 0 || testNames.Name(0) != "" {
		t.Error("the empty name is found")
	}
}

func TestManyNames(t *testing.T) {
	list := make([]string, MaxNames)
	for i := range list {
		list[i] = fmt.Sprintf("name%d", i)
	}
	names := NewNames(list...)
	for i, name := range list {
		if names.Find([]byte(name)) != i+1 {
			t.Errorf("%s: got %d", name, names.Find([]byte(name)))
		}
	}
}

func TestBadNames(t *testing.T) {
	for _, list := range [][]string{{""}, {"a", "a"}, {`a"`}, {`a\`}, {"é"}, {"a b"}, make([]string, MaxNames+1)} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.HasPrefix(fmt.Sprint(r), "BUG: ") {
					t.Errorf("%q: %v", list, r)
				}
			}()
			NewNames(list...)
		}()
	}
}

// namesOf reads the names and raw values of an object with NextName.
func namesOf(s *Scanner, text string, skip bool) string {
	var b strings.Builder
	s.Start([]byte(text))
	if !s.Enter() {
		return "no object"
	}
	for {
		number, ok := s.NextName(testNames)
		if !ok {
			break
		}
		fmt.Fprintf(&b, "%s/%d", s.Key(), number)
		if !skip {
			fmt.Fprintf(&b, "=%s", s.Raw())
		}
		b.WriteByte(' ')
	}
	if err := s.End(); err != nil {
		return err.Error()
	}
	return b.String()
}

// TestNextName reads different orders of names, spacings and faults after one another: what was learned from one message
// must not change what the next one means.
func TestNextName(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"a":1,"Id":2,"CallId":3,"QueueId":4}`, `a/1=1 Id/3=2 CallId/4=3 QueueId/5=4 `},
		{`{"a":1,"Id":2,"CallId":3,"QueueId":4}`, `a/1=1 Id/3=2 CallId/4=3 QueueId/5=4 `},
		{`{"a":1, "Id": 2 , "CallId" :3,"QueueId":4 }`, `a/1=1 Id/3=2 CallId/4=3 QueueId/5=4 `},
		{`{"a":1,"Ie":2,"CallId":3}`, `a/1=1 Ie/0=2 CallId/4=3 `},
		{`{"a":1,"Id":2,"CallIe":3,"x":4,"a":5}`, `a/1=1 Id/3=2 CallIe/0=3 x/0=4 a/1=5 `},
		{`{"a":1,"I\u0064":2,"Id":3}`, `a/1=1 Id/3=2 Id/3=3 `},
		{`{"a":1,"Id":}`, `invalid JSON at byte 12: a value is missing`},
		{`{"a":1,"Id":`, `invalid JSON at byte 12: the text ends too early`},
		{`{"a":1,"Id"`, `invalid JSON at byte 11: the text ends too early`},
		{`{"a":1 "Id":2}`, `invalid JSON at byte 7: a comma or the end of the array or object is missing`},
		{`{"a":1,"seventeen-letters":{"a":[2,"Id"]},"TotalServingAutoAllocateAgents":[{"a":3,"Id":4}],"Id":5}`,
			`a/1=1 seventeen-letters/9={"a":[2,"Id"]} TotalServingAutoAllocateAgents/12=[{"a":3,"Id":4}] Id/3=5 `},
		{`{}`, ``}, {`{"a":1}`, `a/1=1 `}, {`[1]`, `/0=1 `},
	} {
		var s Scanner
		for range 3 {
			if got := namesOf(&s, c.text, false); got != c.want {
				t.Errorf("%s:\ngot  %s\nwant %s", c.text, got, c.want)
			}
			namesOf(&s, `{"a":1,"Id":2,"CallId":3,"seventeen-letters":4,"TotalServingAutoAllocateAgents":5,"Id":6}`, true)
		}
	}
}
