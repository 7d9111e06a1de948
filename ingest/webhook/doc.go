// Package webhook is the gateway: it takes vendors' events over HTTPS and puts them into Kafka. A request is answered 200
// only when its event cannot be lost any more: the brokers have it (acks=all), or, while they are away, it is fsynced to a
// spool that is sent later (package spool).
//
// What a request goes through, in this order: address, method, token (before the body is read), rate limit, encoding, size,
// decoding (which topic, which organization), the organizations the endpoint is for, delivery. The body goes on untouched.
//
// Enreach's document asks for HTTPS, for 200 with an empty body as fast as possible, and says that anything else is retried
// a few times and then discarded. So whatever a retry cannot mend is answered 200 and kept: a body that is no event goes to
// Kafka all the same, where the engine keeps it in `rejects`.
package webhook
