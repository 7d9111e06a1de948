package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/query"
	"ringside/store/query/querytest"
)

// Every statement runs, whatever the filter, and in any zone.
func TestEveryStatementRuns(t *testing.T) {
	db := openMigrated(t)
	fillForDocs(t, db)
	ids := []uuid.UUID{id(1), id(2)}
	for name, f := range map[string]query.Filter{"all": {AllOrganizations: true}, "nothing": {},
		"narrow": {Organizations: ids, Queues: ids, Groups: ids, Agents: ids, CallLists: ids}} {
		for _, v := range []querytest.Values{
			{From: monday.AddDate(0, 0, -1), To: monday.AddDate(0, 0, 1), Step: time.Hour, ID: id(3), Text: "Europe/Helsinki"},
			{From: monday, To: monday.AddDate(0, 0, 7), Step: 24 * time.Hour, ID: id(4), Text: "America/New_York", Limit: 5},
		} {
			for function, s := range querytest.Every(f, v) {
				t.Run(fmt.Sprint(function, " of ", name, " by ", v.Step), func(t *testing.T) {
					var n uint64
					if err := db.Conn().QueryRow(t.Context(), "SELECT count() FROM ("+s.SQL+")", namedArgs(s)...).Scan(&n); err != nil {
						t.Fatalf("%v\n%s\n%v", err, s.SQL, s.Parameters)
					}
				})
			}
		}
	}
}
