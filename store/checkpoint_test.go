package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"ringside/aggregate"
	"ringside/ingest"
)

type savedEntity struct {
	kind         uint8
	organization [16]byte
	key, data    string
}

// entities makes n entities of all sizes, binary and empty ones among them.
func entities(seed uint64, n int) []savedEntity {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]savedEntity, n)
	for i := range out {
		data := make([]byte, r.IntN(600))
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		out[i] = savedEntity{uint8(r.IntN(8)), id(r.IntN(50)), fmt.Sprintf("k%d\x00", i), string(data)}
	}
	return out
}

func snapshotOf(all []savedEntity) func(func(aggregate.Entity) error) error {
	return func(emit func(aggregate.Entity) error) error {
		var key, data []byte // reused, as the core does
		for _, e := range all {
			key, data = append(key[:0], e.key...), append(data[:0], e.data...)
			if err := emit(aggregate.Entity{Kind: aggregate.EntityKind(e.kind), OrganizationID: e.organization, Key: key, Data: data}); err != nil {
				return err
			}
		}
		return nil
	}
}

func load(tb testing.TB, db *DB, partition int32) (got []savedEntity, m Manifest, found bool, err error) {
	tb.Helper()
	m, found, err = db.LoadCheckpoint(tb.Context(), "g", partition, func(e aggregate.Entity) error {
		got = append(got, savedEntity{uint8(e.Kind), e.OrganizationID, string(e.Key), string(e.Data)})
		return nil
	})
	return got, m, found, err
}

func mustLoad(tb testing.TB, db *DB, want []savedEntity) Manifest {
	tb.Helper()
	got, m, found, err := load(tb, db, 3)
	if err != nil || !found {
		tb.Fatalf("found %v, %v", found, err)
	}
	if !reflect.DeepEqual(got, want) {
		tb.Fatalf("%d entities, not the %d saved ones", len(got), len(want))
	}
	return m
}

func save(tb testing.TB, w *Writer, epoch uint32, sequence uint64, all []savedEntity) {
	tb.Helper()
	positions := []ingest.Position{{Topic: "queue-events", Partition: 3, Offset: int64(sequence)}, {Topic: "user-events", Partition: 3, Offset: 7}}
	if err := w.SaveCheckpoint(tb.Context(), "g", 3, epoch, sequence, positions, snapshotOf(all)); err != nil {
		tb.Fatal(err)
	}
}

func TestCheckpointRoundTrip(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	if _, _, found, err := load(t, db, 3); found || err != nil {
		t.Fatalf("before the first one: found %v, %v", found, err)
	}
	first := entities(1, checkpointRows+500) // more than one insert
	first = append(first, savedEntity{1, id(1), "big", string(bytes.Repeat([]byte("x"), checkpointChunk+1))})
	save(t, w, 1, 10, first)
	m := mustLoad(t, db, first)
	equal(t, "positions", fmt.Sprint(m.Positions), "[{queue-events 3 10} {user-events 3 7}]")
	equal(t, "epoch, sequence, rows", fmt.Sprint(m.Epoch, m.Sequence, m.Rows), fmt.Sprint(1, 10, len(first)))

	// Entities that are gone do not come back.
	second := first[:100]
	save(t, w, 1, 11, second)
	mustLoad(t, db, second)

	// Nothing held at all is a state too, and a new owner begins below its predecessor's sequence.
	save(t, w, 2, 1, nil)
	equal(t, "epoch", mustLoad(t, db, nil).Epoch, 2)

	if _, _, found, err := load(t, db, 4); found || err != nil {
		t.Errorf("another partition: found %v, %v", found, err)
	}
}

// A checkpoint that was cut off before its manifest does no harm.
func TestUnfinishedCheckpoint(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	good := entities(1, 1000)
	save(t, w, 1, 1, good)
	boom := errors.New("boom")
	err := w.SaveCheckpoint(t.Context(), "g", 3, 1, 2, nil, func(emit func(aggregate.Entity) error) error {
		if err := snapshotOf(entities(2, checkpointRows+10))(emit); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if countOf(t, db, "checkpoints WHERE sequence = 2") == 0 {
		t.Error("nothing was written before the cut")
	}
	mustLoad(t, db, good)

	// An owner that woke up writes under its old epoch: the newer one's checkpoint stays.
	save(t, w, 2, 1, good)
	save(t, w, 1, 3, entities(3, 10))
	equal(t, "epoch", mustLoad(t, db, good).Epoch, 2)
}

func TestOldCheckpointsAreDropped(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	for i := range uint64(6) {
		save(t, w, 1, i+1, entities(i, 50))
		if i == 2 {
			_ = w.SaveCheckpoint(t.Context(), "g", 3, 1, 100, nil, func(func(aggregate.Entity) error) error { return errors.New("cut off") })
		}
	}
	equal(t, "kept", fmt.Sprint(scan[uint64](t, db, "SELECT DISTINCT sequence FROM checkpoints ORDER BY sequence")), "[5 6]")
	equal(t, "manifests", countOf(t, db, "checkpoint_manifests"), 1)
	save(t, w, 2, 1, entities(9, 50)) // a new owner drops what its predecessors left
	save(t, w, 2, 2, entities(9, 50))
	equal(t, "kept", fmt.Sprint(scan[uint32](t, db, "SELECT DISTINCT epoch FROM checkpoints")), "[2]")
}

func TestCorruptCheckpointsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		damage string
		want   error
	}{
		"row missing":  {"ALTER TABLE checkpoints_versions DELETE WHERE row_number = 5 SETTINGS mutations_sync = 1", ErrCheckpointCorrupt},
		"last missing": {"ALTER TABLE checkpoints_versions DELETE WHERE row_number = 99 SETTINGS mutations_sync = 1", ErrCheckpointCorrupt},
		"all missing":  {"TRUNCATE TABLE checkpoints_versions", ErrCheckpointCorrupt},
		"data changed": {"ALTER TABLE checkpoints_versions UPDATE data = concat(data, 'x') WHERE row_number = 5 SETTINGS mutations_sync = 1", ErrCheckpointCorrupt},
		"row added": {`INSERT INTO checkpoints_versions SELECT * REPLACE (toUInt64(100) AS row_number) FROM (SELECT * FROM checkpoints_versions WHERE row_number = 5)`,
			ErrCheckpointCorrupt},
		"unknown format": {`INSERT INTO checkpoint_manifests_versions SELECT * REPLACE (2 AS format, version + 1 AS version) FROM checkpoint_manifests_versions FINAL`,
			ErrCheckpointFormat},
	} {
		t.Run(name, func(t *testing.T) {
			db := openMigrated(t)
			save(t, newTestWriter(db), 1, 1, entities(1, 100))
			exec(t, db, c.damage)
			if _, _, _, err := load(t, db, 3); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// An insert whose acknowledgement was lost is repeated: its rows are there twice, in one part or two.
func TestRepeatedCheckpointRows(t *testing.T) {
	db := openMigrated(t)
	all := entities(1, 100)
	save(t, newTestWriter(db), 1, 1, all)
	exec(t, db, "INSERT INTO checkpoints_versions SELECT * FROM checkpoints_versions WHERE row_number BETWEEN 10 AND 20")
	mustLoad(t, db, all)
}

func TestCheckpointSurvivesAnOutage(t *testing.T) {
	db, p := openThroughProxy(t)
	w := newTestWriter(db)
	all := entities(1, 2000)
	p.set(true, 0)
	done := make(chan error, 1)
	go func() { done <- w.SaveCheckpoint(context.Background(), "g", 3, 1, 1, nil, snapshotOf(all)) }()
	eventually(t, "an attempt fails", func() bool { return w.Trouble() != nil })
	p.set(false, 0)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	mustLoad(t, db, all)
}

func TestRestoreErrorIsReturned(t *testing.T) {
	db := openMigrated(t)
	save(t, newTestWriter(db), 1, 1, entities(1, 3))
	boom := errors.New("boom")
	_, _, err := db.LoadCheckpoint(t.Context(), "g", 3, func(aggregate.Entity) error { return boom })
	if !errors.Is(err, boom) || !strings.Contains(err.Error(), "partition 3") {
		t.Errorf("got %v", err)
	}
}

func TestMarks(t *testing.T) {
	db := openMigrated(t)
	w := newTestWriter(db)
	if _, found, err := db.LoadMark(t.Context(), "g", 3); found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	for _, v := range []uint64{Version(2, 1), Version(1, 9)} { // the older one comes later
		if err := w.SaveMark(t.Context(), "g", 3, v, []ingest.Position{{Topic: "a", Partition: 3, Offset: int64(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	m, found, err := db.LoadMark(t.Context(), "g", 3)
	if err != nil || !found || m.Version != Version(2, 1) || fmt.Sprint(m.Positions) != fmt.Sprintf("[{a 3 %d}]", Version(2, 1)) {
		t.Errorf("%+v, %v, %v", m, found, err)
	}
}
