package history

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Span is a stretch of time in µs since the Unix epoch: From included, To not.
type Span struct{ From, To int64 }

// Easternmost is how far ahead of UTC a local date can be, Westernmost how far behind, in µs.
const (
	Easternmost = 14 * int64(time.Hour/time.Microsecond)
	Westernmost = 12 * int64(time.Hour/time.Microsecond)
)

// Silence is the longest pause after which an event still belongs to a call.
func (r *Reader) Silence() int64 {
	s := r.Settings
	return (max(s.MaxAgeAnswered, s.MaxAgeUnanswered) + s.Linger).Microseconds()
}

// lookAround is how far calls are followed at first; it grows where that does not suffice.
const lookAround = 7 * dayMicros

// Around returns what has to be read so that every call that touches [begin, end) is whole: the span is widened to the
// calls that reach beyond it, and to the first event after them, which takes the clock past everything that silence ends.
func (r *Reader) Around(ctx context.Context, begin, end int64) (Span, error) {
	from, err := r.Before(ctx, begin)
	if err != nil {
		return Span{}, err
	}
	_, newest, err := r.Kept(ctx)
	if err != nil {
		return Span{}, err
	}
	last := end
	for around := lookAround; ; around *= 4 {
		at, found, err := r.instant(ctx, "max", end, end+around, [][2]int64{{end - r.Silence(), end}})
		if err != nil {
			return Span{}, err
		}
		if found {
			last = at
		}
		if !found || at < end+around-r.Silence() || end+around >= newest {
			break
		}
	}
	return r.passEnd(ctx, Span{from, last + r.lead()})
}

// Before returns from when on has to be read so that every call that is under way at begin is whole, in µs.
func (r *Reader) Before(ctx context.Context, begin int64) (int64, error) {
	oldest, _, err := r.Kept(ctx)
	if err != nil {
		return 0, err
	}
	first := begin
	for around := lookAround; ; around *= 4 {
		at, found, err := r.instant(ctx, "min", begin-around, begin, [][2]int64{{begin - r.Silence(), begin}, {begin, begin + r.Silence()}})
		if err != nil {
			return 0, err
		}
		if found {
			first = at
		}
		if !found || at > begin-around+r.Silence() || begin-around <= oldest {
			break
		}
	}
	return first - r.lead(), nil
}

// lead is how much is read before and after what is wanted, so that what silence decides is decided.
func (r *Reader) lead() int64 { return r.Silence() + r.Settings.Lateness.Microseconds() }

// passEnd extends a span to the first event after it.
func (r *Reader) passEnd(ctx context.Context, s Span) (Span, error) {
	var at int64
	var n uint64
	err := r.DB.Conn().QueryRow(ctx, "SELECT count(), toUnixTimestamp64Micro(min(happened_at)) FROM "+r.Table("events_versions")+
		" WHERE organization_id = {organization:UUID} AND happened_at >= "+MicrosText("to"),
		r.Parameters(clickhouse.Named("to", s.To))...).Scan(&n, &at)
	if err != nil {
		return s, fmt.Errorf("read events: %w", err)
	}
	if n > 0 {
		s.To = at + 1
	}
	return s, nil
}

// Kept returns the instants of the oldest and the newest event kept.
func (r *Reader) Kept(ctx context.Context) (oldest, newest int64, err error) {
	err = r.DB.Conn().QueryRow(ctx, `SELECT toUnixTimestamp64Micro(min(happened_at)), toUnixTimestamp64Micro(max(happened_at))
FROM `+r.Table("events_versions")+" WHERE organization_id = {organization:UUID}", r.Parameters()...).Scan(&oldest, &newest)
	if err != nil {
		return 0, 0, fmt.Errorf("read events: %w", err)
	}
	return oldest, newest, nil
}

// instant returns the first or last fact in [from, to) of the calls that have one in each of the spans.
func (r *Reader) instant(ctx context.Context, function string, from, to int64, spans [][2]int64) (at int64, found bool, err error) {
	named := r.Parameters(clickhouse.Named("from", from), clickhouse.Named("to", to))
	condition := ""
	for i, s := range spans {
		a, b := fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)
		named = append(named, clickhouse.Named(a, s[0]), clickhouse.Named(b, s[1]))
		condition += fmt.Sprintf(" AND call_id IN (SELECT call_id FROM (%s) WHERE call_id != toUUID('00000000-0000-0000-0000-000000000000'))",
			r.Facts(a, b))
	}
	var n uint64
	err = r.DB.Conn().QueryRow(ctx, fmt.Sprintf("SELECT count(), %s(at) FROM (%s) WHERE 1%s", function, r.Facts("from", "to"), condition),
		named...).Scan(&n, &at)
	if err != nil {
		return 0, false, fmt.Errorf("look for calls that reach beyond the dates: %w", err)
	}
	return at, n > 0, nil
}

// Facts selects the instants and calls of events, late ones included, between two parameters.
func (r *Reader) Facts(from, to string) string {
	text := ""
	for i, table := range []string{r.Table("events_versions"), r.Late} {
		if i > 0 {
			text += " UNION ALL "
		}
		// An event stamped ahead of its receipt, by a day at most, has happened at its receipt.
		text += fmt.Sprintf("SELECT toUnixTimestamp64Micro(%[1]s) AS at, call_id FROM %[2]s WHERE organization_id = {organization:UUID}"+
			" AND happened_at >= %[3]s AND happened_at < %[4]s + INTERVAL 1 DAY AND %[1]s >= %[3]s AND %[1]s < %[4]s",
			Effective, table, MicrosText(from), MicrosText(to))
	}
	return text
}

// skewed tells the events that are taken to have happened at their receipt; Effective is when any has happened.
const (
	skewed    = "(received_at > toDateTime64(0, 6, 'UTC') AND happened_at > received_at + toIntervalMicrosecond({skew:Int64}))"
	Effective = "if(" + skewed + ", received_at, happened_at)"
)

// MicrosText is a parameter in µs as an instant.
func MicrosText(parameter string) string {
	return "fromUnixTimestamp64Micro({" + parameter + ":Int64}, 'UTC')"
}

// Parameters are those of most statements.
func (r *Reader) Parameters(more ...any) []any {
	return append([]any{
		clickhouse.Named("organization", r.Organization.String()),
		clickhouse.Named("skew", r.Settings.FutureSkew.Microseconds()),
	}, more...)
}
