package scan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// checkText compares the text of a JSON string with encoding/json.
func checkText(t *testing.T, quoted []byte) {
	t.Helper()
	var want string
	if json.Unmarshal(quoted, &want) != nil {
		return
	}
	var s Scanner
	var arena Arena
	before := bytes.Clone(quoted)
	s.Start(quoted)
	got, shape := s.Text(&arena)
	if err := s.End(); err != nil || shape != Found || string(got) != want {
		t.Fatalf("%q: got %q, %v, %v, want %q", quoted, got, shape, err, want)
	}
	if _ = append(got, "overwritten"...); !bytes.Equal(quoted, before) {
		t.Fatalf("%q: appending to the text changes the message", before)
	}
}

func TestText(t *testing.T) {
	special := []string{`\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t`, `\u0000`, `\u00e9`, `\u00E9`, `\uD83D\uDE00`, `\ud83d`,
		`\ude00`, `\ud83d\ud83d\ude00`, `\uD83Dx`, `\ud83d\n`, "é", "\u2028", "😀", "\xff", "\xc3", "\xed\xa0\x80", "\x7f", " ", "!", "#", "[", "]"}
	for _, a := range special {
		for _, b := range special {
			for fill := range 10 { // every place in a word of eight bytes
				checkText(t, []byte(`"`+strings.Repeat("x", fill)+a+b+`tail"`))
				checkText(t, []byte(`"`+a+strings.Repeat("y", fill)+b+`"`))
			}
		}
	}
}

// TestEveryByte puts every byte in every place of the words that strings are scanned by.
func TestEveryByte(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			text := []byte(`"abcdefghijklmnopqrst"  `)
			text[1+at] = byte(c)
			checkValid(t, text)
			checkText(t, text)
		}
	}
}

func TestTextOfOtherValues(t *testing.T) {
	for text, want := range map[string]string{
		`null`: `"" 0`, `12.50`: `"12.50" 1`, `true`: `"true" 1`, `{"a":1}`: `"" 2`, `["a"]`: `"" 2`, `""`: `"" 1`, `nulx`: `"" 2`, `1.`: `"" 2`,
	} {
		var s Scanner
		var arena Arena
		s.Start([]byte(text))
		got, shape := s.Text(&arena)
		if s := fmt.Sprintf("%q %d", got, shape); s != want {
			t.Errorf("%s: got %s, want %s", text, s, want)
		}
	}
}

func TestArena(t *testing.T) {
	var a Arena
	type kept struct {
		text []byte
		want string
	}
	var all []kept
	source := strings.NewReplacer("n", `\n`, "u", `\u00e9`, "x", "\xff")
	want := strings.NewReplacer("n", "\n", "u", "é", "x", "\ufffd")
	for i := range 3000 {
		pattern := fmt.Sprintf("%d", i) + strings.Repeat("nu-x"[i%4:], i%97)
		all = append(all, kept{a.unescape([]byte(source.Replace(pattern))), want.Replace(pattern)})
	}
	all = append(all, kept{a.unescape(bytes.Repeat([]byte(`\n`), arenaChunk)), strings.Repeat("\n", arenaChunk)})
	for i, k := range all {
		if string(k.text) != k.want {
			t.Fatalf("text %d is %q, want %q", i, k.text, k.want)
		}
		_ = append(k.text, 'x') // must not reach the next one
	}
	if a.Size() > arenaChunk {
		t.Errorf("the arena holds %d bytes", a.Size())
	}
}

func TestJoin(t *testing.T) {
	var a Arena
	long := bytes.Repeat([]byte("x"), arenaChunk)
	first := a.Join([]byte("Support"), []byte(" (chat)"))
	empty, big := a.Join(), a.Join(long, []byte("y"))
	second := a.Join(nil, []byte("Sales"), []byte(" (email)"))
	for range 2 * arenaChunk / 8 {
		a.Join([]byte("12345678"))
	}
	if string(first) != "Support (chat)" || string(second) != "Sales (email)" || len(empty) != 0 || string(big) != string(long)+"y" {
		t.Errorf("%q %q %q, %d bytes", first, second, empty, len(big))
	}
	if grown := append(first, '!'); string(second) != "Sales (email)" || string(grown) != "Support (chat)!" {
		t.Errorf("appending to one text changes the next: %q", second)
	}
}
