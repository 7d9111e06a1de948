package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a file system of its own with so many MiB.
func smallDisk(t *testing.T, mebibytes int) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("ringside-test", dir, "tmpfs", 0, "size="+strconv.Itoa(mebibytes)+"m"); err != nil {
		t.Skipf("mounting a small file system needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fill leaves so many KiB of the file system free; the returned function gives the rest back.
func fill(t *testing.T, dir string, kibibytes int64) (free func()) {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	room := int64(s.Bavail)*s.Bsize - kibibytes<<10
	err := os.WriteFile(ballast, make([]byte, max(room, 0)), 0o600)
	if err != nil && !errors.Is(err, syscall.ENOSPC) { // others write too: it is full sooner then
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Error(err)
		}
	}
}

// The disk counts as full while less than keepFree is left; fill leaves the half of it.
const (
	keepFree = "keep_free: 32MiB"
	halfOfIt = 16 << 10
)

// While the disk is full nothing is acknowledged that is not stored; when there is room again the engine goes on.
func TestFullDiskDuringRun(t *testing.T) {
	needStore(t)
	const partitions = 2
	dir := smallDisk(t, 300)
	d := simulateDay(dayOptions{seed: 81, organizations: 2, scale: .4})
	broker := ownBroker(t, partitions)
	config := d.configFile(t, dir, strings.Replace(outside(broker), "store: {", "store: {"+keepFree+", ", 1))
	day := newProducing(t, broker)
	half := d.settling / 2
	p := runProcess(t, config)
	day.readers = []*engineProcess{p}
	day.send(d.delivered[:half/4])
	p.until("rows", func() bool { return p.sum("ringside_store_rows_total") > 0 })
	free := fill(t, dir, halfOfIt)
	day.send(d.delivered[half/4 : half])
	p.until("the full disk to show", func() bool {
		code, reason := get(p.http + "/readyz/engine")
		return code == 503 && strings.Contains(strings.ToLower(reason), "space") && p.sum("ringside_store_troubled") == 1
	})
	_, metrics := get(p.http + "/metrics")
	if !strings.Contains(metrics, `reason="space"`) {
		t.Error("no retry is counted for want of space")
	}
	free()
	p.until("recovery", func() bool { code, _ := get(p.http + "/readyz/engine"); return code == 200 })
	day.send(d.delivered[half:])
	p.caughtUp(partitions)
	p.stop()
	d.compare(t, dataDir(t, dir))
}

// A replay waits for room, says so, and completes when there is some.
func TestFullDiskDuringReplay(t *testing.T) {
	needStore(t)
	dir := smallDisk(t, 300)
	d := simulateDay(dayOptions{seed: 82})
	file := record(t, d.delivered)
	config := d.configFile(t, dir, "store: {"+keepFree+"}\n")
	must(t, "migrate", "--config", config)
	free := fill(t, dir, halfOfIt)
	full := func() *program {
		p := start(t, nil, "replay", file, "--config", config)
		p.until("the full disk to be said", func() bool { return strings.Contains(p.err.String(), "the store does not take rows") })
		if !strings.Contains(strings.ToLower(p.err.String()), "space") {
			t.Errorf("the reason is not said: %s", p.err.String())
		}
		return p
	}
	interrupted := full()
	interrupted.signal(syscall.SIGINT)
	refused(t, "an interrupted replay", interrupted, exitFailed, "interrupted while the store did not take rows", "replay the same files again")
	p := full()
	free()
	if code := p.end(patience); code != exitDone {
		t.Fatalf("exit %d: %s", code, p.err.String())
	}
	d.compare(t, dataDir(t, dir))
}
