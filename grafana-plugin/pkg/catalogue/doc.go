// Package catalogue is the one table of what can be asked: kinds, their views, and of each view the columns with title, unit,
// thresholds, texts for codes, and the definition in plain words. Frames, the query editor's lists and the checks of queries
// are all made from it.
package catalogue
