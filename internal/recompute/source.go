package recompute

import (
	"context"
	"fmt"
	"math"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/ingest"
)

// record is one kept event.
type record struct {
	at       int64 // µs; when it has happened, as the core takes it
	received int64 // µs; 0: not known
	id       uuid.UUID
	source   string
	body     string
	event    *ingest.Event // instead of a body: what a dimension tells
	late     bool
}

// pageRows bounds what is held of each stream of records; bodies have at most a megabyte, and a kilobyte as a rule.
const pageRows = 20_000

// pager reads records in order of time, a page at a time: no statement stays open while others write.
type pager struct {
	ctx        context.Context
	r          *Recompute
	table      string // with its database
	instant    string // what is ordered by
	condition  string
	named      []any
	late       bool
	unreceived bool // the time of receipt does not count

	page []record
	next int
	at   int64 // where the next page begins: after this
	id   uuid.UUID
	end  bool
}

// head returns the next record, nil at the end.
func (p *pager) head() (*record, error) {
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

func (p *pager) turn() error {
	p.page, p.next = p.page[:0], 0
	named := append(p.r.parameters(clickhouse.Named("at", p.at), clickhouse.Named("id", p.id.String())), p.named...)
	rows, err := p.r.db.Conn().Query(p.ctx, fmt.Sprintf(`SELECT toUnixTimestamp64Micro(%[1]s), toUnixTimestamp64Micro(received_at), event_id, source, body
FROM %[2]s WHERE organization_id = {organization:UUID} AND %[1]s >= %[4]s AND (%[1]s > %[4]s OR event_id > {id:UUID}) AND %[3]s
ORDER BY %[1]s, event_id LIMIT %[5]d`, p.instant, p.table, p.condition, microsText("at"), pageRows), named...)
	if err != nil {
		return fmt.Errorf("read %s: %w", p.table, err)
	}
	defer rows.Close()
	for rows.Next() {
		r := record{late: p.late}
		if err := rows.Scan(&r.at, &r.received, &r.id, &r.source, &r.body); err != nil {
			return fmt.Errorf("read %s: %w", p.table, err)
		}
		if p.unreceived {
			r.received = 0
		}
		p.page = append(p.page, r)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", p.table, err)
	}
	if p.end = len(p.page) < pageRows; len(p.page) > 0 {
		last := &p.page[len(p.page)-1]
		p.at, p.id = last.at, last.id
	}
	return nil
}

// source merges pagers by time.
type source []*pager

// next returns the earliest record, nil at the end. It is valid until the next call.
func (s source) next() (*record, error) {
	var first *pager
	best := int64(math.MaxInt64)
	for _, p := range s {
		head, err := p.head()
		if err != nil {
			return nil, err
		}
		if head != nil && head.at < best {
			first, best = p, head.at
		}
	}
	if first == nil {
		return nil, nil
	}
	first.next++
	return &first.page[first.next-1], nil
}

// open returns everything that is to be read, in the order in which it happened: what was last known of queues and
// agents before the span, then the events of the span, late ones in their places.
func (r *Recompute) open(ctx context.Context) (source, error) {
	known, err := r.dimensions(ctx)
	if err != nil {
		return nil, err
	}
	events, from, to := r.main("events_versions"), r.span.from, r.span.to
	bounds := []any{clickhouse.Named("from", from), clickhouse.Named("to", to)}
	return source{
		known,
		{ctx: ctx, r: r, table: events, instant: "happened_at", unreceived: true, named: bounds, condition: r.lastBefore()},
		{ctx: ctx, r: r, table: events, instant: "happened_at", at: from - 1, named: bounds,
			condition: "happened_at < " + microsText("to") + " AND NOT " + skewed},
		{ctx: ctx, r: r, table: events, instant: "received_at", at: from - 1, named: bounds,
			condition: "happened_at >= " + microsText("from") + " AND happened_at < " + microsText("to") + " + INTERVAL 1 DAY AND received_at < " +
				microsText("to") + " AND " + skewed},
		{ctx: ctx, r: r, table: r.scratch.table("late_input"), instant: effective, late: true, named: bounds,
			condition: effective + " < " + microsText("to") + " AND event_id NOT IN (SELECT event_id FROM " + r.scratch.table("late_copies") + ")"},
	}, nil
}

// lastBefore selects the last event of each type and queue, and of each type and user, before the span. They tell zones,
// groups and names as of its beginning.
func (r *Recompute) lastBefore() string {
	last := func(column string) string {
		return "SELECT max((happened_at, event_id)) FROM " + r.main("events_versions") + " WHERE organization_id = {organization:UUID} AND happened_at < " +
			microsText("from") + " AND " + column + " != toUUID('00000000-0000-0000-0000-000000000000') GROUP BY type, " + column
	}
	return "(happened_at, event_id) IN (" + last("queue_id") + " UNION DISTINCT " + last("user_id") + ")"
}

// dimensions returns what the tables queues and agents have from before the span, as events: the events themselves may
// no longer be kept.
func (r *Recompute) dimensions(ctx context.Context) (*pager, error) {
	p := &pager{end: true}
	rows, err := r.db.Conn().Query(ctx, `SELECT * FROM (
SELECT toUnixTimestamp64Micro(changed_at) AS at, queue_id AS id, 1 AS is_queue, region AS text, arrayMap(g -> toString(g), group_ids) AS groups, deleted
FROM `+r.main("queues_versions")+` FINAL WHERE organization_id = {organization:UUID} AND changed_at > toDateTime64(0, 6, 'UTC')
UNION ALL
SELECT toUnixTimestamp64Micro(changed_at), agent_id, 0, agent_name, [], false
FROM `+r.main("agents_versions")+` FINAL WHERE organization_id = {organization:UUID} AND changed_at > toDateTime64(0, 6, 'UTC')
) WHERE at < {from:Int64} ORDER BY at, id`, r.parameters(clickhouse.Named("from", r.span.from))...)
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
		p.page = append(p.page, record{at: at, id: e.ID, event: e})
	}
	return p, rows.Err()
}
