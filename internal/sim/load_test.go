package sim

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"ringside/ingest"
)

var loadConfig = LoadConfig{Seed: 3, Start: time.Date(2026, 5, 4, 6, 0, 0, 0, time.UTC), Organizations: 50, Queues: 40, Agents: 100,
	Calls: 3000, Step: 200 * time.Microsecond}

func TestLoadIsReproducibleAndCounts(t *testing.T) {
	a, b := Load(loadConfig), Load(loadConfig)
	types, orgs, queues, bytesOut := map[ingest.Type]int64{}, map[[16]byte]bool{}, map[string]bool{}, 0
	var last ingest.Time
	const n = 120_000
	for range n {
		ea, _ := a.Next(nil)
		eb, _ := b.Next(make([]byte, 0, 2000))
		if !bytes.Equal(ea.JSON, eb.JSON) {
			t.Fatal("the same config gave other bytes")
		}
		if ea.At <= last {
			t.Fatal("not in order of time")
		}
		last = ea.At
		types[ea.Type]++
		orgs[ea.Org] = true
		bytesOut += len(ea.JSON)
		var m struct{ QueueId, EventType string }
		if err := json.Unmarshal(ea.JSON, &m); err != nil || m.EventType != ea.Type.String() {
			t.Fatalf("%v: %s", err, ea.JSON)
		}
		if m.QueueId != "" {
			queues[m.QueueId] = true
		}
	}
	want := LoadCount{n, types[ingest.QueueCallInComing], types[ingest.QueueCallInArrived], types[ingest.QueueCallInUserConnected],
		types[ingest.QueueCallInUserCancelled]}
	got := a.Count()
	if d := want.Abandoned - got.Abandoned; d < 0 || d > int64(loadConfig.Calls) {
		t.Errorf("%d abandoned, %d cancelled", got.Abandoned, want.Abandoned)
	}
	want.Abandoned = got.Abandoned
	if got != want || got.Answered < 5000 || got.Abandoned < 500 {
		t.Errorf("counted %+v, emitted %+v", got, want)
	}
	if len(orgs) != loadConfig.Organizations || len(queues) < 1900 {
		t.Errorf("%d organizations, %d queues", len(orgs), len(queues))
	}
	if mean := bytesOut / n; mean < 500 || mean > 700 {
		t.Errorf("mean size %d B", mean)
	}
}

func BenchmarkLoad(b *testing.B) {
	l := Load(loadConfig)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for range b.N {
		ev, out := l.Next(buf[:0])
		b.SetBytes(int64(len(ev.JSON)))
		buf = out
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
