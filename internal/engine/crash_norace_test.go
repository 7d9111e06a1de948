//go:build !race

package engine

// crashPoints is the sample of every test run.
const crashPoints = 200
