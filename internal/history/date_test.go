package history

import "testing"

func TestParseDate(t *testing.T) {
	for text, want := range map[string]int64{"2026-03-02": 20514, "1970-01-03": 2, "2024-02-29": 19782} {
		d, err := ParseDate(text)
		if err != nil || int64(d) != want || d.String() != text || d.Micros() != want*24*3600*1e6 {
			t.Errorf("%s is %d (%s), %v; want %d", text, d, d, err, want)
		}
	}
	for _, text := range []string{"", "2026-02-29", "2026-3-2", "02.03.2026", "1970-01-02", "2199-01-01", "2026-03-02T00:00:00Z"} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("%q is taken for %s", text, d)
		}
	}
}

func TestMonth(t *testing.T) {
	for text, want := range map[string]int{"2026-03-01": 202603, "2026-02-28": 202602, "2025-12-31": 202512} {
		d, err := ParseDate(text)
		if err != nil || d.Month() != want {
			t.Errorf("the month of %s is %d, want %d (%v)", text, d.Month(), want, err)
		}
	}
}
