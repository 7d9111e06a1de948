package store

import (
	"testing"
	"time"
)

func TestReconciliationIsReplaced(t *testing.T) {
	db := openMigrated(t)
	one1, two := 1., 2.
	row := ReconciledFigure{OrganizationID: id(1), Date: day(monday), Kind: "QueueStatus", EntityID: id(2), Field: "NbrOfConnected",
		PublishedAt: monday.UnixMicro(), Published: &one1, Recomputed: &two, Difference: -1}
	other := row
	other.Field, other.Recomputed, other.ShownThen, other.Difference = "MaxWaitTime", nil, &one1, 1
	if err := db.WriteReconciliation(t.Context(), -1, monday, nil); err != nil {
		t.Fatal(err)
	}
	for run, explained := range []string{"", "some_choice"} {
		row.ExplainedBy = explained
		if err := db.WriteReconciliation(t.Context(), -1, monday.Add(time.Duration(run)*time.Hour), []ReconciledFigure{row, other}); err != nil {
			t.Fatal(err)
		}
	}
	got := scan[string](t, db, `SELECT concat(toString(figure_date), ' ', field, ' ', toString(published), ' ', ifNull(toString(recomputed), 'NULL'), ' ',
ifNull(toString(shown_then), 'NULL'), ' ', toString(difference), ' ', explained_by, ' ', toString(toHour(run_at))) FROM reconciliation ORDER BY field`)
	date, hour := monday.Format(time.DateOnly), monday.Add(time.Hour).Format("15")
	if hour[0] == '0' {
		hour = hour[1:]
	}
	want := []string{date + " MaxWaitTime 1 NULL 1 1  " + hour, date + " NbrOfConnected 1 2 NULL -1 some_choice " + hour}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%q, want %q", got, want)
	}
}
