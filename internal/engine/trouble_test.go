package engine

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestTroubleLog(t *testing.T) {
	var out bytes.Buffer
	l := troubleLog{log: slog.New(slog.NewTextHandler(&out, nil))}
	begin := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	away := errors.New("no space left")
	for _, c := range []struct {
		at     time.Duration
		err    error
		lasted time.Duration
		lines  int
	}{
		{0, nil, 0, 0},
		{time.Second, away, 0, 0},
		{1500 * time.Millisecond, nil, 0, 0}, // too short to be said
		{2 * time.Second, away, 0, 0},
		{3 * time.Second, away, time.Second, 1},
		{30 * time.Second, away, 28 * time.Second, 1},
		{33 * time.Second, away, 31 * time.Second, 2},
		{40 * time.Second, nil, 0, 3},
		{41 * time.Second, nil, 0, 3},
	} {
		lasted := l.look(begin.Add(c.at), c.err)
		if got := strings.Count(out.String(), "\n"); lasted != c.lasted || got != c.lines {
			t.Errorf("at %s: lasted %s, %d lines; want %s, %d\n%s", c.at, lasted, got, c.lasted, c.lines, out.String())
		}
	}
	for _, say := range []string{"no space left", "takes rows again\" after=38s"} {
		if !strings.Contains(out.String(), say) {
			t.Errorf("the log does not say %q:\n%s", say, out.String())
		}
	}
}
