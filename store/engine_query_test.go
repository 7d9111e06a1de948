package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/store/query"
)

func engineOfTheDay(t *testing.T, d *simulatedDay) {
	account := d.accounts[d.organizations[0]]
	horizon := time.UnixMicro(account.Horizon).UTC()
	type lagRow struct {
		Organization uuid.UUID  `ch:"organization_id"`
		Partition    int32      `ch:"kafka_partition"`
		Horizon      *time.Time `ch:"horizon"`
		Lag          *float64   `ch:"lag_sec"`
	}
	for after, lag := range map[time.Duration]float64{90 * time.Second: 90, -time.Hour: 0} {
		got := read[lagRow](t, d.db, query.Lag(d.of(), horizon.Add(after)))
		same(t, "lag", got, []lagRow{{d.organizations[0], 3, &horizon, &lag}})
	}
	type accountRow struct {
		Received   int64 `ch:"received"`
		Accepted   int64 `ch:"accepted"`
		Late       int64 `ch:"late"`
		Orphan     int64 `ch:"orphan"`
		Difference int64 `ch:"difference"`
	}
	got := read[accountRow](t, d.db, query.Accounting(d.of()))
	same(t, "account", got, []accountRow{{account.Received, account.Accepted, account.Late, account.Orphan, 0}})

	type lateRow struct {
		At     time.Time `ch:"time"`
		Reason string    `ch:"reason"`
		Events uint64    `ch:"events"`
	}
	from, to, step := d.begin.Add(8*time.Hour), d.begin.Add(14*time.Hour), 20*time.Minute
	counts := map[lateRow]uint64{}
	for e := range d.late {
		if at := time.UnixMicro(e.at).UTC(); e.organization == d.organizations[0] && !at.Before(from) && at.Before(to) {
			counts[lateRow{at.Truncate(step), e.reason, 0}]++
		}
	}
	var want []lateRow
	for r, n := range counts {
		want = append(want, lateRow{r.At, r.Reason, n})
	}
	slices.SortFunc(want, func(a, b lateRow) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Reason, b.Reason)) })
	same(t, "late", read[lateRow](t, d.db, query.LateReasons(d.of(), from, to, step)), want)
	if len(want) < 5 {
		t.Errorf("%d rows of late events", len(want))
	}
}

// What a change of the open status is called; "" if it is none.
func openingOf(before, after int32) string {
	class := func(s int32) string {
		return map[int32]string{1: "no active handler", 3: "closed", 4: "closed", 5: "opened", 6: "opened"}[s]
	}
	if before == 0 || after == 0 || class(before) == class(after) {
		return ""
	}
	return class(after)
}

type openingRow struct {
	At    time.Time `ch:"time"`
	Queue uuid.UUID `ch:"queue_id"`
	From  uint8     `ch:"from_status"`
	To    uint8     `ch:"to_status"`
	Event string    `ch:"event"`
	Text  string    `ch:"text"`
	Tags  []string  `ch:"tags"`
}

func openingsOfTheDay(t *testing.T, d *simulatedDay) {
	for _, c := range []struct {
		from, to time.Time
		least    int
	}{{d.begin, d.end.AddDate(0, 0, 1), 10}, {d.begin.Add(12 * time.Hour), d.begin.Add(20 * time.Hour), 4}, {d.end.AddDate(0, 0, 10), d.end.AddDate(0, 0, 11), 0}} {
		before := map[uuid.UUID]int32{}
		var want []openingRow
		for i := range d.queueStatus {
			r := &d.queueStatus[i]
			if r.OrganizationID != d.organizations[0] || r.OpenStatus == 0 {
				continue
			}
			event := openingOf(before[r.QueueID], r.OpenStatus)
			if at := time.UnixMicro(r.ObservedAt).UTC(); event != "" && !at.Before(c.from) && at.Before(c.to) {
				text := d.queues[[2]uuid.UUID{r.OrganizationID, r.QueueID}].QueueName + " " + event
				if r.OpenStatus%2 == 0 {
					text += " (estimated)"
				}
				want = append(want, openingRow{at, r.QueueID, uint8(before[r.QueueID]), uint8(r.OpenStatus), event, text, []string{event}})
			}
			before[r.QueueID] = r.OpenStatus
		}
		order := func(a, b openingRow) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Text, b.Text)) }
		slices.SortFunc(want, order)
		got := read[openingRow](t, d.db, query.Openings(d.of(), c.from, c.to))
		slices.SortStableFunc(got, order)
		same(t, "openings", got, want)
		if len(want) < c.least {
			t.Errorf("%d openings", len(want))
		}
	}
}

type missedRow struct {
	At      time.Time `ch:"time"`
	End     time.Time `ch:"time_end"`
	Queue   uuid.UUID `ch:"queue_id"`
	Percent float64   `ch:"percentage"`
	Target  float64   `ch:"service_level_target"`
	Met     int64     `ch:"met_calls"`
	Counted int64     `ch:"counted_calls"`
}

// levelOf are the calls that met the service level and those that count, by METRICS.md, section 4.
func levelOf(s *aggregate.Sums, variant string) (met, counted int64) {
	n, a, b, f := s.LevelAnswered, s.LevelAbandoned, s.LevelShort, s.LevelFailed
	switch variant {
	case "all_offered":
		return s.LevelMet, n + a + f
	case "answered_only":
		return s.LevelMet, n
	case "short_abandons_met":
		return s.LevelMet + b, n + a + f
	}
	return s.LevelMet, n + a - b + f
}

func missedLevelsOfTheDay(t *testing.T, d *simulatedDay) {
	merged := 0
	for _, variant := range []string{"ignore_short_abandons", "all_offered", "answered_only", "short_abandons_met", "none of the four'"} {
		from, to := d.begin.Add(6*time.Hour), d.begin.Add(15*time.Hour)
		var missed []aggregate.IntervalRow
		for _, r := range d.quarters {
			rules, known := d.days[quarterKey{r.OrganizationID, r.QueueID, int64(r.QueueDate)}]
			met, counted := levelOf(&r.Sums, variant)
			if r.OrganizationID == d.organizations[0] && r.IntervalStart >= from.UnixMicro() && r.IntervalStart < to.UnixMicro() && known && rules.Threshold > 0 &&
				counted > 0 && 100*float64(met)/float64(counted) < rules.Target {
				missed = append(missed, r)
			}
		}
		slices.SortFunc(missed, func(a, b aggregate.IntervalRow) int {
			return cmp.Or(byID(a.QueueID, b.QueueID), cmp.Compare(a.IntervalStart, b.IntervalStart))
		})
		var want []missedRow
		for _, r := range missed {
			met, counted := levelOf(&r.Sums, variant)
			start := time.UnixMicro(r.IntervalStart).UTC()
			if n := len(want); n > 0 && want[n-1].Queue == r.QueueID && want[n-1].End.Equal(start) {
				met, counted, start = met+want[n-1].Met, counted+want[n-1].Counted, want[n-1].At
				want = want[:n-1]
				merged++
			}
			target := d.days[quarterKey{r.OrganizationID, r.QueueID, int64(r.QueueDate)}].Target
			want = append(want, missedRow{start, time.UnixMicro(r.IntervalStart).Add(15 * time.Minute), r.QueueID, 100 * float64(met) / float64(counted), target, met, counted})
		}
		order := func(a, b missedRow) int { return cmp.Or(a.At.Compare(b.At), byID(a.Queue, b.Queue)) }
		slices.SortFunc(want, order)
		got := read[missedRow](t, d.db, query.MissedLevels(d.of(), from, to, variant))
		slices.SortStableFunc(got, order)
		same(t, variant, got, want)
		if len(want) < 3 {
			t.Errorf("%s: %d times", variant, len(want))
		}
	}
	if merged < 3 {
		t.Errorf("%d quarters were merged", merged)
	}
	type textRow struct {
		Text string `ch:"text"`
	}
	for _, r := range read[textRow](t, d.db, query.MissedLevels(d.of(), d.begin, d.end, "")) {
		var percent, threshold, target float64
		_, after, _ := strings.Cut(r.Text, ": ")
		if n, err := fmt.Sscanf(after, "%f %% within %f s, target %f %%", &percent, &threshold, &target); n != 3 || percent >= target {
			t.Errorf("%q: %v", r.Text, err)
		}
	}
}
