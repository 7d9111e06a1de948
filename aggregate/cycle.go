package aggregate

// cycle goes through everything that is held, a step at a time. Organizations, queues, agents and lists are never let go, calls
// and callbacks keep their places: so what was held when the cycle began, and still is when it ends, has been passed.
type cycle struct {
	org    int
	part   cyclePart
	index  int    // within part
	bucket int32  // of ids
	call   uint32 // after the last organization
	done   bool
}

type cyclePart uint8

const (
	cycleIDs cyclePart = iota
	cycleQueues
	cycleAgents
	cycleCallbacks
	cycleLists
)

// step emits the next few entities: one queue with its windows, one bucket of ids, a page of calls.
func (y *cycle) step(c *Core, s *snapshot, serial uint64) {
	if y.org == len(c.orgList) {
		y.stepCalls(c, s)
		return
	}
	o := c.orgList[y.org]
	switch y.part {
	case cycleIDs:
		if y.index == 0 {
			s.organization(o)
			y.bucket = 0
		}
		y.bucket = max(y.bucket, o.ids.oldest)
		if y.bucket > bucketOf(o.horizon) || o.ids.used == 0 {
			y.next()
			return
		}
		s.bucket(o, serial, y.bucket)
		y.bucket++
		y.index++
	case cycleQueues:
		if y.index == len(o.queues) {
			y.next()
			return
		}
		q := o.queues[y.index]
		s.queue(q)
		s.members(q)
		for _, w := range q.days {
			s.window(w)
		}
		for _, w := range q.intervals {
			s.window(w)
		}
		y.index++
	case cycleAgents:
		if y.index == len(o.agents) {
			y.next()
			return
		}
		s.agent(o.agents[y.index])
		y.index++
	case cycleCallbacks:
		if y.index == len(o.callbacks) {
			y.next()
			return
		}
		if r := &o.callbacks[y.index]; r.due != 0 {
			s.callback(o, r)
		}
		y.index++
	case cycleLists:
		if y.index == len(o.lists) {
			y.org, y.part, y.index = y.org+1, cycleIDs, 0
			return
		}
		s.callList(o.lists[y.index])
		y.index++
	}
}

func (y *cycle) next() { y.part, y.index = y.part+1, 0 }

// callsPerStep bounds what one step emits.
const callsPerStep = 64

func (y *cycle) stepCalls(c *Core, s *snapshot) {
	for range callsPerStep {
		if y.call >= c.calls.next {
			y.done = true
			return
		}
		if call := c.calls.at(y.call); call.org != nil {
			s.call(c, call)
		}
		y.call++
	}
}
