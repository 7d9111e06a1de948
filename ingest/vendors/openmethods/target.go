package openmethods

import "bytes"

// level is what a message is about.
type level uint8

const (
	unknownLevel level = iota
	sessionLevel
	channelLevel
	interactionLevel
	conversationLevel
)

// levels are the names of objects, as messages' names begin and as their context names them.
var levels = map[string]level{
	"session": sessionLevel, "channel": channelLevel, "interaction": interactionLevel, "conversation": conversationLevel,
}

// target is the path of an object: <session>[.<channel group>].<channel>.<interaction>.<conversation>, as far as it goes.
type target struct {
	parts [5][]byte
	n     int
}

// parseTarget returns false for a path that is too long or has a part without text.
func parseTarget(text []byte) (t target, ok bool) {
	for rest, more := text, true; more; t.n++ {
		var part []byte
		part, rest, more = bytes.Cut(rest, dot)
		if t.n == len(t.parts) || len(part) == 0 {
			return target{}, false
		}
		t.parts[t.n] = part
	}
	return t, true
}

var dot = []byte(".")

func (t *target) session() []byte { return t.parts[0] }

// channel returns the channel of an object of the given level, nil if the path cannot be of one.
func (t *target) channel(l level) []byte {
	if l == channelLevel && (t.n == 2 || t.n == 3) {
		return t.parts[t.n-1]
	}
	return nil
}

// interaction returns the interaction of an object of the given level, nil if the path cannot be of one. A path has a
// channel group or not, so that its length alone does not say what it is of.
func (t *target) interaction(l level) []byte {
	switch {
	case l == interactionLevel && (t.n == 3 || t.n == 4):
		return t.parts[t.n-1]
	case l == conversationLevel && (t.n == 4 || t.n == 5):
		return t.parts[t.n-2]
	}
	return nil
}

// levelOf is what a state is of, where the message does not say: by the length of the path, and by the word. A path of
// four parts is an interaction's with a channel group, or a conversation's without: that cannot be told.
func (t *target) levelOf(s state) level {
	switch {
	case t.n == 2:
		return channelLevel
	case t.n == 3 && s.isChannels():
		return channelLevel
	case t.n == 3 && s != unknownState:
		return interactionLevel
	case t.n == 5:
		return conversationLevel
	}
	return unknownLevel
}
