package reconcile

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/ingest"
	"ringside/internal/history"
)

// open returns what is read: what was last known before the span, then its events; and how many of those there are.
func (p *pass) open(ctx context.Context, span history.Span) (history.Merged, int64, error) {
	known, err := p.reader.Dimensions(ctx, span.From)
	if err != nil {
		return nil, 0, err
	}
	var total uint64
	err = p.db.Conn().QueryRow(ctx, "SELECT count() FROM "+p.reader.Table("events_versions")+" WHERE organization_id = {organization:UUID} AND happened_at >= "+
		history.MicrosText("from")+" AND happened_at < "+history.MicrosText("to"),
		p.reader.Parameters(clickhouse.Named("from", span.From), clickhouse.Named("to", span.To))...).Scan(&total)
	if err != nil {
		return nil, 0, fmt.Errorf("read events: %w", err)
	}
	all := history.Merged{known, p.reader.LastBefore(ctx, span.From)}
	for _, of := range standing {
		all = append(all, p.reader.SelectBefore(ctx, span.From, p.lastOf(of.event, of.key, of.condition)))
	}
	return append(all, p.reader.Events(ctx, span)...), int64(total), nil
}

// standing are the events whose last word holds until the next, however long ago it was said, beside those of each queue
// and of each user: who is attached where, and what is known of callbacks.
var standing = []struct {
	event     ingest.Type
	key       string
	condition string
}{
	{ingest.UserQueueAttached, "queue_id, user_id", "1"},
	{ingest.QueueAttachedUsers, "queue_id", `match(body, '"AttachedUsers"\\s*:\\s*\\[')`}, // a list that is null changes nothing
	{ingest.CallbackChanged, "callback_id", "1"},
	{ingest.CallbackListStatus, "call_list_id", "1"},
}

// lastOf selects the last event of a type for each key.
func (p *pass) lastOf(event ingest.Type, key, condition string) string {
	return "SELECT max((happened_at, event_id)) FROM " + p.reader.Table("events_versions") + " WHERE organization_id = {organization:UUID} AND happened_at < " +
		history.MicrosText("from") + " AND type = '" + event.String() + "' AND " + condition + " GROUP BY " + key
}
