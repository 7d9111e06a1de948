package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/internal/config"
	"ringside/store"
)

// process is one Ringside: an engine whose steps are called one at a time.
type process struct {
	w  *world
	id int
	e  *Engine

	ctx     context.Context
	sources map[int32]*logSource

	yield      func(struct{}) bool // of the step that runs
	waiting    *step               // for the store; nil: no step is
	fault      *fault
	cannotSave bool // the store takes nothing from it for a while

	stalled bool               // as by SIGSTOP
	given   bool               // the group has given it up
	asked   int                // how often it has asked since then
	cancel  context.CancelFunc // ends the last takeover
	dead    bool
}

// step is something the process does that may have to wait for the store.
type step struct {
	what string
	go_  func() (struct{}, bool)
	stop func()
}

// sessionOfCrashes is longer than any run, so that only who is given up is without a heartbeat.
const sessionOfCrashes = time.Hour

func newProcess(w *world) *process {
	c := config.Default()
	c.Kafka.SessionTimeout = config.Duration(sessionOfCrashes)
	c.Kafka.Brokers = []string{"nowhere:9092"}
	c.Privacy.Numbers = config.NumbersKeep
	c.Store.Events = "off"
	settings := *w.day.settings
	p := &process{w: w, id: len(w.processes) + 1, sources: map[int32]*logSource{}}
	p.ctx = context.WithValue(context.Background(), processKey{}, p)
	e, err := New(Options{Config: c, Settings: &settings, Store: &Store{DB: w.db, config: c}, Metrics: NewMetrics(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	e.consumer = p
	e.writer = store.NewWriter(w.db, store.WriterOptions{Events: w.keeps, Before: e.beforeInsert, RetryMin: time.Millisecond, RetryMax: 2 * time.Millisecond})
	e.habits = habits{handOver: 20 * time.Millisecond, restore: time.Millisecond, markAhead: w.markAhead}
	p.e = e
	w.processes = append(w.processes, p)
	return p
}

// The process is the engine's member of the group.
var _ member = (*process)(nil)

func (p *process) Run(context.Context, kafka.Worker) error { panic("BUG: not for a simulation") }
func (p *process) Partitions() int                         { return p.w.day.partitions }

func (p *process) LastHeartbeat() time.Time {
	if p.given {
		if p.asked++; p.asked > 3 && p.cancel != nil {
			p.cancel() // the group tells it
		}
		return time.Now().Add(-2 * sessionOfCrashes)
	}
	return time.Now()
}

func (p *process) Lag() (lags []kafka.Lag) {
	for _, w := range p.e.owned() {
		lags = append(lags, w.source.Lag()...)
	}
	return lags
}

var _ source = (*logSource)(nil)

func (s *logSource) Number() int32                 { return s.number }
func (s *logSource) GenerationID() int32           { return s.generation }
func (s *logSource) Commit(map[string]int64) error { return nil }

func (s *logSource) Next(context.Context) (*ingest.Batch, error) { panic("BUG: not for a simulation") }

func (s *logSource) Start(_ context.Context, places map[string]kafka.Place) error {
	for topic, at := range places {
		if at.Offset > s.end(topic) {
			s.w.fail("partition %d begins at %d of %s, of which there are %d", s.number, at.Offset, topic, s.end(topic))
		}
		if want := crashTopicID(topic); at.Offset > 0 && at.TopicID != want {
			s.w.fail("partition %d begins at %d of %s with the id %s, not %s", s.number, at.Offset, topic, at.TopicID, want)
		}
		s.position[topic] = at.Offset
	}
	return nil
}

func (s *logSource) Lag() (lags []kafka.Lag) {
	for _, t := range crashTopics {
		l := kafka.Lag{Topic: t, Partition: s.number, Position: s.position[t], HighWatermark: s.end(t)}
		if s.unknown > 0 {
			l.HighWatermark = -1
		}
		lags = append(lags, l)
	}
	s.unknown--
	return lags
}

// does has the process do something until it is done, waits for the store, or is dead.
func (p *process) does(what string, do func(context.Context)) {
	if p.waiting != nil || p.dead || p.stalled {
		panic(fmt.Sprintf("BUG: process %d is to %s and cannot", p.id, what))
	}
	p.w.note("process %d: %s", p.id, what)
	s := &step{what: what}
	s.go_, s.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		do(p.ctx)
	})
	p.goOn(s)
}

// goOn lets a step go on.
func (p *process) goOn(s *step) {
	p.waiting = nil
	p.mayDie(func() {
		if _, waits := s.go_(); waits {
			p.waiting = s
		}
	})
}

// goesOn lets the process end what it has been waiting for.
func (p *process) goesOn() {
	for p.waiting != nil && !p.dead && !p.stalled {
		p.w.note("process %d goes on to %s", p.id, p.waiting.what)
		p.goOn(p.waiting)
	}
}

func (p *process) mayDie(do func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(death); !ok {
				panic(r)
			}
			p.dead, p.waiting = true, nil
		}
	}()
	do()
}

// suspend waits, in the middle of an operation, until the process is let go on.
func (p *process) suspend(what string, stalls bool) {
	p.stalled = p.stalled || stalls
	if !p.yield(struct{}{}) {
		panic(death{what})
	}
}

// dies is kill -9.
func (p *process) dies() {
	p.dead = true
	if s := p.waiting; s != nil {
		p.mayDie(s.stop)
	}
	p.waiting = nil
}

// able tells whether the process can do something that waits for the store.
func (p *process) able() bool { return !p.dead && !p.stalled && p.waiting == nil }

// restored are the workers that have restored their state.
func (p *process) restored() (ready []*worker) {
	for _, w := range p.e.owned() {
		if w.restored.Load() {
			ready = append(ready, w)
		}
	}
	return ready
}

// takesOver begins to own a partition.
func (p *process) takesOver(number int32) {
	s := &logSource{w: p.w, number: number, generation: p.w.generation, position: map[string]int64{}, unknown: p.w.r.IntN(3)}
	p.sources[number] = s
	w := p.e.newWorker(s)
	p.e.register(w)
	p.does(fmt.Sprintf("take over partition %d in generation %d", number, s.generation), func(ctx context.Context) {
		ctx, p.cancel = context.WithCancel(ctx)
		defer func() { p.cancel() }()
		if err := w.begin(ctx); err != nil {
			if ctx.Err() != nil {
				p.w.note("    %v", err)
				return
			}
			p.w.fail("process %d does not take over: %v", p.id, err)
			return
		}
		p.w.note("    epoch %d, mark %v, positions %v, ranges %v", w.pipeline.versions.epoch, w.silentTo, w.pipeline.positions, w.ranges)
	})
}

// handsOver gives up a partition.
func (p *process) handsOver(w *worker) {
	p.does(fmt.Sprintf("hand over partition %d", w.number), func(ctx context.Context) {
		if w.restored.Load() {
			w.handOver(ctx)
		}
		p.e.unregister(w)
	})
	p.goesOn()
}

// takes takes in some records.
func (p *process) takes(w *worker, n int) bool {
	s := p.sources[w.number]
	if s.batch == nil {
		if s.batch, s.at = s.next(p.w.r, n), 0; s.batch == nil {
			return false
		}
	}
	at, err := w.take(s.batch, s.at)
	switch {
	case errors.Is(err, ErrFull):
		p.w.note("process %d is full at record %d of partition %d", p.id, at, w.number)
		s.at = at
	case err != nil:
		p.w.fail("process %d takes in: %v", p.id, err)
	default:
		p.w.note("process %d takes in %d of %s, partition %d, up to %d", p.id, len(s.batch.Records), s.batch.Topic, w.number, s.batch.NextOffset)
		s.batch = nil
	}
	return err == nil
}

// ticks drains what is due.
func (p *process) ticks(due aggregate.TableSet) {
	for _, w := range p.e.owned() {
		w.tick(p.w.now, due)
	}
}
