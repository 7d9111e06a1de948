package store

import "fmt"

const (
	epochBits    = 24
	sequenceBits = 40

	// MaxEpoch is the greatest epoch that fits a version.
	MaxEpoch = 1<<epochBits - 1
	// MaxSequence is the greatest sequence that fits a version.
	MaxSequence = 1<<sequenceBits - 1
)

// Version orders the versions of a row: whatever a later owner of a partition writes (a higher epoch) is newer than
// anything of an earlier one. It panics beyond [MaxEpoch] and [MaxSequence]: a wrapped version would be taken as old,
// and the row lost in silence.
func Version(epoch uint32, sequence uint64) uint64 {
	if epoch > MaxEpoch {
		panic(fmt.Sprintf("BUG: epoch %d does not fit %d bits", epoch, epochBits))
	}
	if sequence > MaxSequence {
		panic(fmt.Sprintf("BUG: sequence %d does not fit %d bits", sequence, sequenceBits))
	}
	return uint64(epoch)<<sequenceBits | sequence
}

// SplitVersion returns the epoch and sequence of a version.
func SplitVersion(v uint64) (epoch uint32, sequence uint64) {
	return uint32(v >> sequenceBits), v & MaxSequence
}
