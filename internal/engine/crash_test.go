package engine

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ringside/internal/storetest"
	"ringside/store"
	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

var (
	crashSeed = flag.Uint64("crash.seed", 1, "the first seed of TestCrashes")
	crashRuns = flag.Int("crash.runs", 0, "how many runs TestCrashes does, a seed each; 0: as many as make its crash points")
)

// TestCrashes simulates days in which processes die, stall, hand over and meet errors at random operations on the store,
// by the seed of the run alone, and holds what the views show to the truth.
func TestCrashes(t *testing.T) {
	s := openCrashStore(t)
	begin := time.Now()
	var sum tally
	for seed := *crashSeed; ; seed++ {
		if n := int(seed - *crashSeed); *crashRuns > 0 && n >= *crashRuns || *crashRuns == 0 && sum.points >= crashPoints {
			break
		}
		one := s.play(t, seed)
		sum.add(&one)
		if sum.differences > 2 {
			break
		}
	}
	took := time.Since(begin)
	t.Logf("%s; %s a crash point", sum.String(), (took / time.Duration(max(sum.points, 1))).Round(time.Millisecond))
}

func (t *tally) String() string {
	return fmt.Sprintf("%d runs, %d crash points, %d takeovers, %d differences, %s", t.runs, t.points, t.takeovers, t.differences, t.happened())
}

func (t *tally) happened() string {
	var all []string
	for i := noFault + 1; i < numFaults; i++ {
		all = append(all, fmt.Sprintf("%s %d", i, t.faults[i]))
	}
	for what, n := range t.others {
		all = append(all, fmt.Sprintf("%s %d", what, n))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// crashStore is the database that the runs use one after the other.
type crashStore struct {
	db     *store.DB
	read   storetest.Query
	tables []string
}

// memoryFolder, where there is one, holds the database of the runs: what is measured is not the disk.
const memoryFolder = "/dev/shm"

func openCrashStore(t testing.TB) *crashStore {
	t.Helper()
	const database = "crashes"
	url := embeddedtest.Start(t, func(o *embedded.Options) {
		if dir, err := os.MkdirTemp(memoryFolder, "ringside-crashes-"); err == nil {
			o.DataDir = dir
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
		}
	}).URL()
	plain, err := store.Open(t.Context(), store.Options{URL: url, Database: database})
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	s := &crashStore{read: storetest.HTTP(t, url, database)}
	s.db, err = store.Open(t.Context(), store.Options{URL: url, Database: database, MaxConns: 64, Wrap: func(c driver.Conn) driver.Conn { return line{c} }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	s.tables = strings.Fields(s.read("SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_versions' AND name != 'wait_buckets_versions'"))
	return s
}

func (s *crashStore) clear() {
	for _, table := range s.tables {
		s.read("TRUNCATE TABLE " + table)
	}
}

func (s *crashStore) play(t testing.TB, seed uint64) tally {
	t.Helper()
	s.clear()
	w := newWorld(t, seed, s.db, s.read)
	w.run()
	return w.tally
}

// A run depends on its seed alone.
func TestCrashesRepeat(t *testing.T) {
	s := openCrashStore(t)
	first, second := newWorld(t, 3, s.db, s.read), newWorld(t, 3, s.db, s.read)
	first.run()
	s.clear()
	second.run()
	for i := range min(len(first.steps), len(second.steps)) {
		if first.steps[i] != second.steps[i] {
			t.Fatalf("step %d: %s, and the second time: %s", i, first.steps[i], second.steps[i])
		}
	}
	if len(first.steps) != len(second.steps) || len(first.steps) < 100 {
		t.Errorf("%d steps, and the second time %d", len(first.steps), len(second.steps))
	}
}
