package history

import (
	"testing"
	"time"
)

func TestLocalTimes(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"Timestamp":"2026-09-16T12:00:00.1234567"}`:             `{"Timestamp":"2026-09-16T09:00:00.1234567Z"}`,
		`{"Timestamp":"2026-01-16T01:30:00"}`:                     `{"Timestamp":"2026-01-15T23:30:00Z"}`,
		`{"Timestamp":"2026-09-16T12:00:00Z"}`:                    `{"Timestamp":"2026-09-16T12:00:00Z"}`,
		`{"Timestamp":"2026-09-16T12:00:00+02:00"}`:               `{"Timestamp":"2026-09-16T12:00:00+02:00"}`,
		`{"A":"0001-01-01T00:00:00","B":"9999-12-31T23:59:59.9"}`: `{"A":"0001-01-01T00:00:00","B":"9999-12-31T23:59:59.9"}`,
		`{"QueueDate":"2026-09-16"}`:                              `{"QueueDate":"2026-09-16"}`,
	} {
		if got := string(localTimes([]byte(text), helsinki)); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
	noon := time.Date(2026, 9, 16, 12, 0, 0, 0, time.UTC).UnixMicro()
	if got := inZone(noon, helsinki); got != noon-3*3600*1e6 {
		t.Errorf("noon in Helsinki is %d µs away from noon UTC", got-noon)
	}
}
