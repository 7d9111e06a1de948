package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"ringside/store/embedded/embeddedtest"
)

// crashingLine is a connection to ClickHouse on which the process dies at a chosen insert: before it, or when it is written
// and not yet acknowledged.
type crashingLine struct {
	server *httptest.Server
	left   atomic.Int64 // inserts that succeed
	after  atomic.Bool  // the fatal one is written
	die    atomic.Pointer[context.CancelFunc]
}

func newCrashingLine(tb testing.TB, target string) *crashingLine {
	tb.Helper()
	u, err := url.Parse(target)
	if err != nil {
		tb.Fatal(err)
	}
	user := u.User
	u.User = nil
	forward := httputil.NewSingleHostReverseProxy(u)
	c := &crashingLine{}
	c.left.Store(1 << 40)
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if password, ok := user.Password(); ok && r.Header.Get("Authorization") == "" && r.Header.Get("X-ClickHouse-Key") == "" {
			r.SetBasicAuth(user.Username(), password)
		}
		if !strings.HasPrefix(r.URL.Query().Get("query"), "INSERT") {
			forward.ServeHTTP(w, r)
			return
		}
		left := c.left.Add(-1)
		if left < 0 {
			if left == -1 && c.after.Load() {
				forward.ServeHTTP(httptest.NewRecorder(), r)
			}
			(*c.die.Load())()
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, r)
	}))
	tb.Cleanup(c.server.Close)
	return c
}

func (c *crashingLine) open(tb testing.TB, database string) *DB {
	tb.Helper()
	u, _ := url.Parse(c.server.URL)
	target, _ := url.Parse(embeddedtest.URL(tb))
	u.User = target.User
	db, err := Open(tb.Context(), Options{URL: u.String(), Database: database})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	return db
}

// A process dies at any insert of a checkpoint: before it or before its acknowledgement. The previous checkpoint stays
// valid, or the new one is whole; the process itself, if it was only cut off, or a successor goes on from either.
func TestCrashAtEveryInsert(t *testing.T) {
	for crash := range savedInserts {
		for _, written := range []bool{false, true} {
			for _, repeated := range []bool{false, true} {
				t.Run(fmt.Sprintf("insert %d, written %v, repeated %v", crash, written, repeated), func(t *testing.T) {
					t.Parallel()
					crashAt(t, crash, written, repeated)
				})
			}
		}
	}
}

const savedInserts = 4 // of a checkpoint: three of rows, the manifest

func crashAt(t *testing.T, crash int, written, repeated bool) {
	direct := openMigrated(t)
	line := newCrashingLine(t, embeddedtest.URL(t))
	o := newOwner(t, newTestWriter(line.open(t, direct.Database())), 1, nil)
	o.change(50)
	o.save(10)
	want := maps.Clone(o.state)

	o.change(20)
	for i := range savedInserts - 1 {
		name := entityName{9, id(i), "large"}
		o.state[name], o.dirty[name] = strings.Repeat("x", checkpointChunk*2/3), true
	}
	p := o.checkpoint(10)
	ctx, die := context.WithCancel(t.Context())
	line.die.Store(&die)
	line.after.Store(written)
	line.left.Store(int64(crash))
	if err := o.c.Save(ctx, p); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if left := line.left.Load(); left != -1 {
		t.Fatalf("the crash came at another insert than %d: %d left", crash, left)
	}
	if crash == savedInserts-1 && written {
		want = o.state
	}
	mustLoad(t, direct, want)

	if repeated {
		line.left.Store(1 << 40)
		if err := o.c.Save(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		mustLoad(t, direct, o.state)
		o.change(5)
		o.save(10)
		want = o.state
	}
	successor := newOwner(t, newTestWriter(direct), 2, want)
	for range 3 {
		successor.change(5)
		successor.save(500)
		successor.drop()
		mustLoad(t, direct, successor.state)
	}
}

// An insert whose acknowledgement was lost is repeated: its rows are there twice, in one part or two.
func TestRepeatedCheckpointRows(t *testing.T) {
	db := openMigrated(t)
	o := newOwner(t, newTestWriter(db), 1, nil)
	o.change(100)
	o.save(0)
	exec(t, db, "SYSTEM STOP MERGES "+db.Database()+".checkpoints_versions")
	exec(t, db, "INSERT INTO checkpoints_versions SELECT * FROM checkpoints_versions WHERE row_number BETWEEN 10 AND 20")
	mustLoad(t, db, o.state)
	o.change(10)
	o.save(0)
	mustLoad(t, db, o.state)
	exec(t, db, "SYSTEM START MERGES "+db.Database()+".checkpoints_versions")
	exec(t, db, "OPTIMIZE TABLE checkpoints_versions FINAL")
	mustLoad(t, db, o.state)
}

// A former owner wakes up when the partition has a new one, and goes on under its old epoch.
func TestFormerOwnerWakesUp(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	old := newOwner(t, w, 1, nil)
	for range 2 * generationCheckpoints {
		old.change(3)
		old.save(50)
	}
	// It knew that it owned the partition after this one: its Drop is allowed, however late it comes.
	adopted := maps.Clone(old.state)
	successor := newOwner(t, w, 2, adopted)
	old.drop()
	mustLoad(t, db, adopted)

	// The successor has adopted its last checkpoint, and may die before its own first one: then what the former owner wrote
	// since counts again, whole.
	old.change(5)
	old.save(2)
	mustLoad(t, db, old.state)

	// Once the successor has saved, it does not, whatever it is.
	successor.change(5)
	successor.save(2)
	mustLoad(t, db, successor.state)
	for range generationCheckpoints + 2 { // into generations that the successor has never seen
		old.change(5)
		old.save(50)
	}
	mustLoad(t, db, successor.state)
	old.drop()
	mustLoad(t, db, successor.state)

	// A third owner takes over while both go on.
	third := newOwner(t, w, 3, successor.state)
	third.change(5)
	third.save(1)
	successor.change(5)
	successor.save(1)
	mustLoad(t, db, third.state)
	for range 4 {
		third.save(50)
	}
	third.drop()
	mustLoad(t, db, third.state)
	equal(t, "epochs", fmt.Sprint(scan[uint32](t, db, "SELECT DISTINCT epoch FROM checkpoints")), "[3]")
}

func TestCorruptCheckpointsAreRefused(t *testing.T) {
	const sync = " SETTINGS mutations_sync = 1"
	update := func(set, where string) string {
		return "ALTER TABLE checkpoints_versions UPDATE " + set + " WHERE " + where + sync
	}
	manifest := func(replace string) string {
		return "INSERT INTO checkpoint_manifests_versions SELECT * REPLACE (" + replace + ", version + 1 AS version) FROM checkpoint_manifests_versions FINAL"
	}
	for name, c := range map[string]struct {
		damage string
		want   error
		detail string
	}{
		"row missing":        {"ALTER TABLE checkpoints_versions DELETE WHERE row_number = 5" + sync, ErrCheckpointCorrupt, "rows of"},
		"last row missing":   {"ALTER TABLE checkpoints_versions DELETE WHERE row_number = 99" + sync, ErrCheckpointCorrupt, "rows of"},
		"tombstone missing":  {"ALTER TABLE checkpoints_versions DELETE WHERE is_deleted" + sync, ErrCheckpointCorrupt, "rows of"},
		"all missing":        {"TRUNCATE TABLE checkpoints_versions", ErrCheckpointCorrupt, "0 rows of"},
		"data longer":        {update("data = concat(data, 'x')", "row_number = 5 AND sequence = 1"), ErrCheckpointCorrupt, "bytes of"},
		"data changed":       {update("data = reverse(data)", "row_number = 5 AND sequence = 1"), ErrCheckpointCorrupt, "row 5 of"},
		"key changed":        {update("key = reverse(key)", "row_number = 5 AND sequence = 1"), ErrCheckpointCorrupt, "row 5 of"},
		"kind changed":       {update("kind = 77", "row_number = 5 AND sequence = 1"), ErrCheckpointCorrupt, "row 5 of"},
		"organization":       {update("organization_id = generateUUIDv4()", "row_number = 5 AND sequence = 1"), ErrCheckpointCorrupt, "row 5 of"},
		"tombstone's key":    {update("key = reverse(key)", "is_deleted"), ErrCheckpointCorrupt, "sequence 2 has hash"},
		"tombstone lives":    {update("is_deleted = 0", "is_deleted"), ErrCheckpointCorrupt, "sequence 2 has hash"},
		"row is a tombstone": {update("is_deleted = 1", "row_number = 5 AND sequence = 1"), ErrCheckpointCorrupt, "row 5 of"},
		"hash changed":       {update("row_hash = row_hash + 1", "row_number = 5"), ErrCheckpointCorrupt, "checksum"},
		"data and hash":      {update("data = reverse(data), row_hash = xxHash64(data)", "row_number = 5 AND sequence = 1"), ErrCheckpointCorrupt, "checksum"},
		"row added": {`INSERT INTO checkpoints_versions SELECT * REPLACE (toUInt64(1000) AS row_number) FROM (SELECT * FROM checkpoints_versions WHERE row_number = 5)`,
			ErrCheckpointCorrupt, "rows of"},
		"row moved": {`INSERT INTO checkpoints_versions SELECT * REPLACE (toUInt64(2) AS sequence, toUInt64(1000) AS row_number) FROM (SELECT * FROM checkpoints_versions WHERE row_number = 5 AND sequence = 1);
ALTER TABLE checkpoints_versions DELETE WHERE row_number = 5 AND sequence = 1` + sync, ErrCheckpointCorrupt, "row 1000 of"},
		"segments cut":    {manifest("[] AS segment_epochs"), ErrCheckpointCorrupt, "segments of 0 epochs"},
		"segments turned": {manifest("[1, 1] AS segment_epochs, [1, 1] AS segment_generations, [2, 2] AS segment_sequences"), ErrCheckpointCorrupt, "epoch 1 follows"},
		"segments end":    {manifest("[9] AS segment_sequences"), ErrCheckpointCorrupt, "ends at epoch 1, sequence 9"},
		"positions cut":   {manifest("[] AS offsets"), ErrCheckpointCorrupt, "topics"},
		"topic ids cut":   {manifest("[generateUUIDv4()] AS topic_ids"), ErrCheckpointCorrupt, "2 topics and 1 ids"},
		"before ids":      {manifest("[] AS topic_ids"), nil, ""},
		"unknown format":  {manifest("3 AS format"), ErrCheckpointFormat, "format 3, this version reads and writes 2"},
		"earlier format":  {manifest("1 AS format"), ErrCheckpointFormat, "format 1, this version reads and writes 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openMigrated(t)
			o := newOwner(t, newTestWriter(db), 1, nil)
			for i := range 100 {
				name := entityName{1, id(1), fmt.Sprintf("k%d", i)}
				o.state[name], o.dirty[name] = fmt.Sprintf("data%d", i), true
			}
			o.sequence = 0
			p := o.checkpoint(0)
			p.Sequence = 1
			if err := o.c.Save(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			gone := entityName{1, id(1), "k50"}
			delete(o.state, gone)
			o.dirty[gone] = true
			p = o.checkpoint(0)
			p.Sequence = 2
			if err := o.c.Save(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			mustLoad(t, db, o.state)
			for statement := range strings.SplitSeq(c.damage, ";\n") {
				exec(t, db, statement)
			}
			_, _, _, err := load(t, db, 3)
			if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.detail) {
				t.Errorf("got %v, want %v: … %s …", err, c.want, c.detail)
			}
		})
	}
}
