package engine

import (
	"context"
	"fmt"

	"ringside/aggregate"
)

// start starts a process; it may die of it.
func (w *world) start() *process {
	p := newProcess(w)
	p.does("start", func(ctx context.Context) {
		if err := p.e.prepare(ctx); err != nil {
			w.note("    %v", err)
			panic(death{"start"})
		}
	})
	return p
}

// rebalance has all that are in the group hand over, and gives each partition a new owner.
func (w *world) rebalance() {
	if w.generation++; w.r.IntN(12) == 0 && len(w.stalled()) == 0 {
		w.note("the group is forgotten")
		w.generation = 1
	}
	for _, p := range w.stalled() {
		p.given, p.asked = true, 0
	}
	for _, p := range w.live() {
		p.goesOn()
		for _, one := range p.e.owned() {
			if !p.able() {
				break
			}
			if p.cannotSave = w.r.IntN(6) == 0; p.cannotSave {
				w.other("hand-overs that cannot save")
			} else {
				w.other("hand-overs")
			}
			p.handsOver(one)
			p.cannotSave = false
		}
	}
	for len(w.live()) == 0 {
		w.start()
	}
	for n := range int32(w.day.partitions) {
		live := w.live()
		if len(live) == 0 {
			return
		}
		p := live[w.r.IntN(len(live))]
		if p.goesOn(); !p.able() {
			return // it died, or stalled, just now
		}
		w.arm()
		w.tally.takeovers++
		w.owner[n] = p
		p.takesOver(n)
		w.setLimit()
	}
	w.observe()
}

// wake lets a stalled process go on, which notices sooner or later that others own its partitions.
func (w *world) wake(p *process) {
	w.other("woken")
	w.note("process %d wakes up", p.id)
	p.stalled, p.fault = false, nil
	if !p.given { // nobody has noticed
		return
	}
	p.goesOn()
	for range w.r.IntN(5) {
		if p.able() {
			w.act(p)
		}
	}
	p.goesOn()
	for _, one := range p.e.owned() {
		if p.able() {
			p.handsOver(one)
		}
	}
	if p.given = false; w.r.IntN(3) == 0 {
		w.note("process %d ends", p.id)
		p.dies()
	}
	w.observe()
}

// observe looks at what a reader sees: the account of an organization never goes back.
func (w *world) observe() {
	if w.r.IntN(3) != 0 {
		return
	}
	for _, a := range w.accounts() {
		before := w.seen[a.OrganizationID]
		if a.Received < before.Received || a.Horizon < before.Horizon {
			w.fail("the account of %v goes back, from %d received up to %d, to %d up to %d",
				a.OrganizationID, before.Received, before.Horizon, a.Received, a.Horizon)
		}
		w.seen[a.OrganizationID] = a
	}
}

// finish ends all that is under way, reads everything, and compares.
func (w *world) finish() {
	w.note("the end of the day")
	w.full, w.ending = false, true
	w.setLimit()
	for _, p := range w.processes {
		p.fault = nil
	}
	for _, p := range w.stalled() {
		if !p.given {
			w.rebalance()
		}
		w.wake(p)
	}
	for _, p := range w.live() {
		p.goesOn()
	}
	for len(w.flying) > 0 {
		w.land(0)
	}
	w.settle()
	w.compare("at the end")
	if w.r.IntN(4) == 0 && len(w.failures) == 0 {
		w.owner[0].dies()
		w.settle()
		w.compare("after one more takeover")
	}
}

// settle has owners read everything that there is, write it, and look for what former owners have left.
func (w *world) settle() {
	if w.orphaned() {
		w.rebalance()
	}
	for _, p := range w.live() {
		for _, one := range p.restored() {
			for !w.sourceOf(one).read() {
				p.takes(one, 1000)
			}
		}
	}
	for range 5 {
		for _, p := range w.live() {
			p.ticks(aggregate.DrainAll)
		}
	}
	for len(w.flying) > 0 {
		w.land(0)
	}
	for _, p := range w.live() {
		p.does("flush everything", func(ctx context.Context) { p.e.flush(ctx, aggregate.DrainAll) })
	}
	for _, p := range w.live() {
		for _, one := range p.restored() {
			if one.stillSilent() {
				w.fail("partition %d is silent at the end of the topics: at %v, mark %v", one.number, one.pipeline.positions, one.silentTo)
				return
			}
			p.does(fmt.Sprintf("sweep partition %d at the end", one.number), func(ctx context.Context) {
				if err := one.sweep(ctx); err != nil {
					w.fail("sweep: %v", err)
				}
			})
		}
	}
}

func (w *world) sourceOf(one *worker) *logSource { return one.source.(*logSource) }
