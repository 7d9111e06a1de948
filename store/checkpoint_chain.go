package store

import "slices"

const (
	// A generation is a ClickHouse partition: of a small state, which is gone through in one checkpoint, it gathers so many
	// checkpoints, unless they are large.
	generationCheckpoints = 32
	generationBytes       = 64 << 20

	// longChain is how many segments a chain may have before everything should be written at once.
	longChain = 64
)

// totals are what a manifest says of rows, and can be added up.
type totals struct {
	rows, bytes, hashes uint64 // hashes wraps
}

func (t totals) plus(u totals) totals {
	return totals{t.rows + u.rows, t.bytes + u.bytes, t.hashes + u.hashes}
}

// chain is what makes up the state: the adopted segments and the own generations, or, once the cursor has been through
// everything in an own generation, that one and those after it.
type chain struct {
	adopted []Segment // none once an own generation is complete
	before  totals    // of adopted
	own     []generation
}

type generation struct {
	number      uint32
	checkpoints int
	totals      totals
	complete    bool // holds everything
}

// ended tells that the last own generation takes no more.
func (c *chain) ended() bool {
	if len(c.own) == 0 {
		return true
	}
	g := &c.own[len(c.own)-1]
	return g.complete && (g.checkpoints >= generationCheckpoints || g.totals.bytes >= generationBytes)
}

// generation returns the number of the last own generation, 0 before the first.
func (c *chain) generation() uint32 {
	if len(c.own) == 0 {
		return 0
	}
	return c.own[len(c.own)-1].number
}

// first returns the number of the first own generation that is needed.
func (c *chain) first() uint32 { return c.own[0].number }

// next returns a copy with the generation that the next checkpoint belongs to.
func (c *chain) next() chain {
	n := chain{c.adopted, c.before, slices.Clone(c.own)}
	if c.ended() {
		n.own = append(n.own, generation{number: c.generation() + 1})
	}
	return n
}

// add counts a checkpoint of the last generation. Once that is complete, nothing before it is needed.
func (c *chain) add(t totals, cycleDone bool) {
	g := &c.own[len(c.own)-1]
	g.checkpoints++
	g.totals = g.totals.plus(t)
	if cycleDone && !g.complete {
		g.complete = true
		*c = chain{own: c.own[len(c.own)-1:]}
	}
}

func (c *chain) totals() totals {
	t := c.before
	for _, g := range c.own {
		t = t.plus(g.totals)
	}
	return t
}

// segments returns the chain as of a checkpoint of the own epoch.
func (c *chain) segments(epoch uint32, sequence uint64) []Segment {
	return append(slices.Clone(c.adopted), Segment{Epoch: epoch, Generation: c.first(), Sequence: sequence})
}
