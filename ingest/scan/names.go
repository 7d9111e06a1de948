package scan

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// MaxNames is how many names a Names can hold.
const MaxNames = 255

// nameSlots is the size of the hash table, in bytes; a power of two.
const nameSlots = 1 << slotBits

const slotBits = 12

// Names is a fixed set of names of members, with a perfect hash over them. It does not change once it is made, so it may
// be shared by all goroutines.
type Names struct {
	multiplier uint64
	slots      [nameSlots]uint8        // → entry; 0 for none
	entries    [MaxNames + 1]nameEntry // entry 0 and those above count are no names
	count      int
}

type nameEntry struct {
	// What NextName looks for: the first tokenWords words of token, and which bits of them count. Where token is longer
	// no data gives these words.
	words, mask [tokenWords]uint64
	length      int // of token

	head, tail uint64 // what headTail returns
	name       string
	token      string // the name as compact JSON has it, with quotes and colon
}

// tokenWords is the number of words that NextName compares; a name in them has at most 29 bytes.
const tokenWords = 4

func newEntry(name, token string) nameEntry {
	e := nameEntry{name: name, token: token, length: len(token)}
	e.head, e.tail = headTail([]byte(name))
	if len(token) > 8*tokenWords {
		e.words[0] = 1
		return e
	}
	for i, c := range []byte(token) {
		e.words[i/8] |= uint64(c) << (i % 8 * 8)
		e.mask[i/8] |= 0xff << (i % 8 * 8)
	}
	return e
}

// NewNames makes a set of the given names, which are numbered from 1 in their order. It panics if a name is empty,
// repeated, or not made of printable ASCII without quotes and backslashes, or if there are more than MaxNames.
func NewNames(names ...string) *Names {
	if len(names) > MaxNames {
		panic(fmt.Sprintf("BUG: scan: %d names, at most %d are possible", len(names), MaxNames))
	}
	n := &Names{count: len(names)}
	for i := range n.entries {
		n.entries[i] = newEntry("", "\x00") // NextName guesses these, too, and they stand in no valid text
	}
	seen := make(map[string]bool, len(names))
	for i, name := range names {
		if name == "" || seen[name] || !plainName(name) {
			panic(fmt.Sprintf("BUG: scan: the name %q is empty, repeated or not plain", name))
		}
		seen[name] = true
		n.entries[i+1] = newEntry(name, `"`+name+`":`)
	}
	for i := uint64(1); !n.fill(i * 0x9e3779b97f4a7c15); i++ {
		if i == 1<<20 {
			panic("BUG: scan: no perfect hash for these names")
		}
	}
	return n
}

func plainName(name string) bool {
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// fill enters all names with the given multiplier and returns false if two of them collide.
func (n *Names) fill(multiplier uint64) bool {
	n.multiplier = multiplier | 1
	n.slots = [nameSlots]uint8{}
	for i := 1; i <= n.count; i++ {
		e := &n.entries[i]
		slot := &n.slots[n.hash(e.head, e.tail, len(e.name))]
		if *slot != 0 {
			return false
		}
		*slot = uint8(i)
	}
	return true
}

func (n *Names) hash(head, tail uint64, length int) uint64 {
	return ((head ^ tail*0x9fb21c651e98df25 ^ uint64(length)) * n.multiplier) >> (64 - slotBits)
}

// Name returns the name of the given number, "" for 0.
func (n *Names) Name(number int) string { return n.entries[number].name }

// Len returns how many names there are.
func (n *Names) Len() int { return n.count }

// Find returns the number of a name, 0 if it is not in the set.
func (n *Names) Find(name []byte) int {
	if len(name) == 0 {
		return 0
	}
	head, tail := headTail(name)
	i := int(n.slots[n.hash(head, tail, len(name))])
	e := &n.entries[i]
	if e.head != head || e.tail != tail || len(e.name) != len(name) || len(name) > 16 && string(name) != e.name {
		return 0
	}
	return i
}

// headTail condenses a name: up to 16 bytes together with the length without loss. Of a longer one the head mixes in the
// middle, because names that differ only there are common: UserCallInUserConnected, UserCallOutDisconnected.
func headTail(name []byte) (head, tail uint64) {
	n := len(name)
	switch {
	case n > 16:
		middle := binary.LittleEndian.Uint64(name[n/2-4:])
		return binary.LittleEndian.Uint64(name) ^ bits.RotateLeft64(middle, 32), binary.LittleEndian.Uint64(name[n-8:])
	case n >= 8:
		return binary.LittleEndian.Uint64(name), binary.LittleEndian.Uint64(name[n-8:])
	case cap(name) >= 8:
		head = binary.LittleEndian.Uint64(name[:8]) & (1<<(8*n) - 1)
		return head, head
	}
	for i, c := range name {
		head |= uint64(c) << (8 * i)
	}
	return head, head
}

// NextName is [Scanner.Next] for an object whose interesting names are in names: it returns the number of the member's
// name, 0 if it is not in the set.
//
// A sender writes the members of a kind of message in the same order each time. So the name that followed the last one in
// earlier messages is tried first: where it stands there, nothing has to be scanned or hashed.
func (s *Scanner) NextName(names *Names) (number int, ok bool) {
	if s.pending {
		s.Skip()
	}
	// last is 0 unless the last step was to a known name in this very object, so nothing else has to be asked.
	slot := &s.follower[(uint(s.kind)*kindStride+uint(s.last))%uint(len(s.follower))]
	if data, start := s.data, s.pos+1; s.last != 0 && start < len(data) && data[start-1] == ',' {
		e := &names.entries[*slot]
		if e.leads(data[start:]) {
			s.keyStart, s.keyEnd, s.keyOdd = start+1, start+e.length-2, 0
			s.pos = start + e.length
			s.pending = true
			s.last = *slot
			return int(*slot), true
		}
	}
	last := s.last
	if !s.Next() {
		return 0, false
	}
	number = names.Find(s.Key())
	if last != 0 {
		*slot = uint8(number)
	}
	s.last = uint8(number)
	return number, true
}

// leads tells whether data begins with e's token and a value right behind it.
func (e *nameEntry) leads(data []byte) bool {
	if len(data) > 8*tokenWords {
		w, le := (*[8*tokenWords + 1]byte)(data), binary.LittleEndian
		return (le.Uint64(w[0:])&e.mask[0]^e.words[0])|(le.Uint64(w[8:])&e.mask[1]^e.words[1])|
			(le.Uint64(w[16:])&e.mask[2]^e.words[2])|(le.Uint64(w[24:])&e.mask[3]^e.words[3]) == 0 &&
			data[e.length] > ' '
	}
	return len(data) > e.length && string(data[:e.length]) == e.token && data[e.length] > ' '
}

// kindStride spreads the kinds of messages over the table of followers. Two that meet there only guess worse.
const kindStride = 37

// Expect tells which kind of message this is, so that the order of its names is remembered apart from that of others.
// Start resets it to 0.
func (s *Scanner) Expect(kind uint8) { s.kind = kind }
