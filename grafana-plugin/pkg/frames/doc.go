// Package frames makes Grafana's data frames of rows: with names, units, thresholds and definitions from the catalogue, in the
// shape that panels, alerts and annotations want.
package frames
