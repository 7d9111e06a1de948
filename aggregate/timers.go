package aggregate

// timers is a heap of things to look at when a clock has passed an instant. An entry is never moved: whoever is woken
// checks whether it is still concerned and asks again.
type timers []timer

type timer struct {
	due  int64 // ticks; woken when the clock is greater
	ref  uint32
	gen  uint32
	kind timerKind
}

type timerKind uint8

const (
	timerCall timerKind = iota
	timerAgent
	timerQueue
	timerWindow
	timerCallback
	timerInterval
)

const never = int64(1) << 62

func (t *timers) push(e timer) {
	s := append(*t, e)
	i := len(s) - 1
	for i > 0 {
		p := (i - 1) / 2
		if s[p].due <= e.due {
			break
		}
		s[i] = s[p]
		i = p
	}
	s[i] = e
	*t = s
}

// pop removes and returns the earliest entry that is due before now.
func (t *timers) pop(now int64) (timer, bool) {
	s := *t
	if len(s) == 0 || s[0].due >= now {
		return timer{}, false
	}
	first, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*t = s
	if len(s) == 0 {
		return first, true
	}
	i := 0
	for {
		k := 2*i + 1
		if k >= len(s) {
			break
		}
		if k+1 < len(s) && s[k+1].due < s[k].due {
			k++
		}
		if s[k].due >= last.due {
			break
		}
		s[i] = s[k]
		i = k
	}
	s[i] = last
	return first, true
}
