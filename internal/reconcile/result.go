package reconcile

import (
	"strings"

	"github.com/google/uuid"
)

// Result is what comparing has given.
type Result struct {
	Organization uuid.UUID `json:"organization_id"`
	Date         string    `json:"date"`
	Compared     int64     `json:"compared"`
	Agreed       int64     `json:"agreed"`
	NotFinal     int64     `json:"not_final"` // summaries that are too recent: events of before may still come
	Fields       []Field   `json:"fields"`
}

// Field is what comparing the figures of one field has given.
type Field struct {
	Kind     string  `json:"kind"`
	Field    string  `json:"field"`
	Compared int64   `json:"compared"`
	Agreed   int64   `json:"agreed"`
	Share    float64 `json:"share"`               // of those that agree, in percent
	Greatest float64 `json:"greatest_difference"` // without its sign
	Mean     float64 `json:"mean_difference"`     // of those that differ, without their signs

	// Choices are the readings of docs/METRICS.md under each of which alone the differences vanish, or all but a tenth of
	// them; Left is how many stay.
	Choices []Choice `json:"choices,omitempty"`
	Left    int64    `json:"left"`

	Calls     []Call `json:"calls,omitempty"` // behind what is left
	MoreCalls int64  `json:"more_calls,omitempty"`
}

// Choice is another reading.
type Choice struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// candidate is a reading that may explain a field's differences.
type candidate struct {
	choice string
	left   int64
	behind *behind
	other  *pass // nil: an alternative
	bit    int
}

// nearlyAll: a reading explains differences of which it leaves no more than one in so many.
const nearlyAll = 10

// explained returns the readings that explain the differences of a field best, those that leave least first. Where one
// makes them vanish, so do the others that are returned.
func explained(base *pass, others []*pass, i, j int) (best []candidate) {
	c := &base.fields[i][j]
	if c.differ == 0 {
		return nil
	}
	var all []candidate
	for a, alternative := range kinds[i].fields[j].otherwise {
		all = append(all, candidate{alternative.choice, c.left[a], &c.behind[1+a], nil, a})
	}
	for _, o := range others {
		all = append(all, candidate{o.reading.choice, o.fields[i][j].differ, &o.fields[i][j].behind[0], o, 0})
	}
	for _, k := range all {
		name, _, _ := strings.Cut(k.choice, " ")
		switch {
		case k.left*nearlyAll > c.differ:
		case len(best) == 0 || k.left < best[0].left:
			best = []candidate{k}
		case k.left == best[0].left && !strings.HasPrefix(best[len(best)-1].choice, name): // zones with the same clock are one reading
			best = append(best, k)
		}
	}
	return best
}

// conclude makes the result of what the passes have counted.
func (r *Reconcile) conclude(base *pass, others []*pass) *Result {
	result := &Result{Organization: r.Organization, Date: r.Date.String(), NotFinal: base.recent}
	for i := range kinds {
		for j := range kinds[i].fields {
			c := &base.fields[i][j]
			if c.compared == 0 {
				continue
			}
			f := Field{Kind: kinds[i].name, Field: kinds[i].fields[j].name, Compared: c.compared, Agreed: c.compared - c.differ,
				Share: 100 * float64(c.compared-c.differ) / float64(c.compared), Greatest: c.greatest, Left: c.differ}
			if c.differ > 0 {
				f.Mean = c.sum / float64(c.differ)
			}
			behind := &c.behind[0]
			for _, k := range explained(base, others, i, j) {
				f.Choices = append(f.Choices, Choice{k.choice, textOf(k.choice)})
				f.Left, behind = k.left, k.behind
			}
			if f.Left > 0 {
				f.Calls, f.MoreCalls = behind.calls, behind.more
			}
			result.Compared += f.Compared
			result.Agreed += f.Agreed
			result.Fields = append(result.Fields, f)
		}
	}
	return result
}

// explanations returns what says of a row which reading explains its difference.
func (result *Result) explanations(base *pass, others []*pass) func(*row) string {
	best := make([][][]candidate, len(kinds))
	for i := range kinds {
		for j := range kinds[i].fields {
			best[i] = append(best[i], explained(base, others, i, j))
		}
	}
	return func(w *row) string {
		for _, k := range best[w.kind][w.id.field] {
			if k.other == nil && w.vanishes>>k.bit&1 != 0 || k.other != nil && !k.other.differing[w.id] {
				return k.choice
			}
		}
		return ""
	}
}
