// Package privacy replaces callers' telephone numbers before anything is kept: in events, on their way into the core, and
// in the text of messages, on their way into the store. Whatever is stored, saved states included, holds only what the
// mode allows.
//
// A replacement is recognized: what was replaced once is not replaced again, so that stored events can be replayed.
package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/cespare/xxhash/v2"

	"ringside/ingest"
	"ringside/ingest/scan"
)

// The modes.
const (
	Hash  = "hash"  // a keyed hash, the same for each form of a number: "h_" and 16 characters
	Last4 = "last4" // "*" and the last four digits, of a short number at most half of them
	Keep  = "keep"
	Drop  = "drop" // nothing
)

// cached is how many numbers a Numbers remembers the replacement of. The events of a call come close together.
const cached = 1024

// Numbers replaces numbers. It is for one goroutine.
type Numbers struct {
	replace func(number []byte) []byte // into memory of its own
	dropped bool
	hash    hash.Hash
	sum     []byte
	cache   [cached]replacement

	scanner   scan.Scanner
	arena     scan.Arena
	found     []occurrence
	unescaped []byte
	edits     []edit
	out       []byte
}

// replacement is a number with what stands for it.
type replacement struct{ number, instead []byte }

// New returns a Numbers of a mode, nil for Keep: a nil *Numbers keeps everything. The key is that of the hash.
func New(mode string, key []byte) (*Numbers, error) {
	n := &Numbers{}
	switch mode {
	case Keep:
		return nil, nil
	case Drop:
		n.replace, n.dropped = func([]byte) []byte { return nil }, true
	case Last4:
		n.replace = lastDigits
	case Hash:
		if len(key) == 0 {
			return nil, errors.New("privacy: the hash of numbers needs a key")
		}
		n.hash = hmac.New(sha256.New, key)
		n.replace = n.hashed
	default:
		return nil, fmt.Errorf("privacy: mode %q: must be %s, %s, %s or %s", mode, Hash, Last4, Keep, Drop)
	}
	return n, nil
}

// Number returns what is kept of a number. The result is not changed later and may be kept. No number stays none.
func (n *Numbers) Number(number []byte) []byte {
	if n == nil || len(number) == 0 || !n.dropped && isReplacement(number) {
		return number
	}
	r := &n.cache[xxhash.Sum64(number)%cached]
	if !bytes.Equal(r.number, number) {
		*r = replacement{bytes.Clone(number), n.replace(number)}
	}
	return r.instead
}

// Event replaces the numbers in e.
func (n *Numbers) Event(e *ingest.Event) {
	if n == nil {
		return
	}
	if len(e.TransferTarget) > 0 && (bytes.Equal(e.TransferTarget, e.CallerNumber) || IsOutgoing(e.Type) && bytes.Equal(e.TransferTarget, e.TargetNumber)) {
		e.TransferTarget = n.Number(e.TransferTarget)
	}
	e.CallerNumber = n.Number(e.CallerNumber)
	e.Callback.ContactNumber = n.Number(e.Callback.ContactNumber)
	e.Callback.ContactName = nil // who it is says more than the number
	if IsOutgoing(e.Type) {
		e.TargetNumber = n.Number(e.TargetNumber)
	}
}

// IsOutgoing tells whether the number that is called may be a customer's: in every event but those of calls that come in,
// where it is a number of the organization.
func IsOutgoing(t ingest.Type) bool { return outgoing[t] }

var outgoing = func() (is [256]bool) {
	for t := range is {
		is[t] = !strings.Contains(ingest.Type(t).String(), "CallIn")
	}
	return is
}()

const (
	hashPrefix = "h_"
	hashBytes  = 12 // 96 bits: no two of all the world's numbers meet
)

var encoding = base64.RawURLEncoding

func (n *Numbers) hashed(number []byte) []byte {
	n.hash.Reset()
	_, _ = n.hash.Write(canonical(number))
	n.sum = n.hash.Sum(n.sum[:0])
	out := make([]byte, len(hashPrefix)+encoding.EncodedLen(hashBytes))
	copy(out, hashPrefix)
	encoding.Encode(out[len(hashPrefix):], n.sum[:hashBytes])
	return out
}

// canonical returns one text for the forms of a number: without blanks and punctuation, tel:, + or 00. What is no number,
// an address for example, is its own text.
func canonical(number []byte) []byte {
	text := bytes.TrimPrefix(bytes.TrimSpace(number), []byte("tel:"))
	digits := make([]byte, 0, 24)
	for _, c := range text {
		switch {
		case isDigit(c):
			digits = append(digits, c)
		case !isPunctuation(c) && c != '+':
			return text
		}
	}
	if len(digits) == 0 {
		return text
	}
	if digits[0] == '0' && len(digits) > 2 && digits[1] == '0' {
		digits = digits[2:]
	}
	return digits
}

const lastPrefix = '*'

func lastDigits(number []byte) []byte {
	user, _, _ := bytes.Cut(number, []byte("@")) // sip:number@host
	var digits []byte
	for _, c := range user {
		if isDigit(c) {
			digits = append(digits, c)
		}
	}
	return append([]byte{lastPrefix}, digits[len(digits)-min(4, len(digits)/2):]...)
}

// isReplacement tells whether text has the form of a replacement. A caller who shows a number of that form shows none.
func isReplacement(text []byte) bool {
	if text[0] == lastPrefix && len(text) <= 5 {
		return allOf(text[1:], isDigit)
	}
	return len(text) == len(hashPrefix)+encoding.EncodedLen(hashBytes) && string(text[:len(hashPrefix)]) == hashPrefix &&
		allOf(text[len(hashPrefix):], isEncoding)
}

func allOf(text []byte, is func(byte) bool) bool {
	for _, c := range text {
		if !is(c) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isLetter(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isEncoding(c byte) bool { return isDigit(c) || isLetter(c) || c == '-' || c == '_' }

// isPunctuation tells whether c may stand between the digits of a number.
func isPunctuation(c byte) bool {
	return c == ' ' || c == '-' || c == '(' || c == ')' || c == '.' || c == '/'
}
