package store

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"ringside/aggregate"
)

const (
	benchedEntities = 100_000
	benchedBytes    = 700
)

// benchedState makes entities as calls are: half of a call's bytes repeat in others.
func benchedState(first, n int) []aggregate.Entity {
	r := rand.New(rand.NewPCG(uint64(first), 2))
	text := make([]byte, benchedBytes)
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	all := make([]aggregate.Entity, n)
	for i := range all {
		key := binary.BigEndian.AppendUint64(make([]byte, 8, 16), uint64(first+i)*0x9E3779B97F4A7C15)
		data := append([]byte(nil), text...)
		for j := 0; j < len(data)/2; j += 4 {
			binary.LittleEndian.PutUint32(data[j:], r.Uint32())
		}
		all[i] = aggregate.Entity{Kind: aggregate.EntityCall, OrganizationID: id(1 + (first+i)%20), Key: key, Data: data}
	}
	return all
}

// saveBenched saves the state in 20 checkpoints, then everything again and a fifth of it twice: a chain of more than twice
// the state.
func saveBenched(b testing.TB, w *Writer) {
	b.Helper()
	c := w.Checkpoints("g", 3, 1, nil)
	sequence := uint64(0)
	for range 2 {
		for i := range 20 {
			const n = benchedEntities / 20
			sequence++
			p := Checkpoint{Sequence: sequence, Entities: benchedState(i*n, n)}
			if i%5 == 0 && i > 0 {
				p.Entities = append(p.Entities, benchedState((i-1)*n, n)...)
			}
			if err := c.Save(b.Context(), p); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkLoadCheckpoint loads 100,000 entities of 700 bytes; cpu-ms/op is what this process pays.
func BenchmarkLoadCheckpoint(b *testing.B) {
	db := openMigrated(b)
	saveBenched(b, newTestWriter(db))
	b.ReportAllocs()
	b.ResetTimer()
	begin := ownCPU(b)
	for b.Loop() {
		n := 0
		_, _, err := db.LoadCheckpoint(b.Context(), "g", 3, func(aggregate.Entity) error { n++; return nil })
		if err != nil || n != benchedEntities {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(ownCPU(b)-begin)/1e6/float64(b.N), "cpu-ms/op")
}

// BenchmarkSaveCheckpoint saves 1,000 entities of 700 bytes a time, as a busy partition does.
func BenchmarkSaveCheckpoint(b *testing.B) {
	db := openMigrated(b)
	c := newTestWriter(db).Checkpoints("g", 3, 1, nil)
	entities := benchedState(0, 1000)
	b.ReportAllocs()
	b.ResetTimer()
	begin := ownCPU(b)
	for i := range b.N {
		if err := c.Save(b.Context(), Checkpoint{Sequence: uint64(i) + 1, Entities: entities, CycleDone: true}); err != nil {
			b.Fatal(err)
		}
		if err := c.Drop(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(ownCPU(b)-begin)/1e6/float64(b.N), "cpu-ms/op")
}
