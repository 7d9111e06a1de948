package scan

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// UUID takes a UUID in a string: 36 characters in upper or lower case, the same in braces, or 32 digits without hyphens.
// It writes to to only if the value is Found.
func (s *Scanner) UUID(to *uuid.UUID) Shape {
	if i := s.pos; s.pending && uint(i)+38 <= uint(len(s.data)) {
		if quoted := s.data[i : i+38]; quoted[0] == '"' && quoted[37] == '"' && parseUUID((*[36]byte)(quoted[1:]), to) {
			s.took(i + 38)
			return Found
		}
	}
	switch s.Kind() {
	case String:
		text, shape := s.short()
		if shape == Found && !ParseUUID(text, to) {
			return Wrong
		}
		return shape
	case Null:
		return s.null()
	default:
		s.Skip()
		return Wrong
	}
}

// ParseUUID reads the forms that [Scanner.UUID] takes. It writes to to only if it returns true.
func ParseUUID(text []byte, to *uuid.UUID) bool {
	if len(text) == 38 && text[0] == '{' && text[37] == '}' {
		text = text[1:37]
	}
	if len(text) == 32 {
		var t [36]byte
		n := 0
		for i, c := range text {
			if i == 8 || i == 12 || i == 16 || i == 20 {
				t[n] = '-'
				n++
			}
			t[n] = c
			n++
		}
		text = t[:]
	}
	return len(text) == 36 && parseUUID((*[36]byte)(text), to)
}

// parseUUID reads the form with hyphens.
func parseUUID(t *[36]byte, to *uuid.UUID) bool {
	le := binary.LittleEndian
	a, d := le.Uint64(t[0:]), le.Uint64(t[28:])
	b := uint64(le.Uint32(t[9:])) | uint64(le.Uint32(t[14:]))<<32
	c := uint64(le.Uint32(t[19:])) | uint64(le.Uint32(t[24:]))<<32
	if t[8] != '-' || t[13] != '-' || t[18] != '-' || t[23] != '-' ||
		hexDigit(a)&hexDigit(b)&hexDigit(c)&hexDigit(d)&^(a|b|c|d)&highs != highs {
		return false
	}
	le.PutUint32(to[0:], hexBytes(a))
	le.PutUint32(to[4:], hexBytes(b))
	le.PutUint32(to[8:], hexBytes(c))
	le.PutUint32(to[12:], hexBytes(d))
	return true
}

// hexDigit sets the high bit of those bytes of w that are hexadecimal digits, provided that all are below 0x80.
func hexDigit(w uint64) uint64 {
	// Adding 0x80−x sets the high bit of the bytes that are at least x. Those in a range differ at its ends.
	letter := w | 0x20*ones
	return ((w + (0x80-'0')*ones) ^ (w + (0x80-'9'-1)*ones)) |
		((letter + (0x80-'a')*ones) ^ (letter + (0x80-'f'-1)*ones))
}

// hexBytes turns eight digits into the four bytes they stand for, the first in the lowest bits.
func hexBytes(w uint64) uint32 {
	n := w&(0x0f*ones) + 9*(w>>6&ones) // letters have bit 6, and an 'a' of 1 in their low bits
	n = n * (1<<12 + 1) >> 8 & 0x00ff00ff00ff00ff
	n = (n | n>>8) & 0x0000ffff0000ffff
	return uint32(n | n>>16)
}
