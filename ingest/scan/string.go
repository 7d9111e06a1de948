package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// odd tells what a string contains besides plain ASCII: 0 nothing, so that its bytes are its text.
type odd uint64

const (
	escaped odd = 1     // a backslash
	beyond  odd = highs // some of these bits: bytes from 0x80 on
)

// Constants for looking at eight bytes at once.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// scanString reads the string whose text begins at i, and returns where its closing quote is; −1 after an error.
func (s *Scanner) scanString(i int) (end int, o odd) {
	data := s.data
	for {
		for uint(i)+8 <= uint(len(data)) {
			w := binary.LittleEndian.Uint64(data[i:])
			// The high bit of each byte that ends the run: a backslash, or, since x^2 swaps a quote and a blank, any that
			// is below '!' then. The lowest bit is exact; the subtractions may borrow from those above it.
			quote, backslash := (w^2*ones)-'!'*ones, (w^'\\'*ones)-ones
			m := (quote | backslash) &^ w & highs
			if m != 0 {
				o |= odd(w & highs & (m ^ (m - 1)))
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			o |= odd(w & highs)
			i += 8
		}
		if i >= len(data) {
			s.failEnd()
			return -1, 0
		}
		switch c := data[i]; {
		case c == '"':
			return i, o
		case c == '\\':
			o |= escaped
			if i = s.scanEscape(i); i < 0 {
				return -1, 0
			}
		case c < ' ':
			s.fail(i, "a control character in a string")
			return -1, 0
		default:
			o |= odd(c) & beyond
			i++
		}
	}
}

// scanEscape reads the escape that begins at i and returns where it ends; −1 after an error.
func (s *Scanner) scanEscape(i int) int {
	if i+1 >= len(s.data) {
		s.failEnd()
		return -1
	}
	switch s.data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for j := i + 2; j < i+6; j++ {
			if j >= len(s.data) || hexDigits[s.data[j]] > 15 {
				s.failAt(j, "four hexadecimal digits have to follow \\u")
				return -1
			}
		}
		return i + 6
	default:
		s.fail(i+1, "an unknown escape in a string")
		return -1
	}
}

// Text takes a string. The result is a slice of the message, or of the arena where escapes or bytes that are not UTF-8
// had to be replaced. Numbers and booleans are Found too, as they are written.
func (s *Scanner) Text(arena *Arena) ([]byte, Shape) {
	if s.pending && s.pos < len(s.data) && s.data[s.pos] == '"' {
		start := s.pos + 1
		end, o := s.scanString(start)
		if end < 0 {
			return nil, Wrong
		}
		s.took(end + 1)
		text := s.data[start:end:end]
		if o == 0 || o&escaped == 0 && utf8.Valid(text) {
			return text, Found
		}
		return arena.unescape(text), Found
	}
	switch s.Kind() {
	case Null:
		return nil, s.null()
	case Number, Bool:
		if text := s.Raw(); text != nil {
			return text[:len(text):len(text)], Found
		}
		return nil, Wrong
	default:
		s.Skip()
		return nil, Wrong
	}
}

// null takes a value that begins like null.
func (s *Scanner) null() Shape {
	if !s.Skip() {
		return Wrong
	}
	return Absent
}

// short takes a string that is on its way to a conversion. The result is valid until the next call. Longer ones than any
// conversion takes are Wrong.
func (s *Scanner) short() ([]byte, Shape) {
	start := s.pos + 1
	end, o := s.scanString(start)
	if end < 0 {
		return nil, Wrong
	}
	s.took(end + 1)
	text := s.data[start:end]
	if o&escaped != 0 {
		if len(text) > 6*len(s.scratch) {
			return nil, Wrong
		}
		if text = appendUnescaped(s.scratch[:0], text); len(text) > len(s.scratch) {
			return nil, Wrong
		}
	}
	if len(text) == 0 {
		return nil, Absent
	}
	return text, Found
}

// appendUnescaped appends the text of a string that scanString has accepted.
func appendUnescaped(to, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\\' && text[i+1] == 'u':
			r, n := escapedRune(text[i:])
			to = utf8.AppendRune(to, r)
			i += n
		case c == '\\':
			to = append(to, unescapes[text[i+1]])
			i += 2
		case c < utf8.RuneSelf:
			to = append(to, c)
			i++
		default:
			r, n := utf8.DecodeRune(text[i:])
			to = utf8.AppendRune(to, r)
			i += n
		}
	}
	return to
}

// unescapes maps the second character of a short escape to what it stands for.
var unescapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escapedRune returns the rune of the \u escape that text begins with, and how many bytes it takes: 12 for a pair of
// surrogates, else 6.
func escapedRune(text []byte) (rune, int) {
	r := hexRune(text[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
		if pair := utf16.DecodeRune(r, hexRune(text[8:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func hexRune(b []byte) rune {
	return rune(hexDigits[b[0]])<<12 | rune(hexDigits[b[1]])<<8 | rune(hexDigits[b[2]])<<4 | rune(hexDigits[b[3]])
}

// hexDigits maps a hexadecimal digit to its value and every other byte to 255.
var hexDigits = func() (t [256]uint8) {
	for i := range t {
		switch c := byte(i); {
		case isDigit(c):
			t[i] = c - '0'
		case c >= 'a' && c <= 'f':
			t[i] = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			t[i] = c - 'A' + 10
		default:
			t[i] = 255
		}
	}
	return t
}()
