package engine

import (
	"context"
	"maps"
	"testing"

	"ringside/aggregate"
	"ringside/store"
)

// Recoveries that chance seldom finds, scripted: each test is one course of events after which a rule of the takeover
// decides whether the figures are right.

// An owner dies while its manifest is under way; its successor goes on from the checkpoint before, lets calls go, writes
// their rows and dies as well. When the manifest arrives at last, it must not be what the third one restores: that state
// has let the same calls go, so that the third would take the second's rows of them for leftovers.
func TestManifestThatComesLateIsNotRestored(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	w.produceTo(.9)
	w.reads(first)
	w.writes(first)
	first.fault = &fault{kind: diesFlying, at: "INTO checkpoint_manifests", times: 1}
	if _ = w.saves(first); !first.dead || len(w.flying) != 1 {
		t.Fatalf("dead: %v, under way: %d", first.dead, len(w.flying))
	}
	second := w.joins()
	w.produceTo(.95)
	w.reads(second)
	w.writes(second)
	epoch := second.epoch()
	second.dies()
	w.land(0)
	third := w.joins()
	if ranges := third.one().ranges; len(ranges) == 0 || ranges[len(ranges)-1].After < store.Version(epoch, 0) {
		t.Errorf("the third looks for leftovers in %v: it has not adopted what the second, of epoch %d, has saved", ranges, epoch)
	}
	w.endsRight("after the third owner's sweep")
}

// An owner leaves with rows that are not written and cannot save. Its successor has swept twice when the process, which
// lives on with other partitions, writes what is pending: those rows must not be in it.
func TestOwnerThatHasLeftWritesNothing(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	w.producePassing()
	w.reads(first)
	first.ticks(aggregate.DrainAll)
	epoch := first.epoch()
	if rows, _ := first.e.writer.Backlog(); rows == 0 {
		t.Fatal("nothing is pending")
	}
	first.cannotSave = true
	first.handsOver(first.one())
	first.cannotSave = false
	first.stalled = true // it has other things to do for a while
	second := w.joins()
	w.endsRight("under the second owner")
	w.mustSweep(second)
	first.stalled = false
	before := w.number("SELECT count() FROM calls_versions")
	first.does("flush everything", func(ctx context.Context) { first.e.flush(ctx, aggregate.DrainAll) })
	if n := w.number("SELECT count() FROM calls_versions") - before; n != 0 {
		t.Errorf("%d rows of calls were written, of epoch %d, after the sweeps", n, epoch)
	}
	w.compare("after what the first has still written")
}

// An owner writes beyond its checkpoint and dies; the next one saves, under a chain that needs nothing of the first any
// more, and dies before it has swept. The third has to find the first's leftovers.
func TestSuccessorThatDiesUnsweptNamesItsPredecessor(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	w.producePassing()
	w.reads(first)
	w.writes(first)
	first.dies()
	second := w.joins()
	w.produceTo(1)
	w.reads(second)
	w.writes(second)
	w.mustSave(second)
	if w.wrong() == 0 {
		t.Fatal("the first has left nothing behind")
	}
	second.dies()
	w.joins()
	w.endsRight("after the third owner's sweep")
}

// An insert of a stalled owner lands after its successor's first sweep. The successor saves and dies; only after the
// second sweep are former owners done with, so the third still has to look for them.
func TestOneSweepIsNotEnough(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	w.producePassing()
	w.reads(first)
	first.fault = &fault{kind: diesFlying, at: "INTO calls", times: 1}
	w.writes(first)
	if !first.dead || len(w.flying) != 1 {
		t.Fatalf("dead: %v, under way: %d", first.dead, len(w.flying))
	}
	second := w.joins()
	w.produceTo(1)
	w.reads(second)
	w.writes(second)
	w.mustSweep(second)
	w.mustSave(second)
	w.land(0)
	if w.wrong() == 0 {
		t.Fatal("what has landed does no harm")
	}
	second.dies()
	w.joins()
	w.endsRight("after the third owner's sweep")
}

// A sweep is right at once: what the new owner holds and has not written yet is no leftover, and what is one is gone for
// whoever looks next.
func TestSweepWritesFirstWhatIsHeld(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	w.producePassing()
	w.reads(first)
	w.writes(first)
	first.dies()
	second := w.joins()
	w.produceTo(1)
	w.reads(second)
	w.mustSweep(second)
	w.compare("right after the sweep")
}

// A new owner shows nothing that is older than what its predecessor has written, up to whose mark it reads again in
// silence.
func TestNewOwnerIsSilentUpToTheMark(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	w.produceTo(.6)
	w.reads(first)
	w.writes(first)
	before := w.received()
	first.dies()
	second := w.joins()
	for i := 0; ; i++ {
		w.writes(second)
		if after := w.received(); after < before {
			t.Fatalf("%d messages were accounted for, and %d are after %d batches", before, after, i)
		}
		if !second.takes(second.one(), 50) {
			break
		}
	}
	w.endsRight("in the end")
}

// The marks that rows need come before them.
func TestMarkCoversRowsBeforeTheyAreWritten(t *testing.T) {
	w := newScript(t)
	first := w.joins()
	w.produceTo(.3)
	w.reads(first)
	first.fault = &fault{kind: diesAfter, at: "INTO queue_status_now", times: 1}
	w.writes(first)
	if !first.dead {
		t.Fatal("nothing was written")
	}
	mark, found, err := w.db.LoadMark(context.WithValue(t.Context(), processKey{}, w.start()), "ringside", 0)
	if err != nil || !found {
		t.Fatalf("found: %v, %v", found, err)
	}
	marked := positionMap(mark.Positions)
	for topic, at := range first.one().pipeline.positions {
		if marked[topic] < at {
			t.Errorf("rows up to %d of %s are written, and the mark is %d", at, topic, marked[topic])
		}
	}
}

// A process that the group has given up writes nothing, whatever it was about to do: rows, marks, checkpoints, sweeps.
func TestOwnerThatWasGivenUpWritesNothing(t *testing.T) {
	w := newScript(t)
	w.beginsAndSaves().dies()
	p := w.joins()
	w.produceTo(.6)
	w.reads(p)
	w.writes(p)
	before := w.stored()
	p.given, p.asked, p.cancel = true, 0, nil
	if err := w.saves(p); err == nil {
		t.Error("it saves a checkpoint")
	}
	w.produceTo(.7)
	w.reads(p)
	w.writes(p)
	if err := w.sweeps(p); err == nil {
		t.Error("it sweeps")
	}
	if after := w.stored(); after != before {
		t.Errorf("there was\n%s\nand now there is\n%s", before, after)
	}
	p.given = false // a short disturbance: it was its partition all the time
	w.endsRight("after the disturbance")
}

// A process that stalls while it takes over, and wakes up when another has done so, announces nothing.
func TestWhoStallsWhileItRestoresAnnouncesNothing(t *testing.T) {
	w := newScript(t)
	w.beginsAndSaves().dies()
	stalled := w.start()
	stalled.fault = &fault{kind: stallsAfter, at: "FROM flush_marks WHERE", times: 1}
	w.hasTakeOver(stalled)
	if !stalled.stalled {
		t.Fatal("it does not stall")
	}
	stalled.given, stalled.asked = true, 0
	owner := w.joins()
	w.produceTo(.6)
	w.reads(owner)
	w.writes(owner)
	before := w.stored()
	stalled.stalled = false
	stalled.goesOn()
	if after := w.stored(); after != before {
		t.Errorf("there was\n%s\nand now there is\n%s", before, after)
	}
	w.endsRight("in the end")
}

// Who has read the greatest epoch, stalls, and finds another's manifest when it wakes up, must not take the epoch that
// the other has taken.
func TestWhoStallsBeforeTheManifestDoesNotAdoptAGreaterEpoch(t *testing.T) {
	w := newScript(t)
	w.beginsAndSaves().dies()
	stalled := w.start()
	stalled.fault = &fault{kind: stalls, at: "SELECT epoch, sequence, format", times: 1}
	w.hasTakeOver(stalled)
	if !stalled.stalled {
		t.Fatal("it does not stall")
	}
	owner := w.joins()
	w.produceTo(.6)
	w.reads(owner)
	w.writes(owner)
	w.mustSave(owner)
	stalled.stalled = false
	stalled.goesOn() // nobody has noticed, and it tries again
	if owned := stalled.restored(); len(owned) != 1 || stalled.epoch() <= owner.epoch() {
		t.Fatalf("it has restored %d partitions, as an epoch not after %d", len(owned), owner.epoch())
	}
	owner.dies()
	w.owner[0] = stalled
	w.endsRight("in the end")
}

// Epochs rise with every owner, also when Kafka has forgotten the group and counts its generations from the start, and
// when an owner was gone before it had saved anything.
func TestEpochIsTakenOnce(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	epochs := []uint32{first.epoch()}
	first.dies()
	w.generation = 0
	second := w.start()
	second.fault = &fault{kind: diesBefore, at: "INTO checkpoint_manifests", times: 1}
	w.hasTakeOver(second)
	if !second.dead {
		t.Fatal("the second has saved a manifest")
	}
	epochs = append(epochs, second.epoch())
	w.generation = 0
	third := w.joins()
	epochs = append(epochs, third.epoch())
	for i := 1; i < len(epochs); i++ {
		if epochs[i] <= epochs[i-1] {
			t.Errorf("epochs %v", epochs)
		}
	}
	w.endsRight("in the end")
}

// A checkpoint counts from its manifest on: whoever dies between its rows and that leaves the one before in force, whose
// records are read again.
func TestCheckpointWithoutManifestIsNotRestored(t *testing.T) {
	w := newScript(t)
	first := w.beginsAndSaves()
	saved := maps.Clone(first.one().saver.saved)
	w.produceTo(.6)
	w.reads(first)
	w.writes(first)
	first.fault = &fault{kind: diesBefore, at: "INTO checkpoint_manifests", times: 1}
	if _ = w.saves(first); !first.dead {
		t.Fatal("it lives")
	}
	second := w.joins()
	if got := second.one().pipeline.positions; len(saved) == 0 || !maps.Equal(got, saved) {
		t.Errorf("the second goes on from %v, the checkpoint is of %v", got, saved)
	}
	w.endsRight("in the end")
}
