package scan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

const someUUID = "9cae633f-68d0-4315-8b9a-b83c7673d8dc"

func TestUUID(t *testing.T) {
	for text, want := range map[string]Shape{
		`"` + someUUID + `"`: Found, `"` + strings.ToUpper(someUUID) + `"`: Found, `"{` + someUUID + `}"`: Found,
		`"` + strings.ReplaceAll(someUUID, "-", "") + `"`: Found, `"\u0039` + someUUID[1:] + `"`: Found,
		`null`: Absent, `""`: Absent, `"` + someUUID[1:] + `"`: Wrong, `"` + someUUID + `0"`: Wrong, `"(` + someUUID + `)"`: Wrong,
		`"{` + someUUID + `"`: Wrong, `"urn:uuid:` + someUUID + `"`: Wrong, `5`: Wrong, `true`: Wrong, `{"a":1}`: Wrong, `["` + someUUID + `"]`: Wrong,
		`"` + someUUID: Wrong, `"` + strings.Repeat(someUUID, 20) + `"`: Wrong,
	} {
		for _, behind := range []string{"", " , \"and more text than a UUID is long\""} {
			var s Scanner
			var u uuid.UUID
			s.Start([]byte(text + behind))
			shape := s.UUID(&u)
			if shape != want || (shape == Found) != (u.String() == someUUID) || shape != Found && u != uuid.Nil {
				t.Errorf("%s: got %s, %v, want %v", text+behind, u, shape, want)
			}
		}
	}
}

// TestUUIDEveryByte puts every byte in every place.
func TestUUIDEveryByte(t *testing.T) {
	forms := []string{someUUID, "{" + someUUID + "}", strings.ReplaceAll(someUUID, "-", "")}
	for _, form := range forms {
		for at := range form {
			for c := range 256 {
				text := []byte(form)
				text[at] = byte(c)
				want, err := uuid.ParseBytes(text)
				// google/uuid does not look at the braces.
				ok := err == nil && (len(text) != 38 || text[0] == '{' && text[37] == '}')
				var got uuid.UUID
				if ParseUUID(text, &got) != ok || ok && got != want || !ok && got != uuid.Nil {
					t.Fatalf("%q: got %s, want %s, %v", text, got, want, ok)
				}
			}
		}
	}
}

func TestUUIDDigits(t *testing.T) {
	for i := range 256 {
		text := strings.Repeat(fmt.Sprintf("%02x", i), 16)
		var got uuid.UUID
		if want := uuid.MustParse(text); !ParseUUID([]byte(want.String()), &got) || got != want {
			t.Errorf("%s: got %s", want, got)
		}
	}
}
