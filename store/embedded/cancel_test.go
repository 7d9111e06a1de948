package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

// runningWith counts the statements in the engine that contain a text.
func runningWith(t *testing.T, conn driver.Conn, mark string) uint64 {
	return scalar[uint64](t, conn, fmt.Sprintf("SELECT count() FROM system.processes WHERE query LIKE '%%%s%%' AND query NOT LIKE '%%system.processes%%'", mark))
}

// A statement whose client has gone is stopped in the engine.
func TestCancelStopsStatement(t *testing.T) {
	conn := fresh(t)
	exec(t, conn, "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
	for what, statement := range map[string]string{
		"materialized":    "SELECT count(), 'mark_a' FROM numbers(1000000000000) WHERE sipHash64(number) = 1 FORMAT JSON",
		"streamed":        "SELECT number, 'mark_b' FROM numbers(1000000000000) WHERE sipHash64(number) = 1",
		"with rows":       "SELECT number, 'mark_c', sleepEachRow(0.001) FROM numbers(1000000000000) SETTINGS max_block_size = 100, function_sleep_max_microseconds_per_block = 0",
		"insert … select": "INSERT INTO t SELECT number FROM numbers(1000000000000) WHERE sipHash64(number, 'mark_d') = 1",
	} {
		t.Run(what, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- queryAll(ctx, conn, statement) }()
			eventually(t, 10*time.Second, "the statement runs", func() bool { return runningWith(t, conn, "mark_") == 1 })
			cancel()
			if err := <-ended; err == nil {
				t.Error("the client saw no error")
			}
			eventually(t, 10*time.Second, "the statement has stopped", func() bool { return runningWith(t, conn, "mark_") == 0 })
		})
	}
}

// A client that breaks off its rows has stored none of them.
func TestCancelledBatchStoresNothing(t *testing.T) {
	conn := fresh(t)
	exec(t, conn, "CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO t")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(batch.Append(uint64(1), "x"), batch.Abort()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if batch, err = conn.PrepareBatch(t.Context(), "INSERT INTO t"); err != nil {
		t.Fatal(err)
	}
	_ = batch.Abort()
	if _, err = conn.PrepareBatch(ctx, "INSERT INTO t"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if n := scalar[uint64](t, conn, "SELECT count() FROM t"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// More statements than may run wait for their turn; more than may wait are
// refused with ClickHouse's own code.
func TestConcurrencyLimits(t *testing.T) {
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.MaxQueries, o.MaxWaiting, o.MaxWait = 2, 1, time.Second })
	conn := dial(t, e.URL(), "", withConnections(8))
	const slow = "SELECT sleep(2.5)"
	first := make(chan error, 2)
	for range 2 {
		go func() { first <- conn.Exec(t.Context(), slow) }()
	}
	eventually(t, 10*time.Second, "two run", func() bool { return status(t, e).QueriesRunning == 2 })
	waiting := make(chan error, 1)
	go func() { waiting <- conn.Exec(t.Context(), "SELECT 1") }()
	eventually(t, 10*time.Second, "one waits", func() bool { return status(t, e).QueriesWaiting == 1 })
	if err := conn.Exec(t.Context(), "SELECT 2"); codeOf(err) != 202 {
		t.Errorf("beyond the line: %v", err)
	}
	if err := <-waiting; codeOf(err) != 202 {
		t.Errorf("after MaxWait: %v", err)
	}
	if err := errors.Join(<-first, <-first); err != nil {
		t.Errorf("those that ran: %v", err)
	}
	if err := conn.Exec(t.Context(), "SELECT 3"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
