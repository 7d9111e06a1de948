package e2e

import (
	"fmt"
	"testing"
	"time"

	"ringside/internal/storetest"
)

// The wallboard's figures are those of the views.
func TestQueueStatus(t *testing.T) {
	w, p := open(t), start(t)
	type row struct {
		Queue    string `json:"queue_id"`
		Name     string `json:"queue_name"`
		Waiting  int64  `json:"nbr_of_queuing_requesters"`
		Agents   int64  `json:"nbr_of_agents_checked_in_queue"`
		Requests int64  `json:"nbr_of_requesters"`
	}
	want := storetest.JSON[row](t, w.sql(t), "SELECT queue_id, queue_name, nbr_of_queuing_requesters, nbr_of_agents_checked_in_queue, nbr_of_requesters FROM queue_status_now ORDER BY queue_name, organization_id, queue_id")
	frames := p.frames(w.source(), asked{query: map[string]any{"kind": "queueStatus", "metrics": []string{"nbr_of_queuing_requesters", "nbr_of_agents_checked_in_queue", "nbr_of_requesters", "max_wait_time", "service_level"}}, from: w.begin, to: w.end})
	if len(frames) != 1 {
		t.Fatalf("%d frames", len(frames))
	}
	f := frames[0]
	if f.Rows() != len(want) || len(want) < 10 {
		t.Fatalf("%d rows, want %d", f.Rows(), len(want))
	}
	busy := 0
	for i, r := range want {
		var got row
		for _, field := range f.Fields {
			v, _ := field.ConcreteAt(i)
			switch field.Name {
			case "queue_id":
				got.Queue = fmt.Sprint(v)
			case "queue_name":
				got.Name = fmt.Sprint(v)
			case "nbr_of_queuing_requesters":
				got.Waiting = v.(int64)
			case "nbr_of_agents_checked_in_queue":
				got.Agents = v.(int64)
			case "nbr_of_requesters":
				got.Requests = v.(int64)
			}
		}
		if got != r {
			t.Errorf("row %d: %+v, want %+v", i, got, r)
		}
		if r.Requests > 0 {
			busy++
		}
	}
	if busy == 0 {
		t.Error("no queue has a caller: the figures prove little")
	}
	if f.Meta == nil || f.Meta.Channel == "" {
		t.Error("the frame names no channel")
	}
	for _, field := range f.Fields {
		if field.Config == nil || field.Config.DisplayNameFromDS == "" || field.Config.Description == "" {
			t.Errorf("%s has no title or no definition", field.Name)
		}
	}
	_ = time.Now
}
