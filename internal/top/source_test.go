package top

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringside/store/query"
)

func TestLoad(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	answer := `{"queue_id":"a","queue_name":"Sales","nbr_of_queuing_requesters":2,"max_wait_time":61,"inbound_total_calls":9,"service_level_threshold_sec":20,"service_level_target":80,"service_level_ignore_short_abandons":77.7}
{"queue_id":"b","queue_name":"Idle","nbr_of_queuing_requesters":0,"max_wait_time":0,"inbound_total_calls":null,"service_level_threshold_sec":null,"service_level_target":null,"service_level_ignore_short_abandons":null}
{"queue_id":"c","queue_name":"Unseen","nbr_of_queuing_requesters":null,"nbr_of_allocated":1,"max_wait_time":null}
`
	horizon := now.Add(-3 * time.Second)
	run := func(_ context.Context, s query.Statement) ([]byte, error) {
		if strings.HasPrefix(s.SQL, horizonSQL) {
			return fmt.Appendf(nil, `{"horizon":%d}`, horizon.UnixMicro()), nil
		}
		if s.SQL == listsSQL+asJSON {
			return []byte(`{"call_list_id":"calm","total_open_requests":9,"total_free_for_allocation":8,"total_assigned":1,"total_over_due_date":0}
{"call_list_id":"late","total_open_requests":3,"total_free_for_allocation":1,"total_assigned":2,"total_over_due_date":2}`), nil
		}
		return []byte(answer), nil
	}
	s, err := load(context.Background(), run, query.Filter{AllOrganizations: true}, now)
	if err != nil || len(s.Queues) != 3 {
		t.Fatalf("%d queues, %v", len(s.Queues), err)
	}
	if q := s.Queues[0]; q.LongestWait(now) != 61*time.Second || q.Threshold != 20*time.Second || q.Grade() != GradeClose || q.Offered != 9 {
		t.Errorf("Sales is %+v", q)
	}
	if q := s.Queues[1]; q.HasLevel || q.LongestWait(now) != 0 || q.Grade() != GradeNone {
		t.Errorf("a queue without calls is %+v", q)
	}
	if q := s.Queues[2]; q.Waiting != Unknown || q.Ringing != 1 || Sum(s.Queues, now).Waiting != 2 {
		t.Errorf("a queue whose callers are not seen is %+v", q)
	}
	if len(s.Lists) != 2 || s.Lists[0] != (List{ID: "late", Open: 3, Free: 1, Assigned: 2, Overdue: 2}) {
		t.Errorf("the lists are %+v, want the overdue one first", s.Lists)
	}
	horizon = now.Add(time.Hour) // a simulation that is an hour ahead
	s, err = load(context.Background(), run, query.Filter{AllOrganizations: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	present := s.Present(now.Add(2 * time.Second))
	if wait := s.Queues[0].LongestWait(present); wait != 63*time.Second {
		t.Errorf("2 s later the wait is %s, want 63 s", wait)
	}
}

func TestGroupByNameOrID(t *testing.T) {
	const one, two = "00000000-0000-0000-0000-000000000001", "ABCD0000-0000-0000-0000-000000000002"
	for group, want := range map[string]string{"": "[]", "First line": "[" + one + "]", one: "[" + one + "]", two: "[" + strings.ToLower(two) + "]", "Both": "[" + one + " " + strings.ToLower(two) + "]"} {
		run := func(_ context.Context, s query.Statement) ([]byte, error) {
			second := "Other"
			first := "First line"
			if group == "Both" {
				first, second = "Both", "Both"
			}
			return fmt.Appendf(nil, `{"group_id":%q,"group_name":%q}{"group_id":%q,"group_name":%q}`, one, first, two, second), nil
		}
		if f, err := inGroup(t.Context(), run, group); err != nil || fmt.Sprint(f.Groups) != want || !f.AllOrganizations {
			t.Errorf("%q: %v, %v, want %s", group, f, err, want)
		}
	}
	for answer, want := range map[string]string{
		"": "no queue is in a queue group",
		`{"group_id":"` + one + `","group_name":"First \"line\""}`: `there are "First \"line\""`,
	} {
		run := func(context.Context, query.Statement) ([]byte, error) { return []byte(answer), nil }
		if _, err := inGroup(t.Context(), run, "none"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", answer, err, want)
		}
	}
}
