package engine

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/sim"
	"ringside/store"
	"ringside/store/query"
)

// rolling is what is looked at of query.Rolling: everything that adds up, and some of what does not.
type rolling struct {
	Queue         uuid.UUID `ch:"queue_id"`
	Total         uint64    `ch:"inbound_total_calls"`
	Answered      uint64    `ch:"inbound_answered_calls"`
	Abandoned     uint64    `ch:"inbound_abandoned_calls"`
	LeftEarly     uint64    `ch:"inbound_left_early_calls"`
	RejectedOnly  uint64    `ch:"inbound_rejected_only_calls"`
	Overflowed    uint64    `ch:"inbound_overflowed_calls"`
	Closed        uint64    `ch:"inbound_service_closed_calls"`
	Callback      uint64    `ch:"inbound_callback_calls"`
	Transferred   uint64    `ch:"inbound_transferred_calls"`
	Lost          uint64    `ch:"inbound_lost_calls"`
	PassedThrough uint64    `ch:"inbound_passed_through_calls"`
	Short         uint64    `ch:"inbound_short_abandons"`
	ToUsers       uint64    `ch:"inbound_user_transfers"`
	ToQueues      uint64    `ch:"inbound_queue_transfers"`
	Waits         uint64    `ch:"inbound_wait_count"`
	Talks         uint64    `ch:"inbound_talk_count"`
	Out           uint64    `ch:"outbound_total_calls"`
	OutAnswered   uint64    `ch:"outbound_answered_calls"`
	OutRejected   uint64    `ch:"outbound_rejected_calls"`
	Met           uint64    `ch:"level_met"`
	N             uint64    `ch:"level_answered"`
	A             uint64    `ch:"level_abandoned"`
	B             uint64    `ch:"level_short_abandons"`
	F             uint64    `ch:"level_failed"`

	AvgWait *float64 `ch:"inbound_avg_wait_time_sec"`
	MaxWait *float64 `ch:"inbound_max_wait_sec"`
	ASA     *float64 `ch:"inbound_asa_sec"`
	AHT     *float64 `ch:"inbound_aht_sec"`
	Level   *float64 `ch:"service_level_ignore_short_abandons"`
	Offered *float64 `ch:"service_level_all_offered"`
}

func (r *rolling) counts() [24]uint64 {
	return [...]uint64{r.Total, r.Answered, r.Abandoned, r.LeftEarly, r.RejectedOnly, r.Overflowed, r.Closed, r.Callback, r.Transferred, r.Lost,
		r.PassedThrough, r.Short, r.ToUsers, r.ToQueues, r.Waits, r.Talks, r.Out, r.OutAnswered, r.OutRejected, r.Met, r.N, r.A, r.B, r.F}
}

// columnsOf are the columns that a struct is scanned from.
func columnsOf(row any) (columns []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeOf(row)) {
		columns = append(columns, f.Tag.Get("ch"))
	}
	return columns
}

// TestRolling: over a whole simulated day, by which everything has ended, the rolling figures are the day's; those of its
// parts add up to them.
func TestRolling(t *testing.T) {
	c := sim.DefaultConfig(12)
	c.Rates, c.Scale, c.Settle = sim.Everything(), .3, true
	events := sim.New(c).All()
	db, _, _ := openMigrated(t)
	w := store.NewWriter(db, store.WriterOptions{})
	p := newPipeline(0, c.Settings(), w, NewMetrics(), &versions{epoch: 1}, 1<<20, newPlaces(nil))
	b := &ingest.Batch{Topic: "events"}
	for i := range events {
		b.Records = append(b.Records, ingest.Record{Offset: int64(i), Value: events[i].JSON, Source: ingest.SourceEnreach})
	}
	b.NextOffset = int64(len(events))
	if _, err := p.Process(b, 0); err != nil {
		t.Fatal(err)
	}
	p.Drain(aggregate.DrainAll)
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}

	begin, end := c.Start.Add(-time.Second), events[len(events)-1].At.Go()
	at := func(from, to time.Time) map[uuid.UUID]rolling {
		t.Helper()
		var rows []rolling
		s := query.Rolling(query.Filter{AllOrganizations: true}, to.Sub(from), to)
		s.SQL = "SELECT " + strings.Join(columnsOf(rolling{}), ", ") + " FROM (" + s.SQL + ")"
		if err := db.Select(t.Context(), &rows, s); err != nil {
			t.Fatal(err)
		}
		byQueue := map[uuid.UUID]rolling{}
		for _, r := range rows {
			byQueue[r.Queue] = r
		}
		return byQueue
	}
	whole := at(begin, end)
	var days []rolling
	err := db.Conn().Select(t.Context(), &days, `SELECT queue_id,
toUInt64(sum(inbound_total_calls)) AS inbound_total_calls, toUInt64(sum(inbound_answered_calls)) AS inbound_answered_calls,
toUInt64(sum(inbound_abandoned_calls)) AS inbound_abandoned_calls, toUInt64(sum(inbound_left_early_calls)) AS inbound_left_early_calls,
toUInt64(sum(inbound_rejected_only_calls)) AS inbound_rejected_only_calls, toUInt64(sum(inbound_overflowed_calls)) AS inbound_overflowed_calls,
toUInt64(sum(inbound_service_closed_calls)) AS inbound_service_closed_calls, toUInt64(sum(inbound_callback_calls)) AS inbound_callback_calls,
toUInt64(sum(inbound_transferred_calls)) AS inbound_transferred_calls, toUInt64(sum(inbound_lost_calls)) AS inbound_lost_calls,
toUInt64(sum(inbound_passed_through_calls)) AS inbound_passed_through_calls, toUInt64(sum(inbound_short_abandons)) AS inbound_short_abandons,
toUInt64(sum(inbound_user_transfers)) AS inbound_user_transfers, toUInt64(sum(inbound_queue_transfers)) AS inbound_queue_transfers,
toUInt64(sum(inbound_wait_count)) AS inbound_wait_count, toUInt64(sum(inbound_talk_count)) AS inbound_talk_count,
toUInt64(sum(outbound_total_calls)) AS outbound_total_calls, toUInt64(sum(outbound_answered_calls)) AS outbound_answered_calls,
toUInt64(sum(outbound_rejected_calls)) AS outbound_rejected_calls, toUInt64(sum(level_met)) AS level_met,
toUInt64(sum(level_answered)) AS level_answered, toUInt64(sum(level_abandoned)) AS level_abandoned,
toUInt64(sum(level_short_abandons)) AS level_short_abandons, toUInt64(sum(level_failed)) AS level_failed,
sum(inbound_wait_sum_sec) / nullIf(sum(inbound_wait_count), 0) AS inbound_avg_wait_time_sec, max(inbound_max_wait_sec) AS inbound_max_wait_sec,
sum(inbound_answered_wait_sum_sec) / nullIf(sum(inbound_answered_wait_count), 0) AS inbound_asa_sec,
sum(inbound_handle_sum_sec) / nullIf(sum(inbound_handle_count), 0) AS inbound_aht_sec,
100 * sum(level_met) / nullIf(sum(level_answered) + sum(level_abandoned) - sum(level_short_abandons) + sum(level_failed), 0) AS service_level_ignore_short_abandons,
100 * sum(level_met) / nullIf(sum(level_answered) + sum(level_abandoned) + sum(level_failed), 0) AS service_level_all_offered
FROM queue_daily_call_metrics GROUP BY queue_id SETTINGS prefer_column_name_to_alias = 1`)
	if err != nil {
		t.Fatal(err)
	}
	busy := 0
	for i := range days {
		want, got := &days[i], whole[days[i].Queue]
		if got.counts() != want.counts() {
			t.Errorf("queue %v: %v, the days have %v", want.Queue, got.counts(), want.counts())
		}
		for what, pair := range map[string][2]*float64{"mean wait": {got.AvgWait, want.AvgWait}, "longest wait": {got.MaxWait, want.MaxWait},
			"speed of answer": {got.ASA, want.ASA}, "handling time": {got.AHT, want.AHT}, "level": {got.Level, want.Level}, "level of all": {got.Offered, want.Offered}} {
			if g, w := pair[0], pair[1]; (g == nil) != (w == nil) || g != nil && (*g-*w > 1e-6 || *w-*g > 1e-6) {
				t.Errorf("queue %v: %s %v, the days have %v", want.Queue, what, pair[0], pair[1])
			}
		}
		if want.Answered > 20 && want.Abandoned > 5 {
			busy++
		}
	}
	if busy < 2 {
		t.Fatalf("%d busy queues are too few for a test", busy)
	}

	noon := c.Start.Add(12*time.Hour + 7*time.Minute)
	before, after := at(begin, noon), at(noon, end)
	for queue, all := range whole {
		b, a, sum := before[queue], after[queue], [24]uint64{}
		bc, ac := b.counts(), a.counts()
		for i := range sum {
			sum[i] = bc[i] + ac[i]
		}
		if sum != all.counts() {
			t.Errorf("queue %v: until noon %v and then %v, in all %v", queue, b.counts(), a.counts(), all.counts())
		}
	}
}
