package top

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringside/store/query"
)

func TestAgents(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	run := func(_ context.Context, s query.Statement) ([]byte, error) {
		switch {
		case s.SQL == agentsSQL+asJSON:
			if got := s.Parameters[0].Value; got != "2026-03-02 04:00:00.000000" {
				t.Errorf("figures since %v", got)
			}
			return fmt.Appendf(nil, `{"agent_name":"","agent_id":"id","state":"unknown","since":0,"queue_name":"","calls":0,"aht_sec":null,"occupancy":null}
{"agent_name":"zoe","agent_id":"z","state":"wrap_up","since":%d,"queue_name":"Sales","calls":12,"aht_sec":185.5,"occupancy":81.25}
{"agent_name":"Ann","agent_id":"a","state":"talking","since":%d,"queue_name":"Sales","stuck":true,"calls":1,"aht_sec":null,"occupancy":100}`,
				now.Add(-time.Minute).UnixMicro(), now.Add(-13*time.Hour).UnixMicro()), nil
		case strings.HasPrefix(s.SQL, horizonSQL):
			return fmt.Appendf(nil, `{"horizon":%d}`, now.UnixMicro()), nil
		}
		return nil, nil
	}
	s, err := load(t.Context(), run, query.Filter{AllOrganizations: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.loadAgents(t.Context(), run, 0); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := WritePlain(&b, s, now); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"AGENT STATE SINCE QUEUE CALLS HANDLING OCCUPANCY", "Ann talking 13:00:00 Sales 1 - 100.0% stuck",
		"zoe wrap up 1:00 Sales 12 3:05 81.2%", "id unknown - 0 - -"} {
		if got := strings.Join(strings.Fields(strings.Split(b.String(), "\n")[i]), " "); got != want {
			t.Errorf("line %d: %s, want %s", i, got, want)
		}
	}
	m := newModel(t.Context(), nil)
	m.wall = now
	m.take(loadMsg{snapshot: s})
	for _, c := range []struct {
		filter, has, not string
		width, height    int
	}{{"", "zoe", "no queues", 120, 30}, {"an", "Ann", "zoe", 120, 30}, {"", "Ann", "zoe", 60, 5}} {
		m.filter, m.width, m.height = c.filter, c.width, c.height
		view := m.View()
		if !strings.Contains(view, c.has) || strings.Contains(view, c.not) || strings.Count(view, "\n") >= c.height {
			t.Errorf("filter %q in %d lines:\n%s", c.filter, c.height, view)
		}
	}
}
