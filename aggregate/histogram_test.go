package aggregate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBucketsAreExactEnough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200_000 {
		us := r.Int64N(1 << (1 + i%40))
		b := BucketOf(us)
		lo, hi := BucketBounds(b)
		if us < lo || us >= hi {
			t.Fatalf("%d µs is in bucket %d, which is [%d, %d)", us, b, lo, hi)
		}
		if e := BucketValue(b) - us; e*100 > us || -e*100 > us {
			t.Fatalf("bucket %d stands for %d µs, %d is more than 1 %% off", b, BucketValue(b), us)
		}
		if b > 0 {
			if _, before := BucketBounds(b - 1); before != lo {
				t.Fatalf("bucket %d begins at %d, the one before ends at %d", b, lo, before)
			}
		}
	}
}

func TestPercentileIsNearestRank(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 1; n < 200; n++ {
		var h histogram
		waits := make([]int64, n)
		for i := range waits {
			waits[i] = r.Int64N(400e6)
			h.add(BucketOf(waits[i]), 1)
		}
		slices.Sort(waits)
		for _, p := range []float64{0.1, 50, 90, 95, 99, 100} {
			rank := (int(p*10)*n + 999) / 1000
			want := BucketValue(BucketOf(waits[max(rank, 1)-1]))
			if got := Percentile(h, p); got != want {
				t.Fatalf("P%v of %d waits = %d, want %d", p, n, got, want)
			}
		}
	}
	if Percentile(nil, 50) != Null {
		t.Fatal("a percentile of nothing is not NULL")
	}
}

func TestHistogramsMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var a, b, all histogram
	for range 3000 {
		w := BucketOf(r.Int64N(1000e6))
		all.add(w, 1)
		if r.IntN(2) == 0 {
			a.add(w, 1)
		} else {
			b.add(w, 1)
		}
	}
	if got := appendMerged(nil, a, b); !slices.Equal(got, []HistogramBucket(all)) {
		t.Fatal("merged halves differ from the whole")
	}
	for _, e := range slices.Clone(a) {
		all.add(e.Bucket, -e.Count)
	}
	if !slices.Equal(all, b) {
		t.Fatal("taking back one half does not leave the other")
	}
}

func TestExtremesAgainstAScan(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var e extremes
	var all []int64
	for n := range 20_000 {
		if len(all) > 0 && r.IntN(100) < 30+40*(n/500%2) { // it grows and shrinks
			i := r.IntN(len(all))
			e.remove(all[i])
			all = slices.Delete(all, i, i+1)
		} else {
			v := r.Int64N(50)
			e.add(v)
			all = append(all, v)
		}
		got, ok := e.max()
		if ok != (len(all) > 0) || ok && got != slices.Max(all) {
			t.Fatalf("max = %d, %v of %v", got, ok, all)
		}
	}
}

func TestTimersComeInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	var h timers
	var due []int64
	for range 3000 {
		d := r.Int64N(1000)
		h.push(timer{due: d})
		due = append(due, d)
	}
	slices.Sort(due)
	for now := int64(0); now <= 1001; now += 7 {
		for {
			e, ok := h.pop(now)
			if !ok {
				break
			}
			if e.due != due[0] || e.due >= now {
				t.Fatalf("at %d came %d, want %d", now, e.due, due[0])
			}
			due = due[1:]
		}
		if len(due) > 0 && due[0] < now {
			t.Fatalf("at %d, %d did not come", now, due[0])
		}
	}
}

func TestTextsAreForgotten(t *testing.T) {
	x := newTexts()
	a := x.intern([]byte("remote"))
	if b := x.intern([]byte("remote")); a != b || x.get(b) != "remote" {
		t.Fatal("the same text has two places")
	}
	x.release(a)
	if x.get(a) != "remote" {
		t.Fatal("forgotten while still referred to")
	}
	x.release(a)
	if len(x.index) != 0 || x.bytes != 0 {
		t.Fatalf("still held: %v, %d bytes", x.index, x.bytes)
	}
	if b := x.intern([]byte("local")); b != a || x.get(b) != "local" {
		t.Fatal("the place is not used again")
	}
	defer func() {
		if recover() == nil {
			t.Fatal("releasing too often goes unnoticed")
		}
	}()
	x.release(a)
	x.release(a)
}
