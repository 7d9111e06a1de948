package scan

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestInt(t *testing.T) {
	for text, want := range map[string]string{
		`0`: "0 1", `-0`: "0 1", `12`: "12 1", `-12`: "-12 1", `3.0`: "3 1", `3.5`: "4 1", `-3.5`: "-4 1", `3.49`: "3 1", `1e3`: "1000 1",
		`"12"`: "12 1", `"-1.5"`: "-2 1", `"\u0031"`: "1 1", `""`: "0 0", `null`: "0 0", `" 12"`: "0 2", `"0x1"`: "0 2", `"012"`: "0 2",
		`"twelve"`: "0 2", `true`: "0 2", `{}`: "0 2", `[1]`: "0 2", `2147483647`: "2147483647 1", `2147483648`: "0 2",
		`-2147483648`: "-2147483648 1", `-2147483649`: "0 2", `999999999999999999999999`: "0 2", `1e999`: "0 2", `-1e999`: "0 2",
		`2147483647.4`: "2147483647 1", `2147483647.5`: "0 2", `12x`: "12 1",
	} {
		var s Scanner
		s.Start([]byte(text))
		n, shape := s.Int(math.MinInt32, math.MaxInt32)
		if got := fmt.Sprint(n, shape); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestIntBounds(t *testing.T) {
	for text, want := range map[string]int64{
		`9223372036854774784`: 9223372036854774784, `-9223372036854775808`: math.MinInt64, `123456789012345678`: 123456789012345678,
	} {
		var s Scanner
		s.Start([]byte(text))
		if n, shape := s.Int(math.MinInt64, math.MaxInt64); n != want || shape != Found {
			t.Errorf("%s: got %d, %v", text, n, shape)
		}
	}
	for _, text := range []string{`9223372036854775807`, `9223372036854775808`, `-9223372036854777856`} {
		var s Scanner
		s.Start([]byte(text))
		if n, shape := s.Int(math.MinInt64, math.MaxInt64); shape != Wrong {
			t.Errorf("%s: got %d, %v", text, n, shape) // a float64 cannot tell them from 2⁶³
		}
	}
}

// checkFloat compares a JSON number, and the same in a string, with encoding/json.
func checkFloat(t *testing.T, text []byte) {
	t.Helper()
	if !json.Valid(text) {
		return
	}
	var want float64
	err := json.Unmarshal(text, &want)
	for _, quote := range []string{"", `"`} {
		var s Scanner
		s.Start([]byte(quote + string(text) + quote))
		got, shape := s.Float()
		if quote != "" && len(text) > len(s.scratch) && shape == Found {
			continue // an escaped one would be refused, a plain one need not be
		}
		if (shape == Found) != (err == nil) || shape == Found && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s%s: got %v, %v, want %v, %v", quote, text, got, shape, want, err)
		}
	}
}

func TestFloat(t *testing.T) {
	for _, text := range []string{`0`, `-0`, `-0.0`, `1`, `81.4`, `0.1`, `1e22`, `1e23`, `-1.7976931348623157e308`, `1e309`, `5e-324`,
		`9007199254740993`, `-9007199254740993`, `123456789012345678`, `1234567890123456789`, `0.000001`, "1" + strings.Repeat("0", 400)} {
		checkFloat(t, []byte(text))
	}
	for text, want := range map[string]Shape{`null`: Absent, `""`: Absent, `"NaN"`: Wrong, `"1,5"`: Wrong, `false`: Wrong, `[]`: Wrong} {
		var s Scanner
		s.Start([]byte(text))
		if _, shape := s.Float(); shape != want {
			t.Errorf("%s: %v", text, shape)
		}
	}
}

func TestBool(t *testing.T) {
	for text, want := range map[string]string{
		`true`: "true 1", `false`: "false 1", `"True"`: "true 1", `"FALSE"`: "false 1", `1`: "true 1", `0`: "false 1", `null`: "false 0",
		`""`: "false 0", `2`: "false 2", `-1`: "false 2", `"yes"`: "false 2", `"1"`: "false 2", `{}`: "false 2", `"\u0074rue"`: "true 1", `tru`: "false 2",
	} {
		var s Scanner
		s.Start([]byte(text))
		b, shape := s.Bool()
		if got := fmt.Sprint(b, shape); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
