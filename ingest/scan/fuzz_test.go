package scan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// FuzzScan holds the Scanner to encoding/json: the same texts valid, and the same values of strings, numbers and names.
func FuzzScan(f *testing.F) {
	for _, text := range texts {
		if len(text) < 1000 { // long ones slow down the mutations; TestValid has them
			f.Add([]byte(text))
		}
	}
	f.Add([]byte(`{"a":1,"Id":"` + someUUID + `","CallId":"2018-01-01T08:01:23.4567891Z","seventeen-letters":[{"Id":null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkValid(t, data)
		if len(data) > 0 && data[0] == '"' {
			checkText(t, data)
		}
		checkText(t, []byte(`"`+string(data)+`"`))
		if len(data) > 0 && isNumber(data) {
			checkFloat(t, data)
		}
		if json.Valid(data) {
			checkMembers(t, data)
		}
		tryConversions(data)
	})
}

// checkMembers compares the names and values of an object with encoding/json, with and without NextName.
func checkMembers(t *testing.T, data []byte) {
	d := json.NewDecoder(bytes.NewReader(data))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return
	}
	var s, learned Scanner
	s.Start(data)
	s.Enter()
	namesOf(&learned, string(data), true)
	learned.Start(data)
	learned.Enter()
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			t.Fatal(err)
		}
		if !s.Next() || string(s.Key()) != name || string(s.Raw()) != string(raw) {
			t.Fatalf("%q: got %q, want %q: %q", data, s.Key(), name, raw)
		}
		number, ok := learned.NextName(testNames)
		if !ok || string(learned.Key()) != name || number != testNames.Find([]byte(name.(string))) || string(learned.Raw()) != string(raw) {
			t.Fatalf("%q: NextName got %q, %d, want %q", data, learned.Key(), number, name)
		}
	}
	if s.Next() || s.End() != nil || learned.Next() || learned.End() != nil {
		t.Fatalf("%q: more members than there are", data)
	}
}

// tryConversions reads every value in every way, which must not panic.
func tryConversions(data []byte) {
	var arena Arena
	var id uuid.UUID
	data = data[:len(data):len(data)]
	for way := range 8 {
		var s Scanner
		s.Start(data)
		for s.Enter() {
			for s.Next() && !s.Enter() {
				switch way {
				case 0:
					s.Text(&arena)
				case 1:
					s.UUID(&id)
				case 2:
					s.Time()
				case 3:
					s.Int(-10, 10)
				case 4:
					s.Float()
				case 5:
					s.Bool()
				case 6:
					s.Raw()
				}
			}
		}
		if (s.End() == nil) != json.Valid(data) {
			panic("conversions change what is valid: " + strings.ToValidUTF8(string(data), "?"))
		}
	}
}
