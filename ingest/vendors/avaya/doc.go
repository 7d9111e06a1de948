// Package avaya decodes the data events of Avaya Workspaces' Widget API, as a widget on the agent's desktop gets them and
// a forwarder posts them in an [ringside/ingest/vendors/envelope], into the canonical [ingest.Event].
//
// docs/SOURCES.md says what becomes of each event. In short:
//
//   - A contact (contactId, else workRequestId, else id) is a call; its topic (else its skill) and channel make the queue
//     that it visits. A card with neither, and a consult card, is the agent's own call.
//   - The states of a card are facts of the call: ALERTING an offer to the agent, ACTIVE a connect and the end of a hold,
//     HELD a hold, the end of the card the end of the agent's part. They say the same as often as they are repeated.
//   - The vendor tells nothing of a contact before it alerts an agent: there is no QueueCallInArrived, so that such
//     visits are incomplete and have no wait.
//   - Nor does it tell what becomes of a contact when an agent's part ends; a visit ends then unless it is offered to
//     another agent for the same topic.
//   - Agents' states are [ingest.UserAvailability], with the reason, and [ingest.Event.AgentChannels] of single channels.
//
// An event that is not used, or not known, is kept as [ingest.TypeUnknown] with its name.
package avaya
