package scan

import (
	"bytes"
	"strconv"

	"ringside/ingest"
)

// MaxDepth is how deep arrays and objects may be nested, the same as in encoding/json. It bounds the memory of a
// Scanner: one bit per level.
const MaxDepth = 10000

// Error says where and why the bytes are not JSON.
type Error struct {
	Offset int // of the byte at fault; the length of the message where it ends too early
	What   string
}

func (e *Error) Error() string {
	return "invalid JSON at byte " + strconv.Itoa(e.Offset) + ": " + e.What
}

// Malformed is the reject of a message in which [Scanner.End] has found a fault.
func Malformed(message []byte, fault error) error {
	at := fault.(*Error)
	detail := at.What
	if bytes.HasPrefix(message, []byte("\xef\xbb\xbf")) {
		detail = "begins with a byte order mark"
	}
	return &ingest.DecodeError{Reason: ingest.RejectMalformed, Offset: at.Offset, Detail: detail}
}

// Shape tells what came of the conversion of a value.
type Shape uint8

// The shapes. A value that is Wrong has been skipped; if it was not even JSON, [Scanner.End] says so.
const (
	Absent Shape = iota // null, or an empty string where something else than text is wanted
	Found
	Wrong
)

// Kind is the kind of a value, told by its first byte.
type Kind uint8

// The kinds. A value of kind Invalid makes the message invalid as soon as it is read or skipped.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// Scanner walks one JSON text. After [Scanner.Start] it stands before the outermost value. [Scanner.Enter] steps into an
// array or object, [Scanner.Next] to its next member, and one of the conversions takes the value; a value that is not
// taken is skipped, and checked, by the following Next. At the end of an array or object Next returns false and the
// Scanner stands behind it, in the surrounding one. Errors are sticky: read them with [Scanner.End].
//
// A Scanner may be used again and again, by one goroutine at a time. Its size is fixed, about 6 KiB.
type Scanner struct {
	data    []byte
	pos     int  // the next byte to read; of the value if pending
	depth   int  // the number of arrays and objects around pos
	pending bool // a value begins at pos and has not been taken
	first   bool // no member of the innermost array or object has been read

	keyStart, keyEnd int // the name of the member; none in an array
	keyOdd           odd

	failed bool
	err    Error

	last     uint8       // the name that NextName stepped to last, in the innermost object; else 0
	kind     uint8       // see Expect
	follower [4096]uint8 // the name that came after each name the last time, by kind: see NextName

	scratch [64]byte // an unescaped string on its way to a conversion

	objects [MaxDepth/64 + 1]uint64 // bit i: the container at depth i is an object
}

// Start begins the text data, and keeps a reference to it until the next Start.
func (s *Scanner) Start(data []byte) {
	s.data = data
	s.depth = 0
	s.failed = false
	s.keyStart, s.keyEnd, s.keyOdd = 0, 0, 0
	s.last, s.kind = 0, 0
	s.pos = skipSpace(data, 0)
	s.pending = true
}

// End reads what has not been read yet, and returns an *Error if the text is not exactly one JSON value; else nil.
func (s *Scanner) End() error {
	for !s.failed && (s.pending || s.depth > 0) {
		if !s.pending && !s.Next() {
			continue
		}
		s.Skip()
	}
	if !s.failed {
		if i := skipSpace(s.data, s.pos); i < len(s.data) {
			s.fail(i, "text after the value")
		}
	}
	if s.failed {
		return &Error{Offset: s.err.Offset, What: s.err.What}
	}
	return nil
}

// Offset returns where the Scanner stands: at the first byte of the value that is to be taken, or else behind the last.
func (s *Scanner) Offset() int { return s.pos }

// Valid returns nil if data is JSON, else an *Error.
func Valid(data []byte) error {
	var s Scanner
	s.Start(data)
	return s.End()
}

// Enter steps into the array or object that is to be taken. Any other value stays where it is, and false is returned.
func (s *Scanner) Enter() bool {
	if !s.pending || s.pos >= len(s.data) {
		return false
	}
	c := s.data[s.pos]
	if c != '{' && c != '[' {
		return false
	}
	if s.depth == MaxDepth {
		s.fail(s.pos, "nested too deeply")
		return false
	}
	s.depth++
	word, bit := s.depth/64, uint64(1)<<(s.depth%64)
	if c == '{' {
		s.objects[word] |= bit
	} else {
		s.objects[word] &^= bit
	}
	s.pos++
	s.pending = false
	s.first = true
	s.last = 0
	return true
}

func (s *Scanner) inObject() bool { return s.objects[s.depth/64]>>(s.depth%64)&1 != 0 }

// Next steps to the next member of the array or object that was entered last. It returns false behind the last one, and
// after an error.
func (s *Scanner) Next() bool {
	if s.pending {
		s.Skip()
	}
	if s.failed || s.depth == 0 {
		return false
	}
	i := skipSpace(s.data, s.pos)
	if i >= len(s.data) {
		return s.failEnd()
	}
	object := s.inObject()
	switch c := s.data[i]; {
	case c == ']' && !object, c == '}' && object:
		s.pos = i + 1
		s.depth--
		s.first = false
		s.last = 0
		return false
	case s.first:
		s.first = false
	case c == ',':
		i = skipSpace(s.data, i+1)
	default:
		return s.fail(i, "a comma or the end of the array or object is missing")
	}
	if object {
		if i = s.scanKey(i); i < 0 {
			return false
		}
	}
	s.pos = i
	s.pending = true
	return true
}

// scanKey reads a name and its colon, and returns where the value begins; −1 after an error.
func (s *Scanner) scanKey(i int) int {
	if i >= len(s.data) || s.data[i] != '"' {
		s.failAt(i, "a name in quotes is missing")
		return -1
	}
	end, odd := s.scanString(i + 1)
	if end < 0 {
		return -1
	}
	s.keyStart, s.keyEnd, s.keyOdd = i+1, end, odd
	i = skipSpace(s.data, end+1)
	if i >= len(s.data) || s.data[i] != ':' {
		s.failAt(i, "a colon is missing")
		return -1
	}
	return skipSpace(s.data, i+1)
}

// Key returns the name of the member that Next stepped to, unescaped; nil in an array. It is valid until the next Start,
// or, if it has escapes, until the next Key or conversion.
func (s *Scanner) Key() []byte {
	if s.depth == 0 || !s.inObject() {
		return nil
	}
	key := s.data[s.keyStart:s.keyEnd]
	if s.keyOdd == 0 {
		return key
	}
	return appendUnescaped(s.scratch[:0], key)
}

// Kind returns the kind of the value that is to be taken.
func (s *Scanner) Kind() Kind {
	if !s.pending || s.pos >= len(s.data) {
		return Invalid
	}
	switch c := s.data[s.pos]; c {
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	case '"':
		return String
	case '[':
		return Array
	case '{':
		return Object
	default:
		if c == '-' || isDigit(c) {
			return Number
		}
		return Invalid
	}
}

// Raw takes the value and returns its text as it stands in the message; nil after an error.
func (s *Scanner) Raw() []byte {
	start := s.pos
	if !s.pending || !s.Skip() {
		return nil
	}
	return s.data[start:s.pos]
}

// Skip takes the value, checks it and returns whether it is JSON.
func (s *Scanner) Skip() bool {
	if s.failed {
		return false
	}
	if !s.pending {
		return true
	}
	if s.pos >= len(s.data) {
		return s.failEnd()
	}
	switch s.data[s.pos] {
	case '"':
		end, _ := s.scanString(s.pos + 1)
		if end < 0 {
			return false
		}
		return s.took(end + 1)
	case '{', '[':
		return s.skipContainer()
	case 't':
		return s.skipLiteral("true")
	case 'f':
		return s.skipLiteral("false")
	case 'n':
		return s.skipLiteral("null")
	default:
		end := s.scanNumber(s.pos)
		if end < 0 {
			return false
		}
		return s.took(end)
	}
}

// skipContainer walks instead of recursing, so that no message can make the stack grow.
func (s *Scanner) skipContainer() bool {
	outside := s.depth
	s.Enter()
	for s.depth > outside && !s.failed {
		if s.Next() && !s.Enter() {
			s.Skip()
		}
	}
	return !s.failed
}

func (s *Scanner) skipLiteral(want string) bool {
	rest := s.data[s.pos:]
	if len(rest) >= len(want) && string(rest[:len(want)]) == want {
		return s.took(s.pos + len(want))
	}
	for i := range want {
		if i == len(rest) {
			return s.failEnd()
		}
		if rest[i] != want[i] {
			return s.fail(s.pos+i, "not the literal "+want)
		}
	}
	panic("BUG: scan: literal " + want + " is there and is not")
}

// took notes that the value ends before i.
func (s *Scanner) took(i int) bool {
	s.pos = i
	s.pending = false
	return true
}

// fail keeps the first error. It returns false for the convenience of its callers.
func (s *Scanner) fail(offset int, what string) bool {
	if !s.failed {
		s.failed = true
		s.err = Error{Offset: offset, What: what}
	}
	s.pending = false
	s.last = 0
	return false
}

func (s *Scanner) failEnd() bool { return s.fail(len(s.data), "the text ends too early") }

// failAt is fail for a byte that may be missing.
func (s *Scanner) failAt(i int, what string) bool {
	if i >= len(s.data) {
		return s.failEnd()
	}
	return s.fail(i, what)
}

func skipSpace(data []byte, i int) int {
	for i < len(data) {
		if c := data[i]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			break
		}
		i++
	}
	return i
}

func isDigit(c byte) bool { return c-'0' <= 9 }
