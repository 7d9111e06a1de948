package history

import (
	"context"
	"regexp"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// zoned selects the events whose timestamp names its zone.
const zoned = `match(body, '"Timestamp"\\s*:\\s*"[0-9-]+[Tt ][0-9:.]+([Zz]|[+-][0-9:]+)"')`

// localEvents reads events under the reading Reader.Local: those that name their zone as ever, the others by the instants
// that they then have. Their time of receipt says nothing: it only put right what the other reading had put wrong.
func (r *Reader) localEvents(ctx context.Context, span Span) Merged {
	// A zone is at most this far from UTC.
	const far = 15 * int64(time.Hour/time.Microsecond)
	var all Merged
	for _, table := range []struct {
		name, condition string
		late            bool
	}{
		{r.Table("events_versions"), "1", false}, {r.Late, "startsWith(reason, 'late')", true},
	} {
		for _, local := range []*time.Location{nil, r.Local} {
			p := &Pager{ctx: ctx, r: r, table: table.name, instant: "happened_at", late: table.late, at: span.From - 1, local: local,
				named: []any{clickhouse.Named("to", span.To)}, condition: table.condition + " AND happened_at < " + MicrosText("to") + " AND " + zoned}
			if local != nil {
				p.at, p.named, p.unreceived = span.From-far, []any{clickhouse.Named("to", span.To+far)}, true
				p.condition = table.condition + " AND happened_at < " + MicrosText("to") + " AND NOT " + zoned
			}
			all = append(all, p)
		}
	}
	return all
}

// WithoutZone counts the events of a span whose timestamps name no zone.
func (r *Reader) WithoutZone(ctx context.Context, span Span) (n uint64, err error) {
	err = r.DB.Conn().QueryRow(ctx, "SELECT count() FROM "+r.Table("events_versions")+" WHERE organization_id = {organization:UUID} AND happened_at >= "+
		MicrosText("from")+" AND happened_at < "+MicrosText("to")+" AND NOT "+zoned,
		r.Parameters(clickhouse.Named("from", span.From), clickhouse.Named("to", span.To))...).Scan(&n)
	return n, err
}

// inZone takes an instant that was read as UTC for one of a zone's clock.
func inZone(us int64, zone *time.Location) int64 {
	t := time.UnixMicro(us).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone).UnixMicro()
}

var zoneless = regexp.MustCompile(`"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?"`)

// localTimes gives each time in a message that names no zone its instant in one. Unset and open-ended times stay.
func localTimes(body []byte, zone *time.Location) []byte {
	const seconds = len(`"2026-03-02T10:00:00`)
	return zoneless.ReplaceAllFunc(body, func(text []byte) []byte {
		t, err := time.ParseInLocation("2006-01-02T15:04:05", string(text[1:11])+"T"+string(text[12:seconds]), zone)
		if err != nil || t.Year() <= 1 || t.Year() == 9999 {
			return text
		}
		out := append([]byte{'"'}, t.UTC().Format("2006-01-02T15:04:05")...)
		out = append(out, text[seconds:len(text)-1]...)
		return append(out, 'Z', '"')
	})
}
