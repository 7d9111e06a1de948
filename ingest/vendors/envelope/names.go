package envelope

import (
	"crypto/sha1"
	"encoding/hex"
	"hash"
	"strconv"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
)

// Namespace is the namespace of all ids that are made of texts. It must never change: the id of a thing has to be the
// same whenever it is met.
var Namespace = uuid.MustParse("0b9d6c1e-52f7-5c0a-8e43-7a1f94d2c658")

// Kind is what an id is of. The texts are part of the ids: they must never change.
type Kind string

// The kinds. Queues are of a channel: see [QueueOf].
const (
	Organization Kind = "organization"
	Agent        Kind = "agent"
	Call         Kind = "call"
	Event        Kind = "event"

	queueVoice Kind = "queue"
	queueChat  Kind = "queue.chat"
	queueEmail Kind = "queue.email"
	queueOther Kind = "queue.other"
)

// QueueOf returns the kind of the queues of a channel: what comes to one topic by voice and by chat waits in two queues.
func QueueOf(channel ingest.Channel) Kind {
	switch channel {
	case ingest.ChannelVoice:
		return queueVoice
	case ingest.ChannelChat:
		return queueChat
	case ingest.ChannelEmail:
		return queueEmail
	}
	return queueOther
}

// queueSuffix tells the names of a topic's queues apart.
var queueSuffix = [...][]byte{
	ingest.ChannelVoice: nil,
	ingest.ChannelChat:  []byte(" (chat)"),
	ingest.ChannelEmail: []byte(" (email)"),
	ingest.ChannelOther: []byte(" (other)"),
}

// Queue returns the id and the name of the queue of a topic, a skill or a service on a channel.
func (r *Reader) Queue(channel ingest.Channel, id, name []byte) (uuid.UUID, []byte) {
	if suffix := queueSuffix[channel]; len(suffix) > 0 {
		name = r.arena.Join(name, suffix)
	}
	return r.Name(QueueOf(channel), id), name
}

// namer makes ids of the texts of one organization.
type namer struct {
	source       string
	organization uuid.UUID
	hash         hash.Hash
	prefix, sum  []byte
}

func newNamer(source string) namer { return namer{source: source, hash: sha1.New()} }

// Name returns the id of the thing that the vendor calls text, in the organization of the message that was read last;
// the nil UUID for no text. See the package's documentation.
func (n *namer) Name(kind Kind, text []byte) (id uuid.UUID) {
	if len(text) == 0 {
		return uuid.Nil
	}
	if scan.ParseUUID(text, &id) && (id == uuid.Nil || !kind.hasTwin()) {
		return id
	}
	p := append(append(n.prefix[:0], n.source...), 0)
	if kind != Organization {
		p = append(p, "00000000-0000-0000-0000-000000000000"...)
		encodeUUID(p[len(p)-36:], n.organization)
	}
	p = append(append(append(p, 0), kind...), 0)
	n.prefix = p
	return n.hashed(Namespace, p, text)
}

// hasTwin tells whether the vendor may have the same text for a thing of another kind.
func (k Kind) hasTwin() bool { return k == queueChat || k == queueEmail || k == queueOther }

// Part returns the id of the part of a message that has the given id: its own for part 0.
func (n *namer) Part(message uuid.UUID, part int) uuid.UUID {
	if part == 0 {
		return message
	}
	n.prefix = strconv.AppendInt(n.prefix[:0], int64(part), 10)
	return n.hashed(message, n.prefix)
}

// hashed is uuid.NewSHA1 of texts that follow each other, without allocating.
func (n *namer) hashed(space uuid.UUID, texts ...[]byte) (id uuid.UUID) {
	n.hash.Reset()
	n.sum = append(n.sum[:0], space[:]...)
	n.hash.Write(n.sum) // a hash returns no error
	for _, text := range texts {
		n.hash.Write(text)
	}
	n.sum = n.hash.Sum(n.sum[:0])
	copy(id[:], n.sum)
	id[6] = id[6]&0x0f | 5<<4
	id[8] = id[8]&0x3f | 0x80
	return id
}

// encodeUUID writes the 36 characters of an id.
func encodeUUID(to []byte, id uuid.UUID) {
	hex.Encode(to[0:8], id[0:4])
	hex.Encode(to[9:13], id[4:6])
	hex.Encode(to[14:18], id[6:8])
	hex.Encode(to[19:23], id[8:10])
	hex.Encode(to[24:36], id[10:16])
}
