package scan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// texts are JSON and not; each is compared with encoding/json and is a seed of FuzzScan.
var texts = []string{
	`{}`, `[]`, `null`, `true`, `false`, `0`, `-0`, `-1.5e+10`, `1E5`, `""`, `"a"`, ` [ 1 , 2 ] `, "\t{\"a\" :\r\n1}",
	`{"a":{"b":[{"c":null},[],{}]},"d":"e"}`, `[[],[[]],{}]`, `{"":""}`, `{"a":1,"a":2}`,
	`"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\ud83d\udc"`, `"\ud83d"`, `"\ud83d\u0041"`, `"\ude00\ud83d"`, `"\u0000"`,
	"\"\xff\"", "\"ab\xc3\x28cdefgh\xe2\x82\"", "\"\u2028\u00e9\x7f\"", `"12345678"`, `"1234567\"90123456789"`,
	`"!#[]^~ !"`, "\"\x1f\"", "\"1234567\x00\"", "\"\x80\x1f\"", "\"a\nb\"", "\"a\tb\"",
	``, ` `, `{`, `}`, `[`, `]`, `{]`, `[}`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{a:1}`, `{1:2}`,
	`[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `1 2`, `{} {}`, `{}x`, `nul`, `nulll`, `True`, `tru`, `t`, `fals`, `falsy`, `nil`,
	`01`, `-`, `-a`, `+1`, `.5`, `1.`, `1.e5`, `1e`, `1e+`, `1e5.5`, `0x10`, `1_000`, `Infinity`, `NaN`, `--1`, `-01`, `1a`,
	`"`, `"a`, `"\`, `"\"`, `"\a"`, `"\'"`, `"\u12"`, `"\u12g4"`, `"\u123`, `"\U00e9"`, `'a'`, "\xef\xbb\xbf{}", "\x00", "{}\x00",
	"\u00a0{}", "[1]\v", `{"a":1}//`, `/**/{}`, `{"a":tru}`, `{"a":[1,{"b":2],"c":3}`, `[{]}`, `{"a":"b}`, `{"\ud800":1}`,
	strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
	strings.Repeat(`{"a":[`, MaxDepth/2) + strings.Repeat("]}", MaxDepth/2),
	strings.Repeat(`{"a":[`, MaxDepth/2) + "{}" + strings.Repeat("]}", MaxDepth/2),
	strings.Repeat("[", 63) + `{"a":1}` + strings.Repeat("]", 63), strings.Repeat("[", 64) + `{"a":1}` + strings.Repeat("]", 64),
	strings.Repeat("[", 64) + `{"a":1]` + strings.Repeat("]", 64),
}

func TestValid(t *testing.T) {
	for _, text := range texts {
		checkValid(t, []byte(text))
	}
}

// checkValid compares the validity of data with encoding/json, with capacity for nothing behind it.
func checkValid(t *testing.T, data []byte) {
	t.Helper()
	data = data[:len(data):len(data)]
	want := json.Valid(data)
	err := Valid(data)
	if (err == nil) != want {
		t.Fatalf("%.200q: %v, but encoding/json says %v", data, err, want)
	}
	if err == nil {
		return
	}
	at := err.(*Error)
	if at.Offset < 0 || at.Offset > len(data) || at.What == "" {
		t.Fatalf("%.200q: %#v", data, at)
	}
	// What stands before the offset must be the beginning of something valid, so the verdict on it is the end.
	if cut := Valid(data[:at.Offset]); cut != nil && cut.(*Error).Offset != at.Offset {
		t.Fatalf("%.200q: wrong at %d, but cut there at %d", data, at.Offset, cut.(*Error).Offset)
	}
}

// walk reads everything with Enter and Next and returns it in the notation of fmt.
func walk(s *Scanner, arena *Arena) string {
	switch s.Kind() {
	case Array:
		var b strings.Builder
		b.WriteByte('[')
		for s.Enter(); s.Next(); {
			fmt.Fprintf(&b, "%s,", walk(s, arena))
		}
		return b.String() + "]"
	case Object:
		var b strings.Builder
		b.WriteByte('{')
		for s.Enter(); s.Next(); {
			fmt.Fprintf(&b, "%q:", s.Key())
			fmt.Fprintf(&b, "%s,", walk(s, arena))
		}
		return b.String() + "}"
	case String:
		text, _ := s.Text(arena)
		return fmt.Sprintf("%q", text)
	default:
		return string(s.Raw())
	}
}

func TestWalk(t *testing.T) {
	const text = ` { "a" : [ 1 , { "b\u0063" : null } , [ ] ] , "" : "x\ty" , "e" : true , "a" : -1.5 } `
	var s Scanner
	var arena Arena
	for range 2 {
		s.Start([]byte(text))
		if got, want := walk(&s, &arena), `{"a":[1,{"bc":null,},[],],"":"x\ty","e":true,"a":-1.5,}`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if err := s.End(); err != nil {
			t.Error(err)
		}
		if s.Next() || s.Enter() || s.Kind() != Invalid {
			t.Error("goes on behind the end")
		}
	}
}

// TestSkipping: what is not taken is skipped, in whatever state the Scanner is left.
func TestSkipping(t *testing.T) {
	const text = `{"skip":{"x":[1,2,{"y":"z"}]},"take":7,"list":[1,[2],{"a":3}],"raw":[ {"b" : 1} ],"last":"l"}`
	var s Scanner
	s.Start([]byte(text))
	if !s.Enter() || s.Key() != nil && len(s.Key()) > 0 {
		t.Fatal("no object")
	}
	var got []string
	for s.Next() {
		switch key := string(s.Key()); key {
		case "take":
			n, shape := s.Int(0, 10)
			got = append(got, fmt.Sprint(key, n, shape))
		case "list":
			for s.Enter(); s.Next(); {
				if s.Key() != nil {
					t.Errorf("the key %q in an array", s.Key())
				}
				got = append(got, fmt.Sprint(s.Kind()))
			}
		case "raw":
			got = append(got, string(s.Raw()))
		}
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"take7 1", "3", "5", "6", `[ {"b" : 1} ]`}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEndReadsTheRest: leaving early does not make an invalid text valid.
func TestEndReadsTheRest(t *testing.T) {
	for text, valid := range map[string]bool{
		`{"a":[1,{"b":2}],"c":3}`: true, `{"a":[1,{"b":2}],"c":}`: false, `{"a":[1,{"b":tru}],"c":3}`: false, `{"a":[1,{"b":2}],"c":3}}`: false,
	} {
		for depth := range 4 {
			var s Scanner
			s.Start([]byte(text))
			for range depth {
				s.Enter()
				s.Next()
			}
			if err := s.End(); (err == nil) != valid {
				t.Errorf("%s left at depth %d: %v", text, depth, err)
			}
		}
	}
}

// TestReuse: nothing of one text reaches the next.
func TestReuse(t *testing.T) {
	var s Scanner
	for _, first := range texts {
		for _, second := range []string{`{"a":[true]}`, `[{"a":1}]`, `{"a":1]`} {
			s.Start([]byte(first))
			s.Enter()
			s.NextName(testNames)
			s.Start([]byte(second))
			if err := s.End(); (err == nil) != json.Valid([]byte(second)) {
				t.Fatalf("%.100q, then %q: %v", first, second, err)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1 "b":2}`: "invalid JSON at byte 7: a comma or the end of the array or object is missing",
		`{"a" 1}`:       "invalid JSON at byte 5: a colon is missing",
		`{a:1}`:         "invalid JSON at byte 1: a name in quotes is missing",
		`[1,]`:          "invalid JSON at byte 3: a value is missing",
		`[1.x]`:         "invalid JSON at byte 3: a digit is missing in a number",
		`[truu]`:        "invalid JSON at byte 4: not the literal true",
		`["\x"]`:        "invalid JSON at byte 3: an unknown escape in a string",
		`["\u00x0"]`:    "invalid JSON at byte 6: four hexadecimal digits have to follow \\u",
		"[\"a\nb\"]":    "invalid JSON at byte 3: a control character in a string",
		`[1] 2`:         "invalid JSON at byte 4: text after the value",
		`["abc`:         "invalid JSON at byte 5: the text ends too early",
	} {
		if err := Valid([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	data := []byte(`{"a":[1,{"b":"c"}],"Id":"` + someUUID + `","CallId":"2018-01-01T08:01:23.4567891Z","QueueId":"-1.5e3","ab":"\u0074rue"}`)
	var s Scanner
	var arena Arena
	var id uuid.UUID
	if n := testing.AllocsPerRun(1000, func() {
		s.Start(data)
		for s.Enter(); ; {
			number, ok := s.NextName(testNames)
			if !ok {
				break
			}
			switch testNames.Name(number) {
			case "Id":
				s.UUID(&id)
			case "CallId":
				s.Time()
			case "QueueId":
				s.Float()
			case "ab":
				s.Text(&arena)
			}
		}
		if err := s.End(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
