//go:build race

package engine

// crashPoints is a small sample: runs have one thread, and the race detector makes them slow.
const crashPoints = 40
