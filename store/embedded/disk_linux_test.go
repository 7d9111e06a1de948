package embedded_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

// smallDisk is a file system of the given size. Whatever still uses it when the
// test ends is an error.
func smallDisk(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// A full disk is ClickHouse's own exception to the writer; what was
// acknowledged stays readable, and room makes writing work again.
func TestDiskFull(t *testing.T) {
	embeddedtest.Library(t)
	dir := smallDisk(t, "48m")
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir, o.KeepFree = dir, 8<<20 })
	conn := dial(t, e.URL(), "")
	const create = "CREATE TABLE default.t (n UInt64, s String CODEC(NONE)) ENGINE = MergeTree ORDER BY n"
	exec(t, conn, create)
	var acked uint64
	insert := func() error {
		const rows, size = 1000, 4096
		batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO default.t")
		if err != nil {
			return err
		}
		for i := range uint64(rows) {
			if err := batch.Append(acked+i, string(random(size/2))+string(make([]byte, size/2))); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			return err
		}
		acked += rows
		return nil
	}
	var full error
	for range 100 {
		if full = insert(); full != nil {
			break
		}
	}
	if code := codeOf(full); code != 243 {
		t.Errorf("on a full disk, code %d: %v", code, full)
	}
	if n := scalar[uint64](t, conn, "SELECT uniqExact(n) FROM default.t"); n < acked {
		t.Errorf("%d rows of %d acknowledged ones", n, acked)
	}
	// TRUNCATE would need room itself.
	exec(t, conn, "DROP TABLE default.t SYNC")
	exec(t, conn, create)
	if err := insert(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if e.Restarts() != 0 {
		t.Errorf("the child died %d times", e.Restarts())
	}
}

// A disk that others fill now and then, while rows are written and merged: what was acknowledged is there. Without KeepFree
// parts with empty files come of it.
func TestDiskFullNowAndThen(t *testing.T) {
	embeddedtest.Library(t)
	const keepFree, times, tables = 32 << 20, 12, 4
	dir := smallDisk(t, "200m")
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir, o.KeepFree = dir, keepFree })
	conn := dial(t, e.URL(), "")
	var acked [tables]uint64
	var inserts, failures atomic.Int64
	var writers sync.WaitGroup
	var ended atomic.Bool
	for k := range tables {
		exec(t, conn, fmt.Sprintf("CREATE TABLE default.t%d (n UInt64, s String) ENGINE = ReplacingMergeTree ORDER BY n PARTITION BY n %% 3", k))
		writers.Go(func() {
			for !ended.Load() {
				rows := uint64(1 + rand.IntN(40))
				batch, err := conn.PrepareBatch(t.Context(), fmt.Sprintf("INSERT INTO default.t%d", k))
				for i := uint64(0); err == nil && i < rows; i++ {
					err = batch.Append(acked[k]+i, string(random(rand.IntN(400))))
				}
				if err == nil {
					err = batch.Send()
				}
				switch {
				case err == nil:
					acked[k] += rows
					inserts.Add(1)
				case codeOf(err) == 243:
					failures.Add(1)
				default:
					t.Errorf("an insert: %v", err)
					return
				}
			}
		})
	}
	more := func(what string, n *atomic.Int64) {
		before, deadline := n.Load(), time.Now().Add(time.Minute)
		for n.Load() < before+tables {
			if time.Now().After(deadline) {
				t.Errorf("for a minute no %s", what)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	ballast := filepath.Join(dir, "ballast")
	for range times {
		more("insert is taken", &inserts)
		var s syscall.Statfs_t
		if err := syscall.Statfs(dir, &s); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(ballast, make([]byte, max(int64(s.Bavail)*s.Bsize-keepFree/2, 0)), 0o600); err != nil {
			t.Fatal(err)
		}
		more("insert fails", &failures)
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
	ended.Store(true)
	writers.Wait()
	for k, n := range acked {
		if stored := scalar[uint64](t, conn, fmt.Sprintf("SELECT uniqExact(n) FROM default.t%d WHERE n < %d", k, n)); stored != n {
			t.Errorf("table %d: %d rows of %d acknowledged ones", k, stored, n)
		}
	}
	if broken := scalar[uint64](t, conn, "SELECT count() FROM system.detached_parts"); broken > 0 || e.Restarts() > 0 {
		t.Errorf("%d parts are broken, the child died %d times", broken, e.Restarts())
	}
}

// A disk that is full from the start is an error of Start that says so.
func TestStartOnFullDisk(t *testing.T) {
	embeddedtest.Library(t)
	dir := smallDisk(t, "64k")
	if err := os.WriteFile(dir+"/filler", make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the file system is not small")
	}
	e, err := embedded.Start(t.Context(), embedded.Options{DataDir: dir})
	if err == nil {
		_ = e.Close(t.Context())
		t.Fatal("no error")
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
}
