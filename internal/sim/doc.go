// Package sim is a simulated contact centre whose truth is known exactly. It steps a discrete-event model of callers,
// queues, agents and callback lists, writes what happens as the JSON of the Enreach webhooks, and keeps its own record
// of what happened to every caller. It folds no event: the expected rows come from that record and from the
// definitions in docs/METRICS.md, so that they can judge the engine.
//
// Everything follows from Config: the same Config gives the same bytes and the same truth. There is no wall clock;
// whoever wants real time paces the calls of [Sim.Next] by [Event.At].
package sim
