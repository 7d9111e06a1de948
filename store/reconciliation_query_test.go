package store

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
)

// agreementRow is how figures agree.
type agreementRow struct {
	Figures   uint64   `ch:"figures"`
	Agreed    uint64   `ch:"agreed"`
	Percent   *float64 `ch:"agree_percent"`
	Greatest  float64  `ch:"greatest_difference"`
	Mean      float64  `ch:"avg_difference"`
	Explained uint64   `ch:"explained"`
	Shown     *float64 `ch:"shown_agree_percent"`
}

func agreementOf(figures []ReconciledFigure) (a agreementRow) {
	var sum float64
	var shown meanOf
	for _, f := range figures {
		a.Figures++
		size := math.Abs(f.Difference)
		sum += size
		a.Greatest = max(a.Greatest, size)
		switch {
		case f.Difference == 0:
			a.Agreed++
		case f.ExplainedBy != "":
			a.Explained++
		}
		if f.ShownThen != nil {
			shown.add(0)
			if math.Abs(*f.ShownThen-*f.Published) <= .5 {
				shown.sum += 100
			}
		}
	}
	a.Percent, a.Mean, a.Shown = number(100*float64(a.Agreed)/float64(a.Figures)), sum/float64(a.Figures), shown.value()
	return a
}

func reconciliationOfTheDay(t *testing.T, d *simulatedDay) {
	queue, group := d.aQueue()
	list := d.listsOf()[0]
	from, to := d.begin.Add(5*time.Hour), d.begin.Add(20*time.Hour+time.Minute)
	for what, c := range map[string]struct {
		f    query.Filter
		keep func(f *ReconciledFigure) bool
	}{
		"all":   {query.Filter{}, func(*ReconciledFigure) bool { return true }},
		"queue": {query.Filter{Queues: []uuid.UUID{queue}}, func(f *ReconciledFigure) bool { return f.Kind == "CallbackListStatus" || f.EntityID == queue }},
		"group": {query.Filter{Groups: []uuid.UUID{group}}, func(f *ReconciledFigure) bool {
			return f.Kind == "CallbackListStatus" || slices.Contains(d.queues[[2]uuid.UUID{f.OrganizationID, f.EntityID}].Groups, group)
		}},
		"list": {query.Filter{CallLists: []uuid.UUID{list}}, func(f *ReconciledFigure) bool { return f.Kind != "CallbackListStatus" || f.EntityID == list }},
	} {
		t.Run(what, func(t *testing.T) {
			c.f.Organizations = d.organizations[:1]
			var figures []ReconciledFigure
			for _, f := range d.figures {
				if f.OrganizationID == d.organizations[0] && f.PublishedAt >= from.UnixMicro() && f.PublishedAt < to.UnixMicro() && c.keep(&f) {
					figures = append(figures, f)
				}
			}
			sameFields(t, d, c.f, from, to, figures)
			sameDrift(t, d, c.f, from, to, figures)
			sameDifferences(t, d, c.f, from, to, figures)
		})
	}
}

func sameFields(t *testing.T, d *simulatedDay, f query.Filter, from, to time.Time, figures []ReconciledFigure) {
	type fieldRow struct {
		Kind        string `ch:"kind"`
		Field       string `ch:"field"`
		ExplainedBy string `ch:"explained_by"`
		agreementRow
	}
	by := map[string][]ReconciledFigure{}
	for _, f := range figures {
		by[f.Kind+" "+f.Field] = append(by[f.Kind+" "+f.Field], f)
	}
	var want []fieldRow
	for _, of := range by {
		var choices []string
		for _, f := range of {
			if f.ExplainedBy != "" && !slices.Contains(choices, f.ExplainedBy) {
				choices = append(choices, f.ExplainedBy)
			}
		}
		slices.Sort(choices)
		want = append(want, fieldRow{of[0].Kind, of[0].Field, strings.Join(choices, ", "), agreementOf(of)})
	}
	slices.SortFunc(want, func(a, b fieldRow) int {
		return cmp.Or(cmp.Compare(*a.Percent, *b.Percent), strings.Compare(a.Kind, b.Kind))
	})
	same(t, "fields", read[fieldRow](t, d.db, query.ReconciliationFields(f, from, to)), want)
	if len(want) != 3 {
		t.Errorf("%d fields", len(want))
	}
}

func sameDrift(t *testing.T, d *simulatedDay, f query.Filter, from, to time.Time, figures []ReconciledFigure) {
	type driftRow struct {
		At   time.Time `ch:"time"`
		Kind string    `ch:"kind"`
		agreementRow
	}
	const step = 2 * time.Hour
	type key struct {
		at   time.Time
		kind string
	}
	by := map[key][]ReconciledFigure{}
	for _, f := range figures {
		k := key{time.UnixMicro(f.PublishedAt).UTC().Truncate(step), f.Kind}
		by[k] = append(by[k], f)
	}
	var want []driftRow
	for _, k := range slices.SortedFunc(maps.Keys(by), func(a, b key) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.kind, b.kind)) }) {
		want = append(want, driftRow{k.at, k.kind, agreementOf(by[k])})
	}
	same(t, "drift", read[driftRow](t, d.db, query.ReconciliationDrift(f, from, to, step)), want)
}

func sameDifferences(t *testing.T, d *simulatedDay, f query.Filter, from, to time.Time, figures []ReconciledFigure) {
	type differenceRow struct {
		At          time.Time  `ch:"published_at"`
		Kind        string     `ch:"kind"`
		Field       string     `ch:"field"`
		Entity      uuid.UUID  `ch:"entity_id"`
		Queue       *uuid.UUID `ch:"queue_id"`
		Name        string     `ch:"entity_name"`
		Published   *float64   `ch:"published"`
		Recomputed  *float64   `ch:"recomputed"`
		Shown       *float64   `ch:"shown_then"`
		Difference  float64    `ch:"difference"`
		ExplainedBy string     `ch:"explained_by"`
	}
	var want []differenceRow
	for _, f := range figures {
		if f.Difference == 0 {
			continue
		}
		r := differenceRow{time.UnixMicro(f.PublishedAt).UTC(), f.Kind, f.Field, f.EntityID, nil, f.EntityID.String()[:8], f.Published, f.Recomputed, f.ShownThen,
			f.Difference, f.ExplainedBy}
		if f.Kind != "CallbackListStatus" {
			r.Queue, r.Name = &f.EntityID, d.queues[[2]uuid.UUID{f.OrganizationID, f.EntityID}].QueueName
		}
		want = append(want, r)
	}
	order := func(a, b differenceRow) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Difference), math.Abs(a.Difference)), b.At.Compare(a.At), strings.Compare(a.Kind, b.Kind), byID(a.Entity, b.Entity))
	}
	slices.SortFunc(want, order)
	got := read[differenceRow](t, d.db, query.ReconciliationDifferences(f, from, to, 0))
	for i := range got {
		if i > 0 && math.Abs(got[i].Difference) > math.Abs(got[i-1].Difference) {
			t.Errorf("%v comes after %v", got[i], got[i-1])
		}
	}
	slices.SortStableFunc(got, order)
	same(t, "differences", got, want)
	if len(want) < 5 {
		t.Errorf("%d differences", len(want))
	}
	if first := read[differenceRow](t, d.db, query.ReconciliationDifferences(f, from, to, 2)); len(first) != 2 || math.Abs(first[0].Difference) != math.Abs(want[0].Difference) {
		t.Errorf("the two greatest: %v", first)
	}
}

func rejectsOfTheDay(t *testing.T, d *simulatedDay) {
	type rejectRow struct {
		Reason  string     `ch:"reason"`
		Events  uint64     `ch:"events"`
		Undated uint64     `ch:"undated"`
		Last    *time.Time `ch:"last_received_at"`
		Example string     `ch:"example"`
	}
	at := func(hour int) *time.Time {
		last := d.begin.Add(time.Duration(hour) * time.Hour)
		return &last
	}
	org := d.organizations[0].String()
	for what, c := range map[string]struct {
		from, to time.Time
		want     []rejectRow
	}{
		"day":    {d.begin, d.end, []rejectRow{{"conflict", 2, 0, at(3), org}, {"malformed", 1, 0, at(1), org}}},
		"part":   {d.begin.Add(2 * time.Hour), d.begin.Add(3 * time.Hour), []rejectRow{{"conflict", 1, 0, at(2), org}}},
		"before": {d.begin.AddDate(0, 0, -1), d.begin, nil},
	} {
		same(t, what, read[rejectRow](t, d.db, query.RejectReasons(d.of(), c.from, c.to)), c.want)
	}
}
