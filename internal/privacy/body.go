package privacy

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"ringside/ingest"
	"ringside/ingest/scan"
)

// occurrence is a number in a message: the value from begin to end, quotes included where it has them.
type occurrence struct {
	begin, end int
	text       []byte // unescaped
}

// edit replaces the bytes from begin to end.
type edit struct {
	begin, end int
	instead    []byte
}

// Body returns message, which must be JSON of a source, with its callers' numbers replaced, and everything else as it was.
// Replaced are the members that hold them, with target TargetNumber too, and any other string that is the same number. The
// result is valid until the next call; without a number it is message itself.
func (n *Numbers) Body(source string, message []byte, target bool) []byte {
	if n == nil {
		return message
	}
	if (source != ingest.SourceEnreach || !n.glance(message, target)) && !n.read(message, holdsNumber(source, target)) {
		return n.damaged(message)
	}
	return n.rewrite(message)
}

// Reject is Body for a message of any source that may be anything: TargetNumber is taken for a customer's, and where message is no
// JSON, or cut, whatever looks like a number of seven digits or more is replaced.
func (n *Numbers) Reject(message []byte) []byte {
	switch {
	case n == nil || len(message) == 0:
		return message
	case n.read(message, mayHoldNumber):
		return n.rewrite(message)
	}
	return n.damaged(message)
}

// glance finds the numbers of a message whose names and quotes are what they look like. It returns false where a look
// does not suffice.
func (n *Numbers) glance(message []byte, target bool) bool {
	if !isPlain(message) {
		return false
	}
	n.found, n.unescaped = n.found[:0], n.unescaped[:0]
	for at := 0; ; {
		i := bytes.Index(message[at:], []byte(commonTail))
		if i < 0 {
			return true
		}
		tail := at + i
		at = tail + len(commonTail)
		begin := bytes.LastIndexByte(message[max(0, tail-longestName):tail], '"')
		if begin < 0 {
			continue
		}
		begin += max(0, tail-longestName) + 1
		if !isNumberName(message[begin:at-1], target) {
			continue
		}
		colon := skipSpace(message, at)
		if colon >= len(message) || message[colon] != ':' {
			continue // a text, not a name
		}
		value := skipSpace(message, colon+1)
		switch {
		case value >= len(message):
			return false
		case message[value] == 'n':
			continue
		case message[value] != '"':
			return false
		}
		length := bytes.IndexByte(message[value+1:], '"')
		if length < 0 {
			return false
		}
		end := value + length + 2
		text, ok := n.unescape(message[value+1 : end-1])
		if !ok {
			return false
		}
		n.found = append(n.found, occurrence{value, end, text})
		at = end
	}
}

// isPlain tells whether each quote begins or ends a string and no letter is escaped, so that every name is written out.
func isPlain(message []byte) bool {
	for {
		i := bytes.IndexByte(message, '\\')
		if i < 0 {
			return true
		}
		if message = message[i+1:]; len(message) < 5 {
			return false
		}
		switch message[0] {
		case '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			if message[1] == '0' && message[2] == '0' && '4' <= message[3] && message[3] <= '7' {
				return false
			}
		default:
			return false
		}
	}
}

// escapedPlus is how some serializers write the sign that numbers begin with.
var escapedPlus = []byte(`\u002B`)

// unescape returns a text in which nothing but plus signs is escaped.
func (n *Numbers) unescape(text []byte) (plain []byte, ok bool) {
	if !utf8.Valid(text) {
		return nil, false
	}
	if bytes.IndexByte(text, '\\') < 0 {
		return text, true
	}
	begin := len(n.unescaped)
	for {
		before, after, found := bytes.Cut(text, escapedPlus)
		n.unescaped = append(n.unescaped, before...)
		if !found {
			break
		}
		n.unescaped = append(n.unescaped, '+')
		text = after
	}
	plain = n.unescaped[begin:]
	return plain, bytes.IndexByte(plain, '\\') < 0
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r') {
		i++
	}
	return i
}

// read finds the numbers with the scanner. It returns false where message is no JSON object or array; those before the
// fault are found.
func (n *Numbers) read(message []byte, holds func(name []byte) bool) bool {
	n.found = n.found[:0]
	s := &n.scanner
	s.Start(message)
	if !s.Enter() {
		return false
	}
	within := 0 // the depth of the outermost container whose member is a number, or 0
	for depth := 1; depth > 0; {
		if !s.Next() {
			if depth--; depth < within {
				within = 0
			}
			continue
		}
		number := within > 0 || holds(s.Key())
		if s.Enter() {
			if depth++; number && within == 0 {
				within = depth
			}
			continue
		}
		if k := s.Kind(); number && (k == scan.String || k == scan.Number) {
			begin := s.Offset()
			if text, shape := s.Text(&n.arena); shape == scan.Found {
				n.found = append(n.found, occurrence{begin, s.Offset(), text})
			}
		}
	}
	return s.End() == nil
}

// rewrite replaces what was found.
func (n *Numbers) rewrite(message []byte) []byte {
	n.edits = n.edits[:0]
	for _, o := range n.found {
		if instead := n.Number(o.text); len(o.text) > 0 && !bytes.Equal(instead, o.text) {
			n.edits = append(n.edits, edit{o.begin, o.end, instead})
		}
	}
	if len(n.edits) == 0 {
		return message
	}
	out, from := n.out[:0], 0
	for _, e := range n.edits {
		out = append(append(append(append(out, message[from:e.begin]...), '"'), e.instead...), '"')
		from = e.end
	}
	n.out = append(out, message[from:]...)
	for _, e := range n.edits {
		if value := message[e.begin:e.end]; value[0] == '"' && digitsIn(value) >= minDigits {
			n.replaceOthers(value, e.instead)
		}
	}
	return n.out
}

// replaceOthers replaces what is left of a value elsewhere in the output: the same number under another name. It looks for
// the value without its first quote: quotes are everywhere, and slow the search down.
func (n *Numbers) replaceOthers(value, instead []byte) {
	for at := 0; ; {
		i := bytes.Index(n.out[at:], value[1:])
		if i < 0 {
			return
		}
		at += i
		if n.out[at-1] != '"' {
			at++
			continue
		}
		n.out = slices.Replace(n.out, at, at+len(value)-2, instead...)
		at += len(instead)
	}
}

func digitsIn(text []byte) (digits int) {
	for _, c := range text {
		if isDigit(c) {
			digits++
		}
	}
	return digits
}
