package aggregate

// extremes is a multiset of int64 that knows its greatest member and from which members can be taken back: a heap of
// what was added and one of what was removed, which cancel at the top. Maxima stay exact that way without a scan.
// It is for what seldom goes: members that were taken back stay until they would be the greatest. See instants for others.
type extremes struct {
	added, removed maxHeap
}

func (e *extremes) add(v int64)    { e.added.push(v) }
func (e *extremes) remove(v int64) { e.removed.push(v) }

// max returns the greatest member.
func (e *extremes) max() (int64, bool) {
	for len(e.removed) > 0 {
		if len(e.added) == 0 || e.added[0] < e.removed[0] {
			panic("BUG: a value taken back that was not added")
		}
		if e.added[0] != e.removed[0] {
			break
		}
		e.added.pop()
		e.removed.pop()
	}
	if len(e.added) == 0 {
		return 0, false
	}
	return e.added[0], true
}

type maxHeap []int64

func (h *maxHeap) push(v int64) {
	s := append(*h, v)
	i := len(s) - 1
	for i > 0 {
		p := (i - 1) / 2
		if s[p] >= v {
			break
		}
		s[i] = s[p]
		i = p
	}
	s[i] = v
	*h = s
}

func (h *maxHeap) pop() {
	s := *h
	v := s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	if len(s) == 0 {
		return
	}
	i := 0
	for {
		k := 2*i + 1
		if k >= len(s) {
			break
		}
		if k+1 < len(s) && s[k+1] > s[k] {
			k++
		}
		if s[k] <= v {
			break
		}
		s[i] = s[k]
		i = k
	}
	s[i] = v
}
