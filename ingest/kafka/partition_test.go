package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"

	"ringside/ingest"
)

// scriptedFetcher serves a log of record times, a few records at a time, with a delay.
type scriptedFetcher struct {
	pool  *pool
	times []int64 // ms
	per   int     // records of a fetch
	delay time.Duration
	stall int           // from this offset on nothing comes though there is more; 0: never
	away  time.Duration // how long the stall takes, and the next at 100 times the offset; 0: for ever
	fail  error
}

func (f *scriptedFetcher) fetch(ctx context.Context, offset int64) (*chunk, ends, error) {
	select {
	case <-ctx.Done():
		return nil, ends{}, ctx.Err()
	case <-time.After(f.delay):
	}
	e := ends{stable: int64(len(f.times)), high: int64(len(f.times))}
	if f.fail != nil {
		return nil, e, f.fail
	}
	if f.stall > 0 && offset >= int64(f.stall) {
		if f.away == 0 {
			<-ctx.Done()
		} else if pause(ctx, f.away) == nil {
			f.stall *= 100
		}
		return nil, ends{}, errors.New("no answer")
	}
	if offset >= e.high {
		select { // as a broker does, until the maximal wait is over
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
		return nil, e, nil
	}
	c := f.pool.get()
	for i := offset; i < min(offset+int64(f.per), e.high); i++ {
		c.records = append(c.records, ingest.Record{Offset: i})
		c.times = append(c.times, f.times[i])
	}
	c.next, c.end, c.high = offset+int64(len(c.records)), e.stable, e.high
	return c, e, nil
}

func (f *scriptedFetcher) offsetAt(context.Context, int64) (int64, error) { return 0, nil }
func (f *scriptedFetcher) disconnect()                                    {}
func (f *scriptedFetcher) topicID() uuid.UUID                             { return uuid.Nil }
func (f *scriptedFetcher) expect(uuid.UUID)                               {}

// scripted is a partition of topics t0, t1, … with a lane for each fetcher.
func scripted(pace time.Duration, fetchers ...*scriptedFetcher) *Partition {
	o := Options{Pace: pace}.withDefaults()
	c := &Consumer{opts: o}
	p := &Partition{consumer: c, generation: &kafka.Generation{}, wake: make(chan struct{}, 1)}
	for i, f := range fetchers {
		f.pool = &c.pool
		c.pool.maxKept = 1 << 20
		if f.per == 0 {
			f.per = 10
		}
		p.lanes = append(p.lanes, &lane{stream: newStream(&c.opts, Topic{Name: fmt.Sprint("t", i)}, 0, f, p.wake), lastTime: -1 << 62})
	}
	return p
}

func minutes(from, to, step int) (ms []int64) {
	for m := from; m < to; m += step {
		ms = append(ms, int64(m)*60_000)
	}
	return ms
}

// readAll reads n records and checks that no topic runs more than pace ahead of what another has yet to deliver.
func readAll(t *testing.T, p *Partition, fetchers []*scriptedFetcher, pace time.Duration) {
	t.Helper()
	n := 0
	for _, f := range fetchers {
		n += len(f.times)
	}
	next := make([]int, len(fetchers))
	for n > 0 {
		b, err := p.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var lane int
		if _, err := fmt.Sscanf(b.Topic, "t%d", &lane); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.Records {
			if int(r.Offset) != next[lane] {
				t.Fatalf("t%d: offset %d, want %d", lane, r.Offset, next[lane])
			}
			at := fetchers[lane].times[r.Offset]
			for i, f := range fetchers {
				if next[i] < len(f.times) && at > f.times[next[i]]+pace.Milliseconds() {
					t.Fatalf("t%d delivers %d while t%d has yet to deliver %d", lane, at, i, f.times[next[i]])
				}
			}
			next[lane]++
			n--
		}
		if int(b.NextOffset) != next[lane] {
			t.Fatalf("t%d: next offset %d, want %d", lane, b.NextOffset, next[lane])
		}
		b.Release()
	}
}

func TestNextPacesTopicsByRecordTime(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			var fetchers []*scriptedFetcher
			for range 1 + r.IntN(3) {
				f := &scriptedFetcher{per: 1 + r.IntN(200), delay: time.Duration(r.IntN(500)) * time.Millisecond}
				at := int64(r.IntN(1_000_000))
				for range r.IntN(500) {
					at += int64(r.IntN(120_000))
					f.times = append(f.times, at)
				}
				fetchers = append(fetchers, f)
			}
			p := scripted(15*time.Minute, fetchers...)
			if err := p.Start(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			readAll(t, p, fetchers, 15*time.Minute)
			p.stop()
			if n := p.consumer.pool.out.Load(); n != 0 {
				t.Errorf("%d chunks are out", n)
			}
		})
	}
}

// A topic at its end holds nobody up: the others are read without any wait.
func TestNextDoesNotWaitForTopicsAtTheirEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetchers := []*scriptedFetcher{{times: minutes(0, 60, 1)}, {times: minutes(0, 6000, 1)}, {times: minutes(5, 6, 1)}}
		p := scripted(15*time.Minute, fetchers...)
		began := time.Now()
		if err := p.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		readAll(t, p, fetchers, 15*time.Minute)
		if took := time.Since(began); took > 0 {
			t.Errorf("it waited for %s", took)
		}
		p.stop()
	})
}

// At the end, records are fetched some at a time, not one by one as they come in.
func TestFetchesLingerAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &liveFetcher{began: time.Now(), every: time.Millisecond}
		p := scripted(time.Minute, &f.scriptedFetcher)
		p.lanes[0].fetcher = f
		if err := p.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for read := 0; read < 1000; {
			b, err := p.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			read += len(b.Records)
			b.Release()
		}
		if took := time.Since(f.began); f.fetches > 110 || took > 1020*time.Millisecond {
			t.Errorf("%d fetches in %s", f.fetches, took)
		}
		p.stop()
	})
}

// liveFetcher's log grows steadily; record times count from its beginning.
type liveFetcher struct {
	scriptedFetcher
	began   time.Time
	every   time.Duration
	fetches int
}

func (f *liveFetcher) fetch(ctx context.Context, offset int64) (*chunk, ends, error) {
	f.fetches++
	f.per = 1 << 20
	if d := time.Duration(offset+1)*f.every - time.Since(f.began); d > 0 {
		if err := pause(ctx, d); err != nil {
			return nil, ends{}, err
		}
	}
	for len(f.times) < int(time.Since(f.began)/f.every) {
		f.times = append(f.times, (time.Duration(len(f.times)+1) * f.every).Milliseconds())
	}
	return f.scriptedFetcher.fetch(ctx, offset)
}

// Times come from producers: one in the far future or past must not stop anything, nor overflow.
func TestNextSurvivesWildTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetchers := []*scriptedFetcher{
			{times: []int64{1, 1 << 62, 2, -1 << 63, 3}, per: 1},
			{times: []int64{1<<63 - 1, -5, 7}, per: 2},
		}
		p := scripted(time.Minute, fetchers...)
		if err := p.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for read := 0; read < 8; {
			b, err := p.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			read += len(b.Records)
			b.Release()
		}
		p.stop()
	})
}

func TestNextReturnsPermanentErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("no right to read")
		p := scripted(time.Minute, &scriptedFetcher{times: minutes(0, 10, 1)}, &scriptedFetcher{fail: &permanentError{broken}})
		if err := p.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for {
			b, err := p.Next(t.Context())
			if err != nil {
				if !errors.Is(err, broken) {
					t.Errorf("got %v", err)
				}
				break
			}
			b.Release()
		}
		p.stop()
	})
}

// Damage is tried again for a while, then becomes a reject, and the records behind it are delivered.
func TestDamageBecomesRejectInTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name string
		next int64
		want string
	}{
		{"known extent", 3, "[0 3 4] 1"},
		{"no extent", 0, "error"},
		{"extent beyond the end", 99, "error"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &damagedFetcher{scriptedFetcher: scriptedFetcher{times: minutes(0, 5, 1), per: 1}, next: tc.next}
				p := scripted(time.Minute, &f.scriptedFetcher)
				p.lanes[0].fetcher = f
				if err := p.Start(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				var got []int64
				rejects := 0
				var failure error
				for len(got) < 3 && failure == nil {
					var b *ingest.Batch
					if b, failure = p.Next(t.Context()); failure != nil {
						break
					}
					for _, r := range b.Records {
						got = append(got, r.Offset)
					}
					for _, r := range b.Rejects {
						if r.Position.Offset != 1 || r.Reason != ingest.RejectMalformed {
							t.Errorf("reject %+v", r)
						}
						rejects++
					}
					b.Release()
				}
				p.stop()
				text := "error"
				if failure == nil {
					text = fmt.Sprint(got, " ", rejects)
				}
				if text != tc.want || f.attempts != damagedAttempts {
					t.Errorf("got %s, want %s, after %d attempts", text, tc.want, f.attempts)
				}
			})
		})
	}
}

type damagedFetcher struct {
	scriptedFetcher
	next     int64
	attempts int
}

func (f *damagedFetcher) fetch(ctx context.Context, offset int64) (*chunk, ends, error) {
	if offset == 1 {
		f.attempts++
		e := ends{stable: 5, high: 5}
		return nil, e, &damagedError{offset: 1, next: f.next, reason: ingest.RejectMalformed, cause: errors.New("the checksum does not match")}
	}
	return f.scriptedFetcher.fetch(ctx, offset)
}

func TestReleaseTwicePanics(t *testing.T) {
	c := (&pool{maxKept: 1}).get()
	c.records = make([]ingest.Record, 1)
	p := newPart(c)
	release := p.Release
	release()
	defer func() {
		if r := recover(); r == nil {
			t.Error("no panic")
		}
	}()
	release()
}

// Chunks come back empty, and large ones not at all.
func TestPoolKeepsWithinItsLimits(t *testing.T) {
	p := &pool{maxKept: 100}
	var out []*chunk
	for range 2 * maxIdle {
		out = append(out, p.get())
	}
	if n := p.out.Load(); n != 2*maxIdle {
		t.Errorf("%d out", n)
	}
	for i, c := range out {
		c.raw = make([]byte, 10)
		if i == 0 {
			c.raw = make([]byte, 101)
		}
		c.records = append(c.records, ingest.Record{Value: c.raw})
		c.release()
	}
	if len(p.free) != maxIdle || p.out.Load() != 0 {
		t.Errorf("%d kept, %d out", len(p.free), p.out.Load())
	}
	if slices.Contains(p.free, out[0]) {
		t.Error("a chunk beyond the limit is kept")
	}
	if c := p.get(); len(c.records) != 0 || len(c.raw) != 0 {
		t.Errorf("not empty: %+v", c)
	}
}
