package aggregate

import (
	"bytes"

	"github.com/google/uuid"
)

// names is what something was called over time, oldest first.
type names []namedFrom

type namedFrom struct {
	name string
	at   int64 // ticks
	id   uuid.UUID
}

// note takes in an event that carries a name, and returns whether what anything was called has changed.
func (n *names) note(name []byte, at int64, id uuid.UUID, words words) bool {
	s := *n
	i := len(s)
	for i > 0 && (s[i-1].at > at || s[i-1].at == at && bytes.Compare(s[i-1].id[:], id[:]) > 0) {
		i--
	}
	if i > 0 && s[i-1].name == string(name) {
		return false
	}
	if i < len(s) && s[i].name == string(name) {
		s[i].at, s[i].id = at, id // the same name, known from earlier on
		return true
	}
	s = append(s, namedFrom{})
	copy(s[i+1:], s[i:])
	s[i] = namedFrom{words.word(name), at, id}
	*n = s
	return true
}

// maxNames bounds the names that are remembered of one thing.
const maxNames = 16

// prune forgets names that nothing held can have begun under.
func (n *names) prune(oldest int64) {
	for s := *n; len(s) > maxNames || len(s) > 1 && s[1].at < oldest; s = *n {
		*n = append(s[:0], s[1:]...)
	}
}

// at returns the name as of an instant in µs, or the first one.
func (n names) at(us int64) string {
	for i := len(n) - 1; i > 0; i-- {
		if micros(n[i].at) <= us {
			return n[i].name
		}
	}
	return n.first()
}

func (n names) first() string {
	if len(n) == 0 {
		return ""
	}
	return n[0].name
}

func (n names) last() string {
	if len(n) == 0 {
		return ""
	}
	return n[len(n)-1].name
}
