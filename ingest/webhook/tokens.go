package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"ringside/ingest"
)

// The headers that carry a token: Enreach's own, and those of forwarders.
const (
	HeaderEvent         = "X-Benemen-Event"
	headerBenemenToken  = "X-Benemen-Token"
	headerRingsideToken = "X-Ringside-Token"
	headerAuthorization = "Authorization"
)

// tokens holds the tokens of an endpoint as hashes: they have one length, whatever a token's, so that comparing them takes
// the same time always, and a dump of the memory that the gateway keeps shows none.
type tokens struct {
	source string
	hashes atomic.Pointer[[][sha256.Size]byte]
}

// set replaces the valid tokens and tells whether they are others than before.
func (t *tokens) set(texts []string) (changed bool) {
	hashes := make([][sha256.Size]byte, len(texts))
	for i, text := range texts {
		hashes[i] = sha256.Sum256([]byte(text))
	}
	before := t.hashes.Load()
	if before != nil && slices.Equal(*before, hashes) {
		return false
	}
	t.hashes.Store(&hashes)
	return true
}

// admit tells whether a request carries a valid token in the header that is the source's.
func (t *tokens) admit(h http.Header) bool {
	presented, ok := presentedToken(t.source, h)
	hash := sha256.Sum256([]byte(presented))
	match := 0
	for _, valid := range *t.hashes.Load() { // all of them: the time must not tell which one was nearly right
		match |= subtle.ConstantTimeCompare(hash[:], valid[:])
	}
	return ok && match == 1
}

// presentedToken returns the one token of a request. Two are none: which of them a proxy in between has looked at is not known.
func presentedToken(source string, h http.Header) (string, bool) {
	if source == ingest.SourceEnreach {
		return only(h[headerBenemenToken])
	}
	bearer, plain := h[headerAuthorization], h[headerRingsideToken]
	if len(bearer)+len(plain) != 1 {
		return "", false
	}
	if len(plain) == 1 {
		return only(plain)
	}
	scheme, token, _ := strings.Cut(bearer[0], " ")
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

func only(values []string) (string, bool) {
	if len(values) != 1 || values[0] == "" {
		return "", false
	}
	return values[0], true
}
