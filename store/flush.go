package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/cenkalti/backoff/v5"
	"github.com/cespare/xxhash/v2"

	"ringside/ingest"
)

// flush writes what is pending and returns once it is acknowledged. If ctx ends first, what is not written is pending
// again.
func (t *table[K, R]) flush(ctx context.Context, w *Writer) error {
	t.flushing.Lock()
	defer t.flushing.Unlock()
	if w.options.Before != nil && t.pendingRows() > 0 {
		if err := w.options.Before(ctx); err != nil {
			return err
		}
	}
	rows := t.take()
	if len(rows) == 0 {
		t.recycle(rows)
		return nil
	}
	if err := w.announce(ctx, t.name); err != nil {
		t.giveBack(rows)
		return err
	}
	begin := time.Now()
	written, err := t.blocks(rows, w.options.block, func(block []entry[R]) error { return t.insert(ctx, w, block) })
	t.settle(rows[:written])
	if err != nil {
		t.giveBack(rows[written:])
		return err
	}
	w.metrics.flushed(t.name, time.Since(begin))
	t.recycle(rows)
	return nil
}

// announce writes the organizations that are pending: whoever looks for the owner of an organization must find it before
// the first row of that organization is there. It comes after take, so that it holds for each row that was taken.
func (w *Writer) announce(ctx context.Context, table string) error {
	if table == w.tables.organizations.name {
		return nil
	}
	return w.tables.organizations.flush(ctx, w)
}

// insert writes one block. What ClickHouse refuses for its data is halved until the rows at fault are alone.
func (t *table[K, R]) insert(ctx context.Context, w *Writer, rows []entry[R]) error {
	err := t.insertRetrying(ctx, w, rows)
	switch {
	case err == nil:
		w.metrics.wrote(t.name, len(rows))
		return nil
	case !refusedForData(err):
		return err
	case len(rows) == 1:
		return t.refuse(ctx, w, &rows[0], err)
	}
	half := len(rows) / 2
	if err := t.insert(ctx, w, rows[:half]); err != nil {
		return err
	}
	return t.insert(ctx, w, rows[half:])
}

// insertRetrying tries until the block is acknowledged, refused for its data, or ctx ends.
func (t *table[K, R]) insertRetrying(ctx context.Context, w *Writer, rows []entry[R]) error {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = w.options.RetryMin, w.options.RetryMax
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := t.send(ctx, w, rows)
		if err != nil && refusedForData(err) {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(b), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, _ time.Duration) {
		w.troubled(t.name, err)
	}))
	switch {
	case err == nil:
		w.recovered(t.name)
		return nil
	case refusedForData(err):
		return err // for the caller to halve
	default:
		return w.db.fail("write "+t.name, err)
	}
}

func (t *table[K, R]) send(ctx context.Context, w *Writer, rows []entry[R]) error {
	ctx, cancel := context.WithTimeout(ctx, w.options.InsertTimeout)
	defer cancel()
	headers := make([]clickhouse.ColumnNameAndType, len(t.columns))
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		headers[i] = c.header()
		names[i] = headers[i].Name
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(headers))
	batch, err := w.db.conn.PrepareBatch(ctx, "INSERT INTO "+t.name+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return err
	}
	columns := batch.Columns()
	for i, c := range t.columns {
		if err := c.appendTo(columns[i], rows, &t.reserver); err != nil {
			panic(fmt.Sprintf("BUG: column %s of %s does not take its values: %v", names[i], t.name, err))
		}
	}
	return batch.Send()
}

// refuse moves a row that ClickHouse will never take to `rejects`.
func (t *table[K, R]) refuse(ctx context.Context, w *Writer, e *entry[R], cause error) error {
	if reject, ok := any(&e.row).(*rejectRow); ok {
		return w.refusedReject(ctx, reject, cause)
	}
	body, err := json.Marshal(e.row)
	if err != nil {
		body = fmt.Appendf(nil, "%+v", e.row)
	}
	w.metrics.refused(t.name)
	w.AddReject(ingest.Reject{
		// There is no position of a message: the offset is a hash, so that each refused row is kept.
		Position:       ingest.Position{Topic: "store/" + t.name, Partition: e.partition, Offset: int64(xxhash.Sum64(body) >> 1)},
		OrganizationID: t.organization(&e.row),
		Reason:         ingest.RejectStoreRefused,
		Detail:         redact(cause, w.db.secret).Error(),
		ReceivedAt:     ingest.FromGo(time.Now()),
		Body:           body,
	})
	return nil
}

// errRejectRefused is a row of `rejects` that ClickHouse takes in no form.
var errRejectRefused = errors.New("ClickHouse refuses a row of rejects even without its body")

// refusedReject tries a reject once more with nothing in it but its position and reason.
func (w *Writer) refusedReject(ctx context.Context, r *rejectRow, cause error) error {
	if len(r.body) == 0 && r.detail == "" {
		return w.db.fail("write rejects", fmt.Errorf("%w: %w", errRejectRefused, cause))
	}
	bare := entry[rejectRow]{row: *r, partition: r.position.Partition}
	bare.row.body, bare.row.detail = nil, ""
	return w.tables.rejects.insert(ctx, w, []entry[rejectRow]{bare})
}
