// Package envelope reads what the forwarders of the vendors' desktops send: one JSON object around each event that the
// browser saw, the same for every vendor.
//
//		{"source": "avaya", "id": "1f0c…", "event": "onAgentStateEvent", "organization": "acme", "agent": "jdoe",
//		 "agentName": "Jane Doe", "time": "2026-03-02T08:01:23.456Z", "data": {…the vendor's payload, untouched…}}
//
//	  - source: the vendor. Absent: whoever decodes knows; another vendor's: a reject, bad_field.
//	  - id: a UUID that the forwarder makes and keeps over retries. Another text becomes one ([Event]); absent or zero: the
//	    UUIDv5 of the whole message in [Namespace].
//	  - event: the vendor's name of the event; required.
//	  - organization: a GUID is taken as it is, another text becomes one ([Organization]); required, else no_organization.
//	  - agent, agentName: who is at the desktop; both may be absent. Without a name the id is the name.
//	  - time: when the browser saw the event, RFC 3339 or milliseconds since 1970; required.
//	  - data: the payload; absent and null are the same.
//
// Names are compared exactly; members that are not named here are ignored. When a name is repeated the last value that
// is not null wins.
//
// # Ids
//
// Browser vendors name things with texts of their own. They become UUIDs of version 5 in [Namespace], of the vendor's
// name, the organization's UUID in lower case, the [Kind] and the text, with a zero byte between each two:
//
//	avaya NUL 24422850-abc3-4525-9567-e2fd4bd0adcb NUL agent NUL jdoe
//
// (of an organization itself the second is empty). So every desktop of an organization gives the same thing the same
// id, and two organizations, or an agent and a queue, never share one. A text that is a GUID already is taken as it is,
// except for queues of another channel than voice: there the same topic has one queue for each channel. The zero GUID
// and the empty text are no id.
//
// A message that tells of several events has its own id for the first; the part n has the UUIDv5 of the decimal n in the
// namespace that is the message's id.
package envelope
