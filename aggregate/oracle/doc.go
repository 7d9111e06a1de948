// Package oracle is a second, slow and obvious implementation of docs/METRICS.md, sections 1 to 5. It is given all
// events of a run at once and computes the final rows from scratch, with nothing kept between runs. Tests hold the
// core against it; nothing else uses it.
//
// Where the text of METRICS.md leaves room, the reading taken here is marked with "Reading:" in a comment.
package oracle
