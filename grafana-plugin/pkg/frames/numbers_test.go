package frames

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/clickhouse"
	"ringside/grafana-plugin/pkg/model"
)

// TestQueuesThatAreNotToldOf asks for what an alert on callers waiting gets: nothing of a queue whose source does not tell.
func TestQueuesThatAreNotToldOf(t *testing.T) {
	n := func(v int32) *int32 { return &v }
	rows := &clickhouse.Rows{Count: 3, Fields: []*data.Field{
		data.NewField("queue_name", nil, []string{"Idle", "Unseen", "Busy"}),
		data.NewField("nbr_of_queuing_requesters", nil, []*int32{n(0), nil, n(7)}),
		data.NewField("nbr_of_agents_immediately_free", nil, []*int32{nil, nil, n(1)}),
	}}
	q := &model.Query{Kind: catalogue.QueueStatus, GroupBy: model.ByQueue, Metrics: []string{"nbr_of_queuing_requesters", "nbr_of_agents_immediately_free"}}
	frames, err := Build(q, rows, Options{Alert: true})
	if err != nil || len(frames) != 1 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	names, _ := frames[0].FieldByName("queue_name")
	if names == nil || names.Len() != 2 || names.At(0) != "Idle" || names.At(1) != "Busy" {
		t.Errorf("queues %v", names)
	}
	if frames[0].Meta == nil || frames[0].Meta.Type != data.FrameTypeNumericLong {
		t.Errorf("meta %+v", frames[0].Meta)
	}
}
