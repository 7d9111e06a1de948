package sim

import (
	"strconv"

	"ringside/aggregate"
	"ringside/ingest"
)

// The types whose properties are lists or figures.

func appendKey(b []byte, key string) []byte {
	b = append(b, `,"`...)
	b = append(b, key...)
	return append(b, `":`...)
}

func appendString(b []byte, key, escaped string) []byte {
	b = append(appendKey(b, key), '"')
	b = append(b, escaped...)
	return append(b, '"')
}

// appendOpt writes a text, or null if it is empty.
func appendOpt(b []byte, key, escaped string) []byte {
	if escaped == "" {
		return append(appendKey(b, key), "null"...)
	}
	return appendString(b, key, escaped)
}

func appendBool(b []byte, key string, v bool) []byte { return strconv.AppendBool(appendKey(b, key), v) }

// time writes an instant, or null if there is none.
func (w *writer) time(b []byte, key string, t ingest.Time) []byte {
	b = appendKey(b, key)
	if t == ingest.Unset {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = w.clock.plain(b, t)
	return append(b, '"')
}

func (w *writer) userStatus(b []byte, a *agent, st *ingest.UserState) []byte {
	b = appendString(b, "UserId", a.text)
	b = appendString(b, "OrganizationId", a.org.text)
	b = appendBool(b, "CanBeAllocatedTo", st.CanBeAllocatedTo)
	b = appendBool(b, "Talking", st.Talking)
	b = w.time(b, "TalkingStatusChanged", st.TalkingStatusChanged)
	active := ""
	if st.ActiveQueueID != (ingest.UserState{}).ActiveQueueID {
		active = st.ActiveQueueID.String()
	}
	b = appendOpt(b, "ActiveQueueId", active)
	b = appendBool(b, "Available", st.Available)
	b = appendBool(b, "Schedule", st.Schedule)
	b = appendBool(b, "Serving", st.Serving)
	b = appendPair(b, "ServiceTerminals", int(st.ServiceTerminals))
	b = appendPair(b, "ActiveQueues", int(st.ActiveQueues))
	b = appendPair(b, "ParkedCalls", int(st.ParkedCalls))
	b = w.time(b, "WrapUpStart", st.WrapUpStart)
	b = w.time(b, "WrapUpEnd", st.WrapUpEnd)
	b = appendBool(b, "ServingCallback", st.ServingCallback)
	return appendBool(b, "FetchMode", st.FetchMode)
}

// attachedUsers writes the members given, or null.
func (w *writer) attachedUsers(b []byte, q *queue, members []member, null bool) []byte {
	b = appendString(b, "QueueId", q.text)
	b = appendString(b, "OrganizationId", q.org.text)
	b = appendKey(b, "AttachedUsers")
	if null {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"UserId":"`...)
		b = append(b, m.agent.text...)
		b = append(b, `","Active":`...)
		b = strconv.AppendBool(b, m.active)
		b = appendPair(b, "Priority", m.agent.cfg.Priority)
		b = append(b, '}')
	}
	return append(b, ']')
}

func (w *writer) queueChanged(b []byte, q *queue, region string, created, deleted bool) []byte {
	b = appendString(b, "QueueId", q.text)
	b = appendString(b, "OrganizationId", q.org.text)
	b = appendString(b, "QueueName", q.name)
	b = append(b, `,"TypeId":null,"TemplateId":null,"UsePriorities":true,"CallAgeBonus":null`...)
	b = appendString(b, "Region", region)
	b = appendString(b, "Culture", q.cfg.Culture)
	b = append(appendKey(b, "Numbers"), `["`...)
	b = append(b, q.number...)
	b = append(b, `"]`...)
	b = append(appendKey(b, "QueueGroups"), '[')
	for i, g := range q.groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Id":"`...)
		b = appendID(b, g.id)
		b = append(b, `","Name":"`...)
		b = append(b, quoted(g.name)...)
		b = append(b, `","Description":""}`...)
	}
	b = append(b, ']')
	b = appendBool(b, "Created", created)
	b = appendBool(b, "Updated", !created && !deleted)
	return appendBool(b, "Deleted", deleted)
}

func agentText(a *agent) string {
	if a == nil {
		return ""
	}
	return a.text
}

func (w *writer) callbackChanged(b []byte, cb *callback, created bool) []byte {
	b = appendString(b, "CallBackId", cb.text)
	b = appendString(b, "CallListId", cb.list.text)
	b = appendString(b, "OrganizationId", cb.list.org.text)
	b = w.time(b, "Modified", cb.modified)
	b = appendOpt(b, "AssignedUserId", agentText(cb.assigned))
	b = appendOpt(b, "LastAttemptUserId", agentText(cb.lastUser))
	b = appendOpt(b, "LastModifiedUserId", agentText(cb.lastUser))
	n := len(cb.attempts)
	if n == 0 {
		b = append(appendKey(b, "LastAttemptTypeId"), "null"...)
	} else {
		b = appendPair(b, "LastAttemptTypeId", cb.attempts[n-1].typ)
	}
	b = appendString(b, "ContactName", cb.name)
	b = appendString(b, "ContactNumber", cb.contact)
	b = append(b, `,"ContactMessage":"","Note":""`...)
	queueText, queueName := "", ""
	if cb.queue != nil {
		queueText, queueName = cb.queue.text, cb.queue.name
	}
	b = appendOpt(b, "QueueId", queueText)
	b = appendString(b, "ChannelIn", queueName)
	b = w.time(b, "CreationTime", cb.created)
	b = appendBool(b, "Created", created)
	b = appendBool(b, "IsClosed", cb.closed)
	b = append(appendKey(b, "RecordingId"), "null"...)
	b = appendPair(b, "TypeId", cb.typ)
	b = w.time(b, "DueDate", cb.due)
	b = appendOpt(b, "CallId", cb.callText)
	b = append(appendKey(b, "TranscriptId"), "null"...)
	class := ""
	if cb.classified {
		class = cb.class.String()
	}
	b = appendOpt(b, "ClassificationId", class)
	b = w.time(b, "ExpiryDate", cb.expiry)
	last := ingest.Unset
	if n > 0 {
		last = cb.attempts[n-1].at
	}
	b = w.time(b, "LastAttemptTimestamp", last)
	b = append(b, `,"LastAttemptNote":"","CalculatedPriority":"Normal"`...)
	b = w.time(b, "NotBefore", cb.notBefore)
	b = w.attempts(b, cb.attempts)
	return append(b, `,"CallbackExtras":[{"Id":1,"Name":"Source","Value":"sim"}],"CallbackRelatedItems":null`...)
}

func (w *writer) attempts(b []byte, attempts []attempt) []byte {
	b = append(appendKey(b, "CallbackAttempts"), '[')
	for i, t := range attempts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Id":"`...)
		b = appendID(b, t.id)
		b = append(b, '"')
		b = appendString(b, "UserId", t.user.text)
		b = w.time(b, "Timestamp", t.at)
		b = appendPair(b, "CallbackAttemptTypeId", t.typ)
		b = append(b, `,"Note":"","RecordingId":null`...)
		b = appendOpt(b, "CallId", t.callText)
		b = append(b, '}')
	}
	return append(b, ']')
}

func (w *writer) queueStatus(b []byte, q *queue, st *Status) []byte {
	b = appendString(b, "QueueId", q.text)
	b = appendString(b, "OrganizationId", q.org.text)
	b = appendString(b, "QueueName", q.name)
	f := st.Figures()
	for i, name := range statusNames {
		b = appendPair(b, name, int(f[i]))
	}
	return b
}

// statusNames are the figures of QueueStatus in the document's order, which is that of ingest.Published.
var statusNames = [...]string{"NbrOfProviders", "NbrOfRequesters", "NbrOfServingAgentsEstimate", "NbrOfAllocated",
	"NbrOfConnected", "NbrOfQueuingRequesters", "NbrOfNotServedRequesters", "NbrOfAgentsLongTermAway",
	"NbrOfAgentsShortTermAway", "NbrOfAgentsImmediatelyFree", "NbrOfAgentsCheckedInQueue", "NbrOfAgentsOnWrapUp",
	"NbrOfAgentsOnFetchMode", "MaxWaitTime", "OpenStatus"}

func (w *writer) listStatus(b []byte, l *callList, f *ListFigures) []byte {
	b = appendString(b, "CallListId", l.text)
	b = appendString(b, "OrganizationId", l.org.text)
	b = appendBool(b, "IsAutoAllocate", f.IsAutoAllocate)
	b = appendPair(b, "TotalOpenRequests", f.TotalOpenRequests)
	b = appendPair(b, "TotalFreeForAllocation", f.TotalFreeForAllocation)
	b = appendPair(b, "TotalAssigned", f.TotalAssigned)
	b = appendPair(b, "TotalHidingNotBefore", f.TotalHidingNotBefore)
	b = appendPair(b, "NextHourRevealedNotBefore", f.NextHourRevealedNotBefore)
	b = appendPair(b, "TotalOverDueDate", f.TotalOverDueDate)
	b = appendPair(b, "NextHourOverDueDate", f.NextHourOverDueDate)
	b = appendPair(b, "TotalActiveAgents", f.TotalActiveAgents)
	b = appendPair(b, "TotalAutoAllocateAgents", f.TotalAutoAllocateAgents)
	b = appendPair(b, "TotalServingAgents", f.TotalServingAgents)
	b = appendPair(b, "TotalServingAutoAllocateAgents", f.TotalServingAutoAllocateAgents)
	return appendPair(b, "ExpiresIn24h", f.ExpiresIn24h)
}

func (w *writer) dailyMetrics(b []byte, q *queue, date string, f *Daily) []byte {
	b = appendString(b, "QueueId", q.text)
	b = appendString(b, "OrganizationId", q.org.text)
	b = appendString(b, "QueueName", q.name)
	b = appendString(b, "QueueDate", date)
	for _, p := range f.figures() {
		b = appendKey(b, p.name)
		switch {
		case p.whole:
			b = strconv.AppendInt(b, int64(p.value+.5), 10)
		default:
			b = strconv.AppendFloat(b, p.value, 'f', -1, 64)
		}
	}
	return b
}

// Daily is what a vendor publishes of one queue and day.
type Daily struct {
	tally  tally
	level  float64
	vendor *Vendor
}

type namedFigure struct {
	name  string
	value float64
	whole bool
}

// figures computes the fields of QueueDailyCallMetrics, a mean without members as 0.
func (d *Daily) figures() [15]namedFigure {
	s := &d.tally
	total, rejected, talk, outboundTalk := s.Total, s.Outcomes[aggregate.Overflowed]+s.Outcomes[aggregate.Rejected], s.TalkSum, s.OutboundTalkSum
	if d.vendor.CountPassedThrough {
		total += s.Outcomes[aggregate.PassedThrough]
	}
	if d.vendor.AbandonsRejected {
		rejected += s.Outcomes[aggregate.Abandoned]
	}
	if d.vendor.TalkWithHold {
		talk += s.HoldSum
		outboundTalk += s.outboundHold
	}
	whole := func(name string, n int64) namedFigure { return namedFigure{name, float64(n), true} }
	return [15]namedFigure{
		whole("InboundTotalCalls", total),
		whole("InboundServiceClosedCalls", s.Outcomes[aggregate.ServiceClosed]),
		whole("InboundAnsweredCalls", s.Outcomes[aggregate.Answered]),
		whole("InboundRejectedCalls", rejected),
		whole("InboundUserTransfers", s.UserTransfers),
		whole("InboundQueueTransfers", s.QueueTransfers),
		{"InboundAvgWaitTimeSec", mean(s.WaitSum, s.WaitCount), false},
		{"InboundAvgTalkTimeSec", mean(talk, s.TalkCount), false},
		{"InboundAvgHoldTimeSec", mean(s.HoldSum, s.TalkCount), false},
		{"InboundServiceLevelPercentage", d.level, false},
		whole("OutboundTotalCalls", s.OutboundTotal),
		whole("OutboundAnsweredCalls", s.OutboundAnswered),
		whole("OutboundRejectedCalls", s.OutboundRejected),
		{"OutboundAvgTalkTimeSec", mean(outboundTalk, s.OutboundEnded), true},
		{"OutboundAvgWaitTime", mean(s.OutboundWaitSum, s.OutboundEnded), true},
	}
}

// mean is in seconds.
func mean(sum, n int64) float64 {
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n) / 1e6
}
