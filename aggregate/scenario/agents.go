package scenario

import "ringside/aggregate"

// agentsKind are the rows of agents by quarter of an hour; "-" is the queue of their own.
func agentsKind() *tableKind {
	k := &tableKind{columns: "start agent queue talking hold ringing wrap_up off_work away available unknown",
		count: func(r *aggregate.Rows) int { return len(r.AgentIntervals) }, cells: map[string]func(printer, *aggregate.Rows, int) string{
			"start": func(p printer, r *aggregate.Rows, i int) string { return p.instant(r.AgentIntervals[i].IntervalStart) },
			"agent": func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.AgentIntervals[i].AgentID) },
			"queue": func(p printer, r *aggregate.Rows, i int) string { return p.names.name(r.AgentIntervals[i].QueueID) },
		}}
	for state := range aggregate.NumAgentStates {
		k.cells[state.String()] = func(_ printer, r *aggregate.Rows, i int) string {
			return duration(r.AgentIntervals[i].Sums.States[state])
		}
	}
	for name, f := range map[string]func(*aggregate.AgentSums) string{
		"serving":      func(s *aggregate.AgentSums) string { return duration(s.Serving) },
		"offers":       func(s *aggregate.AgentSums) string { return number64(s.Offers) },
		"answered":     func(s *aggregate.AgentSums) string { return number64(s.Answered) },
		"declined":     func(s *aggregate.AgentSums) string { return number64(s.Declined) },
		"not_answered": func(s *aggregate.AgentSums) string { return number64(s.NotAnswered) },
		"ring":         func(s *aggregate.AgentSums) string { return duration(s.RingSum) },
		"handled":      func(s *aggregate.AgentSums) string { return number64(s.Handled) },
		"handle":       func(s *aggregate.AgentSums) string { return duration(s.HandleSum) },
		"requests":     func(s *aggregate.AgentSums) string { return number64(s.Fetches[aggregate.FetchRequests]) },
		"allocated":    func(s *aggregate.AgentSums) string { return number64(s.Fetches[aggregate.FetchAllocated]) },
		"no_calls":     func(s *aggregate.AgentSums) string { return number64(s.Fetches[aggregate.FetchNoCalls]) },
		"unavailable":  func(s *aggregate.AgentSums) string { return number64(s.Fetches[aggregate.FetchUnavailable]) },
	} {
		k.cells[name] = func(_ printer, r *aggregate.Rows, i int) string { return f(&r.AgentIntervals[i].Sums) }
	}
	return k
}
