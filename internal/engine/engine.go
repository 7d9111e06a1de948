package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/internal/config"
	"ringside/store"
)

const (
	tickEvery = 250 * time.Millisecond
	// handOver bounds what a worker does after it has been told to stop: the process ends within 10 s of a signal.
	// The group waits a little longer for whoever hands over, and as long for one that died while it joined.
	handOver = 8 * time.Second
	// slowStore is how long writing the present may take before the figures on wallboards count as standing still.
	slowStore = 5 * time.Second
	// restoreAgain is the first pause after a restore that failed; the pauses grow.
	restoreAgain = 500 * time.Millisecond
)

// Options are what an Engine is made of.
type Options struct {
	Config   *config.Config
	Settings *aggregate.Settings // nil: those of Config
	Brokers  []string            // nil: those of Config
	Store    *Store
	Metrics  *Metrics
	Log      *slog.Logger
	Observer Observer       // nil: none
	Topics   []config.Topic // beside those of Config
}

// Engine consumes from Kafka, keeps a core for each partition it owns, and writes to the store.
type Engine struct {
	Options
	writer   *store.Writer
	privacy  protection
	consumer member
	places   *places
	habits   habits

	mu      sync.Mutex
	workers map[int32]*worker
	running atomic.Bool
	trouble atomic.Pointer[string] // why nothing is flushed
	present atomic.Int64           // ns since the epoch: when the flush of the present began that runs now; 0: none does
}

// member is the part of a *kafka.Consumer that an engine needs.
type member interface {
	Run(ctx context.Context, worker kafka.Worker) error
	Partitions() int
	LastHeartbeat() time.Time
	Lag() []kafka.Lag
}

// habits are what no configuration changes; tests have shorter ones.
type habits struct {
	handOver  time.Duration // see handOver
	restore   time.Duration // before a restore that failed is tried again, the first time
	markAhead int64         // see markAhead
}

// New returns an engine that is not running yet.
func New(o Options) (*Engine, error) {
	if o.Settings == nil {
		s, err := o.Config.Settings()
		if err != nil {
			return nil, err
		}
		o.Settings = s
	}
	if o.Brokers == nil {
		o.Brokers = o.Config.Kafka.Brokers
	}
	e := &Engine{Options: o, workers: map[int32]*worker{}, habits: habits{handOver: handOver, restore: restoreAgain, markAhead: markAhead}}
	options, err := e.consumerOptions()
	if err != nil {
		return nil, err
	}
	if e.privacy, err = newProtection(o.Config); err != nil {
		return nil, err
	}
	if e.consumer, err = kafka.NewConsumer(options); err != nil {
		return nil, err
	}
	e.writer, err = newWriter(o.Store.DB, o.Config, o.Metrics, e.beforeInsert)
	return e, err
}

func (e *Engine) consumerOptions() (kafka.Options, error) {
	c := &e.Config.Kafka
	tls, err := c.TLS.Client()
	if err != nil {
		return kafka.Options{}, fmt.Errorf("kafka: %w", err)
	}
	mechanism, err := saslMechanism(c)
	if err != nil {
		return kafka.Options{}, err
	}
	start, err := kafka.ParsePolicy(c.Start)
	if err != nil {
		return kafka.Options{}, fmt.Errorf("kafka.start: %w", err)
	}
	outOfRange, err := kafka.ParsePolicy(c.OutOfRange)
	if err != nil {
		return kafka.Options{}, fmt.Errorf("kafka.out_of_range: %w", err)
	}
	o := kafka.Options{
		Brokers: e.Brokers, Group: c.Group, TLS: tls, SASL: mechanism, Start: start, OutOfRange: outOfRange, SessionTimeout: c.SessionTimeout.Std(),
		HeartbeatInterval: min(time.Second, c.SessionTimeout.Std()/3),
		RebalanceTimeout:  handOver + 4*time.Second, FetchMaxBytes: int(c.Fetch.MaxBytes), MaxWait: c.Fetch.MaxWait.Std(),
		MaxMessageBytes: int(c.MaxMessageBytes), Pace: e.Settings.Lateness / 4,
		Logf: func(format string, a ...any) { e.Log.Info(fmt.Sprintf(format, a...)) },
	}
	for _, t := range append(c.Topics.List(), e.Topics...) {
		o.Topics = append(o.Topics, kafka.Topic{Name: t.Name, Source: t.Source})
	}
	return o, nil
}

// Run consumes until ctx ends; it then flushes, saves the state and leaves the group, within 10 seconds. It fails on
// what waiting does not mend; a store or a broker that is away is waited for.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.prepare(ctx); err != nil {
		return err
	}
	e.running.Store(true)
	defer e.running.Store(false)
	// The loops outlive ctx: while the workers hand over, they still flush.
	loops, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wait sync.WaitGroup
	wait.Go(func() { e.tick(loops) })
	wait.Go(func() { e.watchDamage(loops) })
	err := e.consumer.Run(ctx, e.own)
	stop()
	wait.Wait()
	switch {
	case errors.Is(err, kafkago.InvalidSessionTimeout):
		return fmt.Errorf("engine: %w: set kafka.session_timeout, now %s, to what the brokers allow (group.min.session.timeout.ms, 6s by default, to group.max.session.timeout.ms)",
			err, e.Config.Kafka.SessionTimeout)
	case err != nil:
		return fmt.Errorf("engine: %w", err)
	}
	return nil
}

// prepare learns where the organizations belong.
func (e *Engine) prepare(ctx context.Context) error {
	stored, err := e.Store.DB.Organizations(ctx)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	if err := e.Store.refuseOtherGroups(ctx, e.Config.Kafka.Group); err != nil {
		return err
	}
	e.places = newPlaces(stored)
	return nil
}

// Ready tells whether this process consumes and can write: the check behind /readyz/engine.
func (e *Engine) Ready() error {
	if !e.running.Load() {
		return errors.New("the engine is not running")
	}
	if err := e.writer.Trouble(); err != nil {
		return err
	}
	if s := e.trouble.Load(); s != nil {
		return errors.New(*s)
	}
	if at := e.present.Load(); at != 0 && time.Since(time.Unix(0, at)) > slowStore {
		return fmt.Errorf("the store is slow: writing what is current has taken %s so far", time.Since(time.Unix(0, at)).Round(time.Second))
	}
	if e.writer.Full() {
		rows, bytes := e.writer.Backlog()
		return fmt.Errorf("reading is paused: %d rows, %d MiB, wait for the store", rows, bytes>>20)
	}
	workers := e.owned()
	if len(workers) == 0 {
		return errors.New("this process owns no partition yet")
	}
	for _, w := range workers {
		if err := w.ready(); err != nil {
			return fmt.Errorf("partition %d: %w", w.number, err)
		}
	}
	return nil
}

// owned returns the present workers in the order of their numbers.
func (e *Engine) owned() []*worker {
	e.mu.Lock()
	defer e.mu.Unlock()
	workers := make([]*worker, 0, len(e.workers))
	for _, w := range e.workers {
		workers = append(workers, w)
	}
	slices.SortFunc(workers, func(a, b *worker) int { return cmp.Compare(a.number, b.number) })
	return workers
}

func (e *Engine) register(w *worker) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.workers[w.number] = w
}

func (e *Engine) unregister(w *worker) {
	w.leave()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.workers[w.number] != w {
		return
	}
	delete(e.workers, w.number)
	e.Metrics.forget(w.number)
	if e.Observer != nil {
		e.Observer.Forget(w.number)
	}
}

// tick moves the clocks of the cores and drains what is due, until ctx ends. Flushes run beside it, one for each set of
// tables, so that a large insert of history does not hold up the present.
func (e *Engine) tick(ctx context.Context) {
	flushers := newFlushers(ctx, e.flush)
	defer flushers.wait()
	said := troubleLog{log: e.Log}
	t := time.NewTicker(tickEvery / 2)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := time.Now()
		said.look(now, e.writer.Trouble())
		e.writer.SetLag(e.lag(now))
		due := e.writer.Due(now)
		for _, w := range e.owned() {
			w.tick(ingest.FromGo(now), due)
		}
		flushers.start(due)
	}
}

// Behind is how long ago the record was received that the slowest partition is working on; 0 at the end of the log.
func (e *Engine) Behind(now time.Time) time.Duration {
	var most time.Duration
	for _, w := range e.owned() {
		most = max(most, w.behind(now))
	}
	return most
}

// lag is how far the slowest partition is behind.
func (e *Engine) lag(now time.Time) time.Duration {
	most := e.Behind(now)
	e.Metrics.setLags(e.consumer.Lag())
	return most
}

// mayWrite tells whether this process may insert anything. One that the group may have given up may not: its successor's
// rows must not meet rows of it that came later.
func (e *Engine) mayWrite() error {
	if heard := e.consumer.LastHeartbeat(); !heard.IsZero() && time.Since(heard) > e.Config.Kafka.SessionTimeout.Std() {
		return fmt.Errorf("the group's coordinator has not answered for %s: nothing is written until it does", time.Since(heard).Round(time.Second))
	}
	return nil
}

// beforeInsert comes before the rows of any table are taken to be written: they are covered by marks then.
func (e *Engine) beforeInsert(ctx context.Context) error {
	if err := e.mayWrite(); err != nil {
		return err
	}
	for _, w := range e.owned() {
		if err := w.mark(ctx); err != nil {
			return err
		}
	}
	return nil
}

// flush writes the rows of the chosen tables.
func (e *Engine) flush(ctx context.Context, tables aggregate.TableSet) {
	if err := e.mayWrite(); err != nil {
		text := err.Error()
		e.trouble.Store(&text)
		return
	}
	e.trouble.Store(nil)
	begin := time.Now()
	if tables == aggregate.DrainNow {
		e.present.Store(begin.UnixNano())
		defer e.present.Store(0)
	}
	if err := e.writer.FlushTables(ctx, tables); err != nil && ctx.Err() == nil {
		e.Metrics.failed.Inc()
		e.Log.Error("flush", "error", err)
		return
	}
	e.Metrics.flush.UpdateDuration(begin)
}

// flushers run one flush at a time for each set of tables.
type flushers struct {
	ctx   context.Context
	flush func(context.Context, aggregate.TableSet)
	busy  [3]atomic.Bool
	group sync.WaitGroup
}

func newFlushers(ctx context.Context, flush func(context.Context, aggregate.TableSet)) *flushers {
	return &flushers{ctx: ctx, flush: flush}
}

// start begins to flush the sets in due that are not being flushed already; the others go with their next turn.
func (f *flushers) start(due aggregate.TableSet) {
	for i := range f.busy {
		set := aggregate.DrainNow << i
		if due&set == 0 || !f.busy[i].CompareAndSwap(false, true) {
			continue
		}
		f.group.Go(func() {
			defer f.busy[i].Store(false)
			f.flush(f.ctx, set)
		})
	}
}

func (f *flushers) wait() { f.group.Wait() }

// AwaitEnd waits until every record that is in the topics has been taken in.
func (e *Engine) AwaitEnd(ctx context.Context) error {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	// Twice in a row: a partition that was just started does not know its end yet.
	for calm := 0; calm < 2; {
		calm++
		if e.Ready() != nil || e.remaining() != 0 {
			calm = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
	return nil
}

// remaining is how many records are yet to be read; at least 1 while that is not known of all partitions.
func (e *Engine) remaining() int64 {
	lags := e.consumer.Lag()
	if len(lags) == 0 {
		return 1
	}
	var n int64
	for _, l := range lags {
		n += l.Records()
		if l.HighWatermark < 0 {
			n++ // not known yet
		}
	}
	return n
}
