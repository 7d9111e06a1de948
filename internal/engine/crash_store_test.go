package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// faultKind is what happens to a process at an operation on the store.
type faultKind uint8

const (
	noFault     faultKind = iota
	diesBefore            // the process dies, and the operation does not happen
	diesAfter             // it happens, and the process dies before it hears so
	diesFlying            // the process dies, and the insert lands later
	fails                 // an error, and the operation has not happened
	failsAfter            // an error, and it has
	failsFlying           // an error, and the insert lands later, after it was repeated
	isSlow                // the operation happens after others
	answersSlow           // it happens before others, and the process hears so after them
	stalls                // as isSlow, and the process stands still meanwhile, until it is given up
	stallsAfter           // as answersSlow, and the process stands still meanwhile, until it is given up
	numFaults
)

var faultNames = [numFaults]string{"none", "dies before", "dies after", "dies, lands later", "fails", "fails though applied",
	"fails, lands later", "slow", "slow answer", "stalls before", "stalls after"}

func (k faultKind) String() string { return faultNames[k] }

// flying tells that the operation lands later without the process, which only an insert can.
func (k faultKind) flying() bool { return k == diesFlying || k == failsFlying }

// fault happens to the operation after so many others.
type fault struct {
	kind  faultKind
	after int
	at    string // in what the operation is called
	times int    // errors in a row
	begun bool
}

// death unwinds what a process was doing.
type death struct{ where string }

var errCrashTest = errors.New("the connection was reset")

// flight is an insert under way whose process does not wait for it any more.
type flight struct {
	what string
	land func() error
}

type processKey struct{}

// line is a connection to the store on which processes have faults. The process comes with the context.
type line struct{ driver.Conn }

// operation is one statement.
type operation struct {
	what   string
	insert bool
	do     func() error
	flies  bool // it is left to land later
}

// operate does an operation, or what the process's fault makes of it.
func (o *operation) operate(ctx context.Context) error {
	p, ok := ctx.Value(processKey{}).(*process)
	if !ok {
		panic("BUG: " + o.what + " without its process: is a context not handed on?")
	}
	p.w.operations++
	kind := p.nextFault(o.what, o.insert)
	if kind != noFault && !p.cannotSave {
		p.w.note("    process %d, %s: %s", p.id, o.what, kind)
		p.w.tally.faults[kind]++
	}
	if kind.flying() {
		o.flies = true
		p.w.flying = append(p.w.flying, flight{o.what, o.do})
	}
	switch kind {
	case diesBefore, diesFlying:
		panic(death{o.what})
	case diesAfter:
		_ = o.do()
		panic(death{o.what})
	case fails, failsFlying:
		return errCrashTest
	case failsAfter:
		_ = o.do()
		return errCrashTest
	case isSlow, stalls:
		p.suspend(o.what, kind == stalls)
		return o.do()
	case answersSlow, stallsAfter:
		err := o.do()
		p.suspend(o.what, kind == stallsAfter)
		return err
	}
	return o.do()
}

func (p *process) nextFault(what string, insert bool) faultKind {
	if p.cannotSave {
		return fails
	}
	f := p.fault
	if f == nil {
		return noFault
	}
	if f.after--; f.after >= 0 || f.kind.flying() && !insert || !strings.Contains(what, f.at) {
		return noFault
	}
	if !f.begun {
		f.begun = true
		p.w.tally.points++
	}
	if f.times--; f.times <= 0 {
		p.fault = nil
	}
	return f.kind
}

func (l line) Query(ctx context.Context, query string, args ...any) (rows driver.Rows, err error) {
	whole := false
	defer func() {
		if !whole && rows != nil {
			_ = rows.Close()
		}
	}()
	o := operation{what: brief(query), do: func() error {
		rows, err = l.Conn.Query(ctx, query, args...)
		return err
	}}
	err = o.operate(ctx)
	whole = err == nil
	return rows, err
}

func (l line) QueryRow(ctx context.Context, query string, args ...any) (row driver.Row) {
	whole := false
	defer func() {
		if !whole && row != nil {
			_ = row.Scan() // gives the connection back
		}
	}()
	o := operation{what: brief(query), do: func() error {
		row = l.Conn.QueryRow(ctx, query, args...)
		return nil
	}}
	if err := o.operate(ctx); err != nil {
		return failedRow{err}
	}
	whole = true
	return row
}

func (l line) Select(ctx context.Context, to any, query string, args ...any) error {
	o := operation{what: brief(query), do: func() error { return l.Conn.Select(ctx, to, query, args...) }}
	return o.operate(ctx)
}

func (l line) Exec(ctx context.Context, query string, args ...any) error {
	o := operation{what: brief(query), do: func() error { return l.Conn.Exec(ctx, query, args...) }}
	return o.operate(ctx)
}

// PrepareBatch frees the insert from the end of ctx: what is under way lands whatever becomes of the process.
func (l line) PrepareBatch(ctx context.Context, query string, o ...driver.PrepareBatchOption) (driver.Batch, error) {
	b, err := l.Conn.PrepareBatch(context.WithoutCancel(ctx), query, o...)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return &flyingBatch{b, ctx, brief(query)}, nil
}

type flyingBatch struct {
	driver.Batch
	ctx  context.Context
	what string
}

func (b *flyingBatch) Send() error {
	o := operation{what: b.what, insert: true, do: b.Batch.Send}
	defer func() {
		if !o.flies {
			_ = b.Batch.Close() // gives the connection back where it was not sent
		}
	}()
	return o.operate(b.ctx)
}

type failedRow struct{ err error }

func (r failedRow) Err() error           { return r.err }
func (r failedRow) Scan(...any) error    { return r.err }
func (r failedRow) ScanStruct(any) error { return r.err }

// brief names a statement.
func brief(query string) string {
	query, _, _ = strings.Cut(strings.Join(strings.Fields(query), " "), " (")
	return query[:min(len(query), 90)]
}
