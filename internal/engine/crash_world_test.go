package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/storetest"
	"ringside/store"
)

// world is one run: a day's topics, the store, and the processes of the group.
type world struct {
	t    testing.TB
	seed uint64
	r    *rand.Rand
	day  *crashDay
	db   *store.DB
	read storetest.Query // bypasses the faults

	markAhead  int64
	keeps      store.EventsMode
	now        ingest.Time
	produced   int // of day.order
	nextPoint  int // produced, at which a process is to have its next fault
	perPoint   int
	calm       int // operations between faults, at most
	ends       map[lane]int64
	processes  []*process
	owner      map[int32]*process
	generation int32
	flying     []flight
	full       bool
	ending     bool // no more faults

	seen       map[uuid.UUID]aggregate.AccountingRow
	operations int
	tally      tally
	steps      []string
	failures   []string
}

// tally counts what has happened.
type tally struct {
	runs, points, takeovers, differences int
	faults                               [numFaults]int
	others                               map[string]int
}

func (t *tally) add(u *tally) {
	t.runs, t.points, t.takeovers, t.differences = t.runs+u.runs, t.points+u.points, t.takeovers+u.takeovers, t.differences+u.differences
	for i := range t.faults {
		t.faults[i] += u.faults[i]
	}
	if t.others == nil {
		t.others = map[string]int{}
	}
	for what, n := range u.others {
		t.others[what] += n
	}
}

func newWorld(t testing.TB, seed uint64, db *store.DB, read storetest.Query) *world {
	r := rand.New(rand.NewPCG(seed, 17))
	w := &world{t: t, seed: seed, r: r, day: crashDayOf(seed), db: db, read: read, ends: map[lane]int64{}, owner: map[int32]*process{},
		generation: 1, seen: map[uuid.UUID]aggregate.AccountingRow{}}
	w.tally = tally{runs: 1, others: map[string]int{}}
	w.markAhead = []int64{markAhead, 20, 200}[r.IntN(3)]
	if w.keeps = store.EventsOff; r.IntN(4) == 0 {
		w.keeps = store.EventsIDs
	}
	w.perPoint = len(w.day.order) / (6 + r.IntN(6))
	w.nextPoint = r.IntN(w.perPoint)
	w.calm = []int{6, 15, 30}[r.IntN(3)]
	if r.IntN(4) == 0 {
		w.now = w.day.order[len(w.day.order)-1].time.Add(24 * time.Hour) // the topics are of yesterday
	}
	return w
}

func (w *world) note(format string, a ...any) { w.steps = append(w.steps, fmt.Sprintf(format, a...)) }

func (w *world) fail(format string, a ...any) {
	w.failures = append(w.failures, fmt.Sprintf(format, a...))
	w.note("FAILURE: "+format, a...)
}

func (w *world) other(what string) { w.tally.others[what]++ }

// run plays the day and compares.
func (w *world) run() {
	defer func() {
		for _, p := range w.processes {
			p.dies()
		}
		if r := recover(); r != nil {
			w.report()
			panic(r)
		}
	}()
	for w.produced < len(w.day.order) && len(w.failures) == 0 {
		w.step()
	}
	if len(w.failures) == 0 {
		w.finish()
	}
	for _, p := range w.processes {
		w.tally.others["rows swept"] += int(p.e.Metrics.swept.Get())
	}
	if len(w.failures) > 0 {
		w.tally.differences++
		w.report()
	}
}

// stepsShown bounds what a failure prints.
const stepsShown = 400

func (w *world) report() {
	steps := w.steps
	if len(steps) > stepsShown {
		steps = append([]string{fmt.Sprintf("… %d steps before", len(steps)-stepsShown)}, steps[len(steps)-stepsShown:]...)
	}
	failures := w.failures
	if len(failures) > 20 {
		failures = append(failures[:20:20], fmt.Sprintf("… %d in all", len(failures)))
	}
	w.t.Errorf("seed %d (-crash.seed=%d -crash.runs=1):\n%s\nsteps:\n%s", w.seed, w.seed, strings.Join(failures, "\n"), strings.Join(steps, "\n"))
}

// live are the processes that are in the group.
func (w *world) live() (live []*process) {
	for _, p := range w.processes {
		if !p.dead && !p.stalled {
			live = append(live, p)
		}
	}
	return live
}

func (w *world) stalled() (stalled []*process) {
	for _, p := range w.processes {
		if !p.dead && p.stalled {
			stalled = append(stalled, p)
		}
	}
	return stalled
}

// orphaned tells that a partition has no owner that can work.
func (w *world) orphaned() bool {
	for n := range int32(w.day.partitions) {
		p := w.owner[n]
		if p == nil || p.dead || p.stalled || !slices.ContainsFunc(p.e.owned(), func(one *worker) bool { return one.number == n }) {
			return true
		}
	}
	return false
}

// step is one of the things that can happen next.
func (w *world) step() {
	w.arm()
	if w.orphaned() {
		if w.r.IntN(3) == 0 {
			w.rebalance()
			return
		}
	} else if w.produced >= w.nextPoint {
		w.nextPoint += w.perPoint/2 + w.r.IntN(w.perPoint)
		w.disturb()
		return
	}
	switch n := w.r.IntN(100); {
	case n < 12:
		w.produce(1 + w.r.IntN(max(w.perPoint/6, 1)))
	case n < 17 && len(w.flying) > 0:
		w.land(w.r.IntN(len(w.flying)))
	case n < 19:
		w.toggleLimit()
	case n < 23:
		if s := w.stalled(); len(s) > 0 {
			w.wake(s[w.r.IntN(len(s))])
		}
	default:
		if live := w.live(); len(live) > 0 {
			w.act(live[w.r.IntN(len(live))])
		}
	}
}

// aims are operations that are few and decide much.
var aims = []string{"INTO flush_marks", "INTO checkpoints", "INTO checkpoint_manifests", "INTO calls", "INTO accounting"}

// arm gives each process a fault at one of its next operations.
func (w *world) arm() {
	if w.ending {
		return
	}
	for _, p := range w.live() {
		if p.fault == nil && !p.given {
			p.fault = &fault{kind: faultKind(1 + w.r.IntN(int(numFaults)-1)), after: w.r.IntN(w.calm), times: 1 + w.r.IntN(3)}
			if w.r.IntN(3) == 0 {
				p.fault.at, p.fault.after = aims[w.r.IntN(len(aims))], w.r.IntN(3)
			}
		}
	}
}

// act is a step of a process.
func (w *world) act(p *process) {
	if p.waiting != nil && w.r.IntN(4) == 0 {
		w.note("process %d goes on to %s", p.id, p.waiting.what)
		p.goOn(p.waiting)
		return
	}
	workers := p.restored()
	if len(workers) == 0 {
		return
	}
	one := workers[w.r.IntN(len(workers))]
	switch n := w.r.IntN(100); {
	case n < 40:
		p.takes(one, 1+w.r.IntN(max(w.perPoint/3, 1)))
	case n < 50: // to the end
		w.readsAll(p, one)
	case n < 65 || !p.able():
		p.ticks(aggregate.TableSet(w.r.IntN(8)))
	case n < 86:
		w.flush(p)
	case n < 94:
		p.does(fmt.Sprintf("save partition %d", one.number), func(ctx context.Context) {
			if err := one.checkpoint(ctx); err != nil {
				w.note("    %v", err)
			}
		})
	default:
		w.sweep(p, one)
	}
}

func (w *world) flush(p *process) {
	set := []aggregate.TableSet{aggregate.DrainNow, aggregate.DrainFigures, aggregate.DrainFigures, aggregate.DrainHistory}[w.r.IntN(4)]
	p.does(fmt.Sprintf("drain and flush %03b", set), func(ctx context.Context) {
		p.ticks(set)
		p.e.flush(ctx, set)
	})
	w.observe()
}

func (w *world) sweep(p *process, one *worker) {
	if len(one.ranges) == 0 || one.stillSilent() {
		return
	}
	if one.sweeps.Load() > 0 {
		w.landsAll()
	}
	if !p.able() {
		return
	}
	p.does(fmt.Sprintf("sweep partition %d", one.number), func(ctx context.Context) {
		if err := one.sweep(ctx); err != nil {
			w.note("    %v", err)
		}
	})
	w.observe()
}

func (w *world) produce(n int) {
	for ; n > 0 && w.produced < len(w.day.order); n-- {
		m := w.day.order[w.produced]
		w.ends[m.lane]++
		w.now = max(w.now, m.time)
		w.produced++
	}
	w.now = w.now.Add(time.Duration(w.r.IntN(60)) * time.Second)
	w.note("produced up to %d", w.produced)
}

func (w *world) land(i int) {
	f := w.flying[i]
	w.flying = slices.Delete(w.flying, i, i+1)
	w.note("what was under way lands: %s", f.what)
	if err := f.land(); err != nil {
		w.fail("%s: %v", f.what, err)
	}
	w.observe()
}

// readsAll has a process read what there is, and notice that it has.
func (w *world) readsAll(p *process, one *worker) {
	for !w.sourceOf(one).read() && p.takes(one, 1+w.r.IntN(w.perPoint)) {
	}
	p.ticks(aggregate.DrainNow)
	p.ticks(aggregate.DrainNow)
}

// writesMore has a process write figures of what it has just taken in: they are beyond its checkpoint.
func (w *world) writesMore(p *process) {
	for _, one := range p.restored() {
		w.readsAll(p, one)
	}
	w.produce(1 + w.r.IntN(w.perPoint/3))
	for _, one := range p.restored() {
		p.takes(one, 1+w.r.IntN(w.perPoint))
	}
	if p.able() {
		p.does("write figures", func(ctx context.Context) {
			p.ticks(aggregate.DrainFigures)
			p.e.flush(ctx, aggregate.DrainFigures)
		})
	}
}

// landsAll ends what former owners have begun: that is what a second sweep waits for, and later ones only hope for.
func (w *world) landsAll() {
	for len(w.flying) > 0 {
		w.land(0)
	}
	for _, p := range w.stalled() {
		if p.given {
			w.wake(p)
		}
	}
}

// toggleLimit has the memory limit reached, or no longer.
func (w *world) toggleLimit() {
	w.full = !w.full && w.r.IntN(3) == 0
	w.setLimit()
	if w.full {
		w.other("memory limit")
		w.note("the memory limit is reached")
	}
}

func (w *world) setLimit() {
	for _, p := range w.processes {
		for _, one := range p.e.owned() {
			switch {
			case one.pipeline == nil:
			case w.full:
				one.limits.Bytes = one.pipeline.core.Sizes().Bytes + w.r.Int64N(5000)
			default:
				one.limits.Bytes = 0
			}
		}
	}
}

// disturb kills or stops a process, or moves partitions.
func (w *world) disturb() {
	live := w.live()
	if len(live) == 0 {
		return
	}
	p := live[w.r.IntN(len(live))]
	if w.r.IntN(2) == 0 {
		w.writesMore(p)
	}
	w.tally.points++
	switch n := w.r.IntN(7); {
	case p.dead || p.stalled:
	case n < 2:
		w.note("process %d is killed", p.id)
		w.other("killed between operations")
		p.dies()
	case n < 3:
		w.note("process %d stalls", p.id)
		w.other("stalled between operations")
		p.stalled = true
	case n < 5 && len(live) < 3:
		w.other("joined")
		w.start()
		w.rebalance()
	default:
		w.other("rebalanced")
		w.rebalance()
	}
}
