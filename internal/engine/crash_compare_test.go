package engine

import (
	"strconv"
	"strings"

	"ringside/aggregate"
	"ringside/internal/storetest"
	"ringside/store"
)

func (w *world) accounts() []aggregate.AccountingRow {
	return storetest.JSON[aggregate.AccountingRow](w.t, w.read,
		"SELECT organization_id AS OrganizationID, received AS Received, toUnixTimestamp64Micro(ifNull(horizon, toDateTime64(0, 6, 'UTC'))) AS Horizon FROM accounting")
}

func (w *world) number(query string) int {
	n, err := strconv.Atoi(strings.TrimSpace(w.read(query)))
	if err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (w *world) rows() *aggregate.Rows { return storetest.Rows(w.t, w.read) }

// compare holds what the views show to the truth.
func (w *world) compare(when string) {
	rows := storetest.Rows(w.t, w.read)
	for _, line := range append(w.day.differences(rows, w.number("SELECT count() FROM rejects")), w.day.truth.DiffStructure(storetest.Structure(w.t, w.read))...) {
		w.fail("%s: %s", when, line)
	}
	if n := w.number("SELECT count() - uniqExact(event_id) FROM events"); n != 0 {
		w.fail("%s: %d events are kept twice", when, n)
	}
	if w.keeps == store.EventsOff {
		return
	}
	accepted := 0
	for _, a := range rows.Accounting {
		accepted += int(a.Accepted + a.Orphan)
	}
	if n := w.number("SELECT count() FROM events"); n != accepted {
		w.fail("%s: %d events are kept, %d were accepted", when, n, accepted)
	}
}
