// Package openmethods decodes the messages of OpenMethods' Interaction Processor, as a forwarder on the agent's desktop
// posts them in an [ringside/ingest/vendors/envelope].
//
// The vendor documents the names of events and commands, and what their target is; the shapes of their data are not fixed
// and differ from one platform behind it to the next. So names are taken strictly, and data leniently: a state is looked
// for in the few places where it can stand. docs/SOURCES.md says what becomes of each name. What is not obvious:
//
//   - Messages have no time. Everything is of the instant at which the browser saw it, the envelope's time.
//   - They do not tell queues. An interaction is a call that is directly with the agent, and in agents' figures only.
//   - Each message is decoded on its own. A message that does not say which of its target's parts is the interaction is
//     not used: see target.go.
//   - A request is no fact before its response says success.
package openmethods
