package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func open(t testing.TB, o Options) *Spool {
	t.Helper()
	if o.Limit == 0 {
		o.Limit = 1 << 30
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func add(t testing.TB, s *Spool, from, to int) {
	t.Helper()
	var wait sync.WaitGroup
	// One after the other where the order matters to the test, which is where there is one goroutine.
	wait.Go(func() {
		for i := from; i < to; i++ {
			if err := s.Append(t.Context(), record(i)); err != nil {
				t.Errorf("record %d: %v", i, err)
				return
			}
		}
	})
	wait.Wait()
}

// record is the content of a test's record: its number, and bytes that make records of different lengths.
func record(i int) []byte { return []byte(fmt.Sprintf("%d:%s", i, strings.Repeat("x", i%97))) }

// take reads and drops records until none is left, most bytes at a time, and returns their numbers.
func take(t testing.TB, s *Spool, most int) (numbers []int) {
	t.Helper()
	for {
		b, err := s.Peek(most)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			return numbers
		}
		for _, r := range b.Records {
			var n int
			if _, err := fmt.Sscanf(string(r), "%d:", &n); err != nil || string(r) != string(record(n)) {
				t.Fatalf("a record is %q", r)
			}
			numbers = append(numbers, n)
		}
		if err := s.Drop(b); err != nil {
			t.Fatal(err)
		}
	}
}

func wantRun(t testing.TB, got []int, from, to int) {
	t.Helper()
	if len(got) != to-from {
		t.Fatalf("%d records, want %d to %d: %v", len(got), from, to-1, got)
	}
	for i, n := range got {
		if n != from+i {
			t.Fatalf("record %d comes where %d should", n, from+i)
		}
	}
}

// crash returns a copy of a spool's folder as it is now, as a process finds it that is started after a kill.
func crash(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func segments(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestRecordsComeOutInOrderOverSegmentsAndRestarts(t *testing.T) {
	for _, most := range []int{1, 100, 1000, 1 << 20} {
		dir := t.TempDir()
		o := Options{Dir: dir, segmentBytes: 2000}
		s := open(t, o)
		add(t, s, 0, 300)
		if n := len(segments(t, dir)); n < 5 {
			t.Fatalf("only %d segments", n)
		}
		b, err := s.Peek(3000)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Drop(b); err != nil {
			t.Fatal(err)
		}
		gone := len(b.Records)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, o)
		if got := s.Size().Records; got != int64(300-gone) {
			t.Errorf("after a restart %d records, want %d", got, 300-gone)
		}
		add(t, s, 300, 400)
		wantRun(t, take(t, s, most), gone, 400)
		if n := segments(t, dir); len(n) != 0 || s.Size() != (Size{}) {
			t.Errorf("what is empty still has %v, %+v", n, s.Size())
		}
		add(t, s, 400, 410) // and goes on
		wantRun(t, take(t, s, most), 400, 410)
	}
}

// Numbers begin anew when nothing is left. What was dropped before must not be taken for dropped again.
func TestAnEmptiedSpoolForgetsItsPosition(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		s := open(t, Options{Dir: dir})
		add(t, s, 0, 10)
		b, err := s.Peek(60)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Drop(b); err != nil { // leaves a position
			t.Fatal(err)
		}
		wantRun(t, take(t, s, 1<<20), len(b.Records), 10)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, Options{Dir: dir})
		add(t, s, 0, 10)
		again := open(t, Options{Dir: crash(t, dir)})
		wantRun(t, take(t, again, 1<<20), 0, 10)
		wantRun(t, take(t, s, 1<<20), 0, 10)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever is told that a record is on disk finds it there after a kill at any moment, in order, while others still write.
func TestWhatIsAcknowledgedSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, segmentBytes: 20_000})
	const writers, each = 8, 200
	var acknowledged [writers]atomic.Int64
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				if err := s.Append(t.Context(), record(w*each+i)); err != nil {
					t.Error(err)
					return
				}
				acknowledged[w].Store(int64(i + 1))
			}
		})
	}
	finished := make(chan struct{})
	go func() { wait.Wait(); close(finished) }()
	for looks := 0; ; looks++ {
		var before [writers]int64
		for w := range writers {
			before[w] = acknowledged[w].Load()
		}
		copied := open(t, Options{Dir: crash(t, dir), segmentBytes: 20_000})
		var next [writers]int
		for _, n := range take(t, copied, 1<<20) {
			w := n / each
			if n%each != next[w] {
				t.Fatalf("writer %d: record %d comes where %d should", w, n%each, next[w])
			}
			next[w]++
		}
		for w := range writers {
			if int64(next[w]) < before[w] {
				t.Fatalf("writer %d: %d records are on disk, %d were acknowledged", w, next[w], before[w])
			}
		}
		select {
		case <-finished:
			if looks < 2 {
				t.Errorf("only %d looks while it was written", looks)
			}
			return
		default:
		}
	}
}

// One fsync serves all who wait.
func TestManyRequestsShareAnFsync(t *testing.T) {
	var syncs atomic.Int64
	entered, goOn := make(chan struct{}), make(chan struct{})
	s := open(t, Options{Dir: t.TempDir(), sync: func(f *os.File) error {
		if syncs.Add(1) == 2 { // the first is the new segment's
			close(entered)
			<-goOn
		}
		return nil
	}})
	const n = 500
	var wait sync.WaitGroup
	appendOne := func(i int) {
		wait.Go(func() {
			if err := s.Append(t.Context(), record(i)); err != nil {
				t.Error(err)
			}
		})
	}
	appendOne(0)
	<-entered
	for i := 1; i < n; i++ {
		appendOne(i)
	}
	for end := time.Now().Add(time.Minute); ; {
		s.mu.Lock()
		waiting := len(s.waiting)
		s.mu.Unlock()
		if waiting == n-1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d wait", waiting, n-1)
		}
	}
	close(goOn)
	wait.Wait()
	if got := syncs.Load(); got != 3 {
		t.Errorf("%d fsyncs for a new segment and two rounds of requests", got)
	}
	if got := len(take(t, s, 1<<20)); got != n {
		t.Errorf("%d records, want %d", got, n)
	}
}

func TestFullSpoolRefusesUntilItIsDrained(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir(), Limit: 5000, segmentBytes: 1000})
	n := 0
	for ; ; n++ {
		err := s.Append(t.Context(), record(n))
		if errors.Is(err, ErrFull) {
			break
		}
		if err != nil || n > 1000 {
			t.Fatal(n, err)
		}
	}
	if size := s.Size(); size.Bytes > 5000 || size.Bytes < 4000 || size.Records != int64(n) {
		t.Errorf("full with %+v", size)
	}
	wantRun(t, take(t, s, 500), 0, n)
	if err := s.Trouble(); err != nil {
		t.Errorf("drained, and still %v", err)
	}
	add(t, s, n, n+5)
	wantRun(t, take(t, s, 500), n, n+5)
}

// A disk that fails is told to those who wait; what was acknowledged before stays, and it goes on when the disk does.
func TestFailedFsyncIsToldAndNothingAcknowledgedIsLost(t *testing.T) {
	var failing atomic.Bool
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, sync: func(f *os.File) error {
		if failing.Load() {
			return syscall.ENOSPC
		}
		return f.Sync()
	}})
	add(t, s, 0, 20)
	for range 3 {
		failing.Store(true)
		if err := s.Append(t.Context(), record(99)); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("error %v", err)
		}
		if err := s.Trouble(); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("trouble %v", err)
		}
		failing.Store(false)
	}
	add(t, s, 20, 40)
	copied := open(t, Options{Dir: crash(t, dir)})
	wantRun(t, take(t, copied, 1<<20), 0, 40)
	wantRun(t, take(t, s, 100), 0, 40)
	if err := s.Trouble(); err != nil {
		t.Error(err)
	}
}

func TestTornTailIsIgnoredWhereverItIsTorn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	add(t, s, 0, 12)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	name := segments(t, dir)[0]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before := -1
	for cut := 0; cut <= len(whole); cut++ {
		torn := t.TempDir()
		if err := os.WriteFile(filepath.Join(torn, filepath.Base(name)), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, Options{Dir: torn})
		n := int(s.Size().Records)
		if n < before || n > 12 {
			t.Fatalf("cut at %d: %d records, cut before that %d", cut, n, before)
		}
		before = n
		add(t, s, n, 13) // goes on behind it
		copied := open(t, Options{Dir: crash(t, torn)})
		wantRun(t, take(t, copied, 200), 0, 13)
		wantRun(t, take(t, s, 200), 0, 13)
		if s.Size().Skipped != 0 {
			t.Fatalf("cut at %d: a torn tail counts as damage", cut)
		}
		_, _ = s.Close(), copied.Close()
	}
	if before != 12 {
		t.Errorf("the whole has %d records", before)
	}
}

func TestDamageIsPassedOverCountedAndKept(t *testing.T) {
	dir := t.TempDir()
	o := Options{Dir: dir, segmentBytes: 1000}
	s := open(t, o)
	add(t, s, 0, 100)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names := segments(t, dir)
	b, err := os.ReadFile(names[1])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x10
	if err := os.WriteFile(names[1], b, 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	o.Logf = func(format string, a ...any) { said = append(said, fmt.Sprintf(format, a...)) }
	s = open(t, o)
	got := take(t, s, 300)
	lost := int(s.Size().Skipped)
	if lost == 0 || lost > 40 || len(got) != 100-lost {
		t.Errorf("%d came out, %d are said to be lost", len(got), lost)
	}
	for i := 1; i < len(got); i++ {
		if got[i] != got[i-1]+1 && got[i] != got[i-1]+1+lost {
			t.Errorf("after %d comes %d", got[i-1], got[i])
		}
	}
	kept, err := os.ReadFile(names[1] + damaged)
	if err != nil || string(kept) != string(b) {
		t.Errorf("the damaged segment is not kept: %v", err)
	}
	if len(said) != 1 || !strings.Contains(said[0], names[1]+damaged) {
		t.Errorf("said: %q", said)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	open(t, Options{Dir: dir})
	if _, err := Open(Options{Dir: dir, Limit: 1 << 20}); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("a folder in use: %v", err)
	}
	for name, want := range map[string]string{"0000000000000007.spool": "a format that this version does not know", "x.spool": "is no segment"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("RSSPOOL9 of the future"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Options{Dir: dir, Limit: 1 << 20}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	if err := s.Append(t.Context(), make([]byte, MaxRecord+1)); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Errorf("a record too long: %v", err)
	}
	if err := s.Append(t.Context(), make([]byte, MaxRecord)); err != nil {
		t.Error(err)
	}
	b, err := s.Peek(1)
	if err != nil || len(b.Records) != 1 || len(b.Records[0]) != MaxRecord {
		t.Errorf("the longest record does not come out: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(context.Background(), []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// A whole record of another number, as a reused block of the disk may hold, is none.
func TestChecksumCoversTheNumber(t *testing.T) {
	b := appendRecord(nil, 7, []byte("payload"))
	if _, _, _, ok := parseRecord(b, 8); ok {
		t.Error("record 7 is taken for record 8")
	}
	if p, n, _, ok := parseRecord(b, 7); !ok || n != len(b) || string(p) != "payload" {
		t.Errorf("record 7 is %q, %d, %v", p, n, ok)
	}
}
