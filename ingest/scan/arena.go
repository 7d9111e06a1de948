package scan

import "bytes"

// arenaChunk is the size of the blocks that an Arena takes, in bytes.
const arenaChunk = 16 << 10

// Arena is where the text of strings goes that cannot be slices of the message. It is never rewound: a text stays valid
// for as long as somebody refers to it, whatever is decoded afterwards, and the garbage collector frees a block when
// nobody does. So it costs one allocation per 16 KiB of such text, and holds one block itself. The zero Arena is ready.
type Arena struct {
	free []byte // what is left of the block: length 0, capacity the rest
}

// unescape returns the text of a string that scanString has accepted.
func (a *Arena) unescape(text []byte) []byte {
	if cap(a.free) < len(text) {
		if len(text) > arenaChunk/8 {
			return appendUnescaped(make([]byte, 0, len(text)), text)
		}
		a.free = make([]byte, 0, arenaChunk)
	}
	out := appendUnescaped(a.free, text)
	// Text is longer than its source only where bytes that are not UTF-8 were replaced; append has then moved it to a
	// block of its own, if it had to.
	if len(out) <= cap(a.free) {
		a.free = a.free[len(out):len(out):cap(a.free)]
	}
	return out[:len(out):len(out)]
}

// Size returns the number of bytes that the arena itself holds.
func (a *Arena) Size() int { return cap(a.free) }

// Join returns the texts one after the other, which stays valid as texts with escapes do.
func (a *Arena) Join(texts ...[]byte) []byte {
	length := 0
	for _, text := range texts {
		length += len(text)
	}
	if length > arenaChunk/8 {
		return bytes.Join(texts, nil)
	}
	if cap(a.free) < length {
		a.free = make([]byte, 0, arenaChunk)
	}
	out := a.free
	for _, text := range texts {
		out = append(out, text...)
	}
	a.free = a.free[length:length:cap(a.free)]
	return out[:length:length]
}
