package embedded_test

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

// A full disk is ClickHouse's own exception to the writer; what was
// acknowledged stays readable, and room makes writing work again.
func TestDiskFull(t *testing.T) {
	embeddedtest.Library(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir = dir })
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

// A disk that is full from the start is an error of Start that says so.
func TestStartOnFullDisk(t *testing.T) {
	embeddedtest.Library(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	defer func() { _ = syscall.Unmount(dir, 0) }()
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
