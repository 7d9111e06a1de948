package store

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

var databases atomic.Int64

// openEmpty opens a database of the test's own that does not exist yet.
func openEmpty(tb testing.TB, url string) *DB {
	tb.Helper()
	db, err := Open(tb.Context(), Options{URL: url, Database: fmt.Sprintf("store_test_%d", databases.Add(1))})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Conn().Exec(context.Background(), "DROP DATABASE IF EXISTS "+db.Database()+" SYNC"); err != nil {
			tb.Logf("drop %s: %v", db.Database(), err)
		}
		_ = db.Close()
	})
	return db
}

func openMigrated(tb testing.TB) *DB {
	tb.Helper()
	db := openEmpty(tb, embeddedtest.URL(tb))
	if err := db.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return db
}

func exec(tb testing.TB, db *DB, sql string) {
	tb.Helper()
	if err := db.Conn().Exec(tb.Context(), sql); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
}

// scan returns the first column of every row.
func scan[T any](tb testing.TB, db *DB, sql string) []T {
	tb.Helper()
	rows, err := db.Conn().Query(tb.Context(), sql)
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			tb.Fatalf("%s: %v", sql, err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	return out
}

func one[T any](tb testing.TB, db *DB, sql string) T {
	tb.Helper()
	got := scan[T](tb, db, sql)
	if len(got) != 1 {
		tb.Fatalf("%s: %d rows, want 1", sql, len(got))
	}
	return got[0]
}

func equal[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// id makes a readable identifier.
func id(n int) uuid.UUID { return uuid.MustParse(fmt.Sprintf("00000000-0000-0000-0000-%012d", n)) }

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func day(t time.Time) int32 { return int32(t.Unix() / secondsPerDay) }

func countOf(tb testing.TB, db *DB, table string) uint64 {
	tb.Helper()
	return one[uint64](tb, db, "SELECT count() FROM "+table)
}

func contains(tb testing.TB, what, got, want string) {
	tb.Helper()
	if !strings.Contains(got, want) {
		tb.Errorf("%s: %q does not contain %q", what, got, want)
	}
}
