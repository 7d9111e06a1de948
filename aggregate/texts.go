package aggregate

// texts interns the strings that facts refer to, counted by reference: reasons and types repeat endlessly, callers'
// numbers do not, and what no held fact refers to any more is forgotten. Index 0 is the empty string.
type texts struct {
	index map[string]uint32
	list  []text
	free  []uint32
	bytes int64
}

type text struct {
	s    string
	refs uint32
}

func newTexts() texts {
	return texts{index: map[string]uint32{}, list: []text{{s: "", refs: 1}}}
}

// intern returns the index of b with one reference added. It allocates for strings that are not held.
func (t *texts) intern(b []byte) uint32 {
	if len(b) == 0 {
		return 0
	}
	if i, ok := t.index[string(b)]; ok {
		t.list[i].refs++
		return i
	}
	return t.insert(string(b))
}

func (t *texts) insert(s string) uint32 {
	var i uint32
	if n := len(t.free); n > 0 {
		i = t.free[n-1]
		t.free = t.free[:n-1]
		t.list[i] = text{s, 1}
	} else {
		i = uint32(len(t.list))
		t.list = append(t.list, text{s, 1})
	}
	t.index[s] = i
	t.bytes += int64(len(s))
	return i
}

func (t *texts) get(i uint32) string { return t.list[i].s }

func (t *texts) release(i uint32) {
	if i == 0 {
		return
	}
	e := &t.list[i]
	if e.refs == 0 {
		panic("BUG: a text released more often than taken")
	}
	e.refs--
	if e.refs == 0 {
		delete(t.index, e.s)
		t.bytes -= int64(len(e.s))
		e.s = ""
		t.free = append(t.free, i)
	}
}
