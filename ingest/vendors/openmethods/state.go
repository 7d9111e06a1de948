package openmethods

// state is what a channel, an interaction or a conversation is in.
type state uint8

const (
	unknownState state = iota
	ready
	notReady
	loggedOut
	afterWork // of a channel: the agent writes up; of an interaction: so, too
	alerting
	active
	held
	ended
)

// isChannels tells whether only a channel, which stands for the agent, can have the state.
func (s state) isChannels() bool { return s == ready || s == notReady || s == loggedOut }

// words are the states that platforms are known to name, in lower case without anything but letters. They are what the
// vendor's documents describe (ready and not ready, alerting, hold and retrieve, release) in the usual spellings.
var words = map[string]state{
	"ready": ready, "available": ready,
	"notready": notReady, "unavailable": notReady, "away": notReady, "busy": notReady, "break": notReady,
	"loggedout": loggedOut, "logout": loggedOut, "loggedoff": loggedOut, "offline": loggedOut, "deactivated": loggedOut,
	"wrapup": afterWork, "aftercallwork": afterWork, "aftercontactwork": afterWork, "acw": afterWork, "workready": afterWork,
	"worknotready": afterWork,
	"alerting":     alerting, "ringing": alerting, "preview": alerting, "offered": alerting, "initiated": alerting, "dialing": alerting,
	"active": active, "connected": active, "talking": active, "accepted": active, "answered": active, "established": active,
	"retrieved": active, "conferenced": active,
	"held": held, "hold": held, "onhold": held,
	"ended": ended, "released": ended, "disconnected": ended, "completed": ended, "complete": ended, "disposed": ended,
	"closed": ended, "rejected": ended, "dropped": ended,
}

const longestWord = 24

// stateOf reads a state in whatever spelling: NOT_READY, Not Ready, notReady.
func stateOf(text []byte) state {
	var word [longestWord]byte
	n := 0
	for _, c := range text {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c < 'a' || c > 'z' {
			continue
		}
		if n == len(word) {
			return unknownState
		}
		word[n] = c
		n++
	}
	return words[string(word[:n])]
}
