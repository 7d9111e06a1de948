package store

import (
	"bytes"
	"testing"

	"ringside/aggregate"
)

// Whoever reads docs/CHECKPOINTS.md can compute the hashes: ClickHouse does, from the columns and the bytes given there.
func TestRowHashIsTheDocumentedOne(t *testing.T) {
	db := openMigrated(t)
	o := newOwner(t, newTestWriter(db), 300, nil)
	for range 3 {
		o.change(100)
		o.save(5)
	}
	if n := countOf(t, db, "checkpoints WHERE is_deleted"); n == 0 {
		t.Error("no tombstones among the rows")
	}
	equal(t, "rows whose hash is another", countOf(t, db, `checkpoints_versions WHERE row_hash != xxHash64(concat(
char(kind), unhex(replaceAll(toString(organization_id), '-', '')), char(is_deleted),
reinterpretAsFixedString(epoch), reinterpretAsFixedString(generation), reinterpretAsFixedString(sequence), reinterpretAsFixedString(row_number),
reinterpretAsFixedString(toUInt32(length(key))), reinterpretAsFixedString(toUInt32(length(data))), key, data))`), 0)
}

// FuzzRowHash holds that rows that differ in anything have different hashes; where a key ends and data begins counts.
func FuzzRowHash(f *testing.F) {
	for what := range uint(9) {
		f.Add(byte(1), false, uint32(1), uint32(1), uint64(1), uint64(0), []byte("key"), []byte("data"), what)
		f.Add(byte(9), true, uint32(1<<24-1), uint32(77), uint64(1<<40-1), uint64(99), []byte{}, []byte(nil), what)
		f.Add(byte(7), false, uint32(3), uint32(2), uint64(5), uint64(1), []byte("k"), bytes.Repeat([]byte("x"), 700), what)
	}
	f.Fuzz(func(t *testing.T, kind byte, deleted bool, epoch, generation uint32, sequence, number uint64, key, data []byte, what uint) {
		at := place{epoch, generation, sequence, number}
		e := aggregate.Entity{Kind: aggregate.EntityKind(kind), OrganizationID: id(1), Key: key, Data: data, Deleted: deleted}
		h := newRowHasher()
		first := h.hash(at, &e)
		if again := h.hash(at, &e); again != first {
			t.Fatalf("hashes of one row: %x, %x", first, again)
		}
		switch what % 9 {
		case 0:
			e.Kind++
		case 1:
			e.OrganizationID = id(2)
		case 2:
			e.Deleted = !e.Deleted
		case 3:
			at.epoch++
		case 4:
			at.generation++
		case 5:
			at.sequence++
		case 6:
			at.number++
		case 7:
			e.Key = append(bytes.Clone(e.Key), 0)
		case 8:
			if len(key) == 0 {
				e.Data = append(bytes.Clone(e.Data), 0)
				break
			}
			last := len(key) - 1
			e.Key, e.Data = key[:last], append([]byte{key[last]}, data...)
		}
		if other := h.hash(at, &e); other == first {
			t.Errorf("a row that differs (case %d) has the same hash", what%9)
		}
	})
}
