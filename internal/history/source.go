// Package history reads the events that the store keeps of one organization: whole, late ones in their places, in the
// order in which they happened.
package history

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/store"
)

// Reader reads what is kept of one organization.
type Reader struct {
	DB           *store.DB
	Organization uuid.UUID
	Settings     *aggregate.Settings
	Late         string // the table with the late events, with its database
	LateCopies   string // a table of event ids: late events that are copies of others; "": none are known

	// Local, if set, is the zone of timestamps that name none: another reading of the same events. Where a clock is set back,
	// they come up to an hour out of order.
	Local *time.Location
}

// Table names a table of the store, with its database.
func (r *Reader) Table(name string) string { return "`" + r.DB.Database() + "`." + name }

// Record is one kept event.
type Record struct {
	At       int64 // µs; when it has happened, as the core takes it
	Kept     int64 // µs; the same as it was taken when the event was kept: it differs where Reader.Local is set
	ordered  int64 // µs; what its pager orders by
	Received int64 // µs; 0: not known
	ID       uuid.UUID
	Source   string
	Part     int // which of the events of Body this is
	Body     string
	Event    *ingest.Event // instead of a body: what a dimension tells
	Late     bool
}

// pageRows bounds what is held of each stream of records; bodies have at most a megabyte, and a kilobyte as a rule.
const pageRows = 20_000

// Pager reads records in order of time, a page at a time: no statement stays open while others write.
type Pager struct {
	ctx        context.Context
	r          *Reader
	table      string // with its database
	instant    string // what is ordered by
	condition  string
	named      []any
	late       bool
	unreceived bool // the time of receipt does not count
	local      *time.Location

	page []Record
	next int
	at   int64 // where the next page begins: after this
	id   uuid.UUID
	end  bool
}

// head returns the next record, nil at the end.
func (p *Pager) head() (*Record, error) {
	if p.next == len(p.page) && !p.end {
		if err := p.turn(); err != nil {
			return nil, err
		}
	}
	if p.next == len(p.page) {
		return nil, nil
	}
	return &p.page[p.next], nil
}

func (p *Pager) turn() error {
	p.page, p.next = p.page[:0], 0
	named := append(p.r.Parameters(clickhouse.Named("at", p.at), clickhouse.Named("id", p.id.String())), p.named...)
	rows, err := p.r.DB.Conn().Query(p.ctx, fmt.Sprintf(`SELECT toUnixTimestamp64Micro(%[1]s), toUnixTimestamp64Micro(received_at), event_id, source, body, part
FROM %[2]s WHERE organization_id = {organization:UUID} AND %[1]s >= %[4]s AND (%[1]s > %[4]s OR event_id > {id:UUID}) AND %[3]s
ORDER BY %[1]s, event_id LIMIT %[5]d`, p.instant, p.table, p.condition, MicrosText("at"), pageRows), named...)
	if err != nil {
		return fmt.Errorf("read %s: %w", p.table, err)
	}
	defer rows.Close()
	for rows.Next() {
		r, part := Record{Late: p.late}, uint8(0)
		if err := rows.Scan(&r.At, &r.Received, &r.ID, &r.Source, &r.Body, &part); err != nil {
			return fmt.Errorf("read %s: %w", p.table, err)
		}
		received := r.Received
		r.Part = int(part)
		if p.unreceived {
			r.Received = 0
		}
		r.Kept, r.ordered = r.At, r.At
		if p.local != nil {
			r.At = inZone(r.At, p.local)
			if received != 0 && r.Kept > received+p.r.Settings.FutureSkew.Microseconds() {
				r.Kept = received
			}
		}
		p.page = append(p.page, r)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", p.table, err)
	}
	if p.end = len(p.page) < pageRows; len(p.page) > 0 {
		last := &p.page[len(p.page)-1]
		p.at, p.id = last.ordered, last.ID
	}
	return nil
}

// Merged merges pagers by time.
type Merged []*Pager

// Next returns the earliest record, nil at the end. It is valid until the next call.
func (s Merged) Next() (*Record, error) {
	var first *Pager
	best := int64(math.MaxInt64)
	for _, p := range s {
		head, err := p.head()
		if err != nil {
			return nil, err
		}
		if head != nil && head.At < best {
			first, best = p, head.At
		}
	}
	if first == nil {
		return nil, nil
	}
	first.next++
	return &first.page[first.next-1], nil
}

// Events returns the events of a span in the order in which they happened, late ones in their places. Late ones from before
// the span come too: they tell zones, groups and names.
func (r *Reader) Events(ctx context.Context, span Span) Merged {
	if r.Local != nil {
		return r.localEvents(ctx, span)
	}
	events := r.Table("events_versions")
	bounds := []any{clickhouse.Named("from", span.From), clickhouse.Named("to", span.To)}
	late := Effective + " < " + MicrosText("to") + " AND startsWith(reason, 'late')"
	if r.LateCopies != "" {
		late += " AND event_id NOT IN (SELECT event_id FROM " + r.LateCopies + ")"
	}
	return Merged{
		{ctx: ctx, r: r, table: events, instant: "happened_at", at: span.From - 1, named: bounds,
			condition: "happened_at < " + MicrosText("to") + " AND NOT " + skewed},
		{ctx: ctx, r: r, table: events, instant: "received_at", at: span.From - 1, named: bounds,
			condition: "happened_at >= " + MicrosText("from") + " AND happened_at < " + MicrosText("to") + " + INTERVAL 1 DAY AND received_at < " +
				MicrosText("to") + " AND " + skewed},
		{ctx: ctx, r: r, table: r.Late, instant: Effective, late: true, named: bounds, condition: late},
	}
}

// Of returns the events of a span that are of some types, late ones included.
func (r *Reader) Of(ctx context.Context, span Span, types []string) Merged {
	all := r.Events(ctx, span)
	for _, p := range all {
		p.named = append(p.named, clickhouse.Named("types", types))
		p.condition += " AND type IN {types:Array(String)}"
	}
	return all
}

// LastBefore returns the last event of each type and queue, and of each type and user, before an instant. They tell zones,
// groups and names as of then.
func (r *Reader) LastBefore(ctx context.Context, from int64) *Pager {
	last := func(column string) string {
		return "SELECT max((happened_at, event_id)) FROM " + r.Table("events_versions") + " WHERE organization_id = {organization:UUID} AND happened_at < " +
			MicrosText("from") + " AND " + column + " != toUUID('00000000-0000-0000-0000-000000000000') GROUP BY type, " + column
	}
	return r.SelectBefore(ctx, from, last("queue_id")+" UNION DISTINCT "+last("user_id"))
}

// SelectBefore returns events from before an instant: those whose (happened_at, event_id) a query selects, which may use
// the parameters organization and from.
func (r *Reader) SelectBefore(ctx context.Context, from int64, query string) *Pager {
	return &Pager{ctx: ctx, r: r, table: r.Table("events_versions"), instant: "happened_at", unreceived: true,
		named: []any{clickhouse.Named("from", from)}, condition: "(happened_at, event_id) IN (" + query + ")"}
}

// Dimensions returns what the tables queues and agents have from before an instant, as events: the events themselves may
// no longer be kept.
func (r *Reader) Dimensions(ctx context.Context, from int64) (*Pager, error) {
	p := &Pager{end: true}
	rows, err := r.DB.Conn().Query(ctx, `SELECT * FROM (
SELECT toUnixTimestamp64Micro(changed_at) AS at, queue_id AS id, 1 AS is_queue, region AS text, arrayMap(g -> toString(g), group_ids) AS groups, deleted
FROM `+r.Table("queues_versions")+` FINAL WHERE organization_id = {organization:UUID} AND changed_at > toDateTime64(0, 6, 'UTC')
UNION ALL
SELECT toUnixTimestamp64Micro(changed_at), agent_id, 0, agent_name, [], false
FROM `+r.Table("agents_versions")+` FINAL WHERE organization_id = {organization:UUID} AND changed_at > toDateTime64(0, 6, 'UTC')
) WHERE at < {from:Int64} ORDER BY at, id`, r.Parameters(clickhouse.Named("from", from))...)
	if err != nil {
		return nil, fmt.Errorf("read queues and agents: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		var id uuid.UUID
		var isQueue uint8
		var text string
		var groups []string
		var deleted bool
		if err := rows.Scan(&at, &id, &isQueue, &text, &groups, &deleted); err != nil {
			return nil, fmt.Errorf("read queues and agents: %w", err)
		}
		// The id is of no event: of two that say something at the same instant, the event itself wins.
		e := &ingest.Event{OrganizationID: r.Organization, ID: uuid.UUID{15: byte(len(p.page)), 14: byte(len(p.page) >> 8), 13: byte(len(p.page) >> 16), 12: isQueue},
			Timestamp: ingest.FromMicros(at)}
		if isQueue == 1 {
			e.Type, e.QueueID, e.Region, e.Deleted = ingest.QueueChanged, id, []byte(text), deleted
			for _, g := range groups {
				group, err := uuid.Parse(g)
				if err != nil {
					return nil, fmt.Errorf("read queues: %w", err)
				}
				e.QueueGroups = append(e.QueueGroups, ingest.QueueGroup{ID: group})
			}
			e.HasQueueGroups = true
		} else {
			e.UserID, e.UserName = id, []byte(text)
		}
		p.page = append(p.page, Record{At: at, Kept: at, ID: e.ID, Event: e})
	}
	return p, rows.Err()
}
