//go:build race

package e2e

// raceDetector builds the plugin with it where the tests are.
const raceDetector = true
