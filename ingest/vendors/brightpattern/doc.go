// Package brightpattern decodes the records of finished interactions of Bright Pattern's Agent Desktop, as a forwarder
// posts them in an [ringside/ingest/vendors/envelope]. A record tells of one agent's part in one interaction, all at once
// and when it is over; it becomes the facts of that part, one part of the message each.
//
// docs/SOURCES.md says what becomes of each member. What is not obvious:
//
//   - The record does not say when the caller began to wait. There is no QueueCallInArrived, so that the visit has no wait
//     and is incomplete; nor when the agent was offered the interaction: the offer is as long as it is answered, at once.
//   - The parts have ids of their own, made of interaction, agent, kind and instant, so that the record that comes by
//     onInteractionEnd and again by onSaveActivityRecord counts once. The same fact with another queue or call is a
//     conflict. A later disposition is a second hang-up at the same instant, and its text is the one that is shown.
//   - The records of several agents of an interaction have one globalInteractionId, which is the call. Where a record
//     names another agent, its end is the end of this agent's part only: see visit.go.
package brightpattern
