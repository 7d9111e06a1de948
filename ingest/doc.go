// Package ingest holds what comes in: the canonical [Event] that every vendor's messages are decoded into, the
// [Batch] that a transport delivers, the [Position] where a message stood and the [Reject] it becomes when it
// cannot be used. Transports are in ingest/kafka, decoders in ingest/vendors.
package ingest
