package engine

import "ringside/store"

// versions numbers the rows of one ownership: later rows win, and all of an ownership win over those of earlier ones.
type versions struct {
	epoch    uint32
	sequence uint64
}

// next returns a version greater than all before it.
func (v *versions) next() uint64 {
	v.sequence++
	return store.Version(v.epoch, v.sequence)
}
