package oracle

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// callbackEvents makes the events of a callback that may be closed, opened, moved and taken up again, over some hours.
func (r *Random) callbackEvents(id uuid.UUID) (events []*ingest.Event) {
	at := r.start.Add(time.Duration(r.IntN(3600)) * time.Second)
	for range 1 + r.IntN(10) {
		ev := r.event(pick(r, ingest.CallbackChanged, ingest.CallbackChanged, ingest.CallbackChanged, ingest.CallbackChanged,
			ingest.QueueCallInCallbackCreated, ingest.UserCallInCallbackCreated, ingest.CallbackUserCallOutGoing,
			ingest.CallbackUserCallOutConnected, ingest.CallbackUserCallOutDisconnected, ingest.CallbackListStatus), at)
		ev.CallListID = r.list()
		switch ev.Type {
		case ingest.CallbackListStatus:
			for i := range ev.Published.Figures {
				ev.Published.Figures[i], ev.Published.Null[i] = float64(r.IntN(5)), r.IntN(6) == 0
			}
		case ingest.CallbackChanged:
			ev.CallBackID = id
			ev.Callback.Modified = ev.Timestamp.Add(-time.Duration(r.IntN(300)) * time.Second)
			if r.IntN(10) == 0 {
				ev.Callback.Modified = ingest.Unset
			}
			ev.Callback.TypeID = ingest.OptInt{Value: int32(1 + r.IntN(3)), Valid: r.IntN(4) > 0}
			r.fillCallback(ev)
		case ingest.QueueCallInCallbackCreated:
			ev.CallBackID, ev.QueueID = id, pick(r, r.queues...)
			r.fillCreated(ev)
		case ingest.UserCallInCallbackCreated:
			ev.CallBackID, ev.UserID = id, pick(r, r.users...)
			r.fillCreated(ev)
		default:
			ev.CallBackID, ev.UserID, ev.CallID = id, pick(r, r.users...), ID("call", "out-"+Name(id))
		}
		events = append(events, ev)
		at = at.Add(pick(r, 0, time.Second, time.Duration(r.IntN(600))*time.Second, time.Duration(r.IntN(3000))*time.Second,
			r.settings.CallbackLinger, r.settings.CallbackLinger+100))
	}
	return events
}

func (r *Random) list() uuid.UUID {
	return pick(r, ID("list", "l1"), ID("list", "l1"), ID("list", "l2"), uuid.Nil)
}

// fillCreated gives a CallbackCreated what it has of the request.
func (r *Random) fillCreated(ev *ingest.Event) {
	ev.Callback.ContactNumber = pick(r, nil, []byte("+1"), []byte("+2"))
	ev.Callback.CreationTime = pick(r, ingest.Unset, ev.Timestamp.Add(-time.Duration(r.IntN(60))*time.Second))
	ev.CallID = pick(r, uuid.Nil, ID("call", "c1"))
}

// fillCallback gives a CallbackChanged the rest of its record.
func (r *Random) fillCallback(ev *ingest.Event) {
	cb, chance := &ev.Callback, func() bool { return r.IntN(3) > 0 }
	near := func() ingest.Time {
		return pick(r, ingest.Unset, r.start.Add(time.Duration(r.IntN(4*3600))*time.Second), ev.Timestamp.Add(time.Duration(r.IntN(8000)-2000)*time.Second))
	}
	ev.CallListID = r.list()
	cb.IsClosed = r.IntN(3) == 0
	cb.NotBefore, cb.DueDate, cb.ExpiryDate = near(), near(), near()
	switch r.IntN(12) {
	case 0:
		cb.ExpiryDate = ingest.OpenEnded
	case 1:
		cb.ExpiryDate = r.start.Add(time.Duration(r.IntN(72*3600)) * time.Second)
	}
	if r.IntN(4) == 0 {
		cb.CreationTime = r.start
	}
	if chance() {
		cb.AssignedUserID = pick(r, r.users...)
	}
	if chance() {
		ev.QueueID, cb.ContactNumber, cb.ContactName, cb.ChannelIn = pick(r, r.queues...), []byte("+3"), []byte("name"), []byte("sales")
	}
	if r.IntN(3) == 0 {
		cb.LastAttemptTimestamp, cb.LastAttemptTypeID = near(), ingest.OptInt{Value: int32(r.IntN(3)), Valid: true}
		cb.LastAttemptUserID, cb.LastModifiedUserID, cb.ClassificationID = pick(r, r.users...), pick(r, r.users...), ID("class", "k")
	}
	for range r.IntN(4) {
		cb.Attempts = append(cb.Attempts, ingest.CallbackAttempt{Timestamp: near(), TypeID: ingest.OptInt{Value: int32(r.IntN(3)), Valid: chance()}})
	}
}

// callbackWords are what callbackEvents sets.
func callbackWords(ev *ingest.Event) (words []string) {
	cb := &ev.Callback
	at := func(t ingest.Time) string {
		if t == ingest.OpenEnded {
			return "@9999-12-31T23:59:59Z"
		}
		return "@" + t.Go().Format(time.RFC3339Nano)
	}
	if ev.CallListID != uuid.Nil {
		words = append(words, "list="+Name(ev.CallListID))
	}
	for _, t := range []struct {
		key string
		at  ingest.Time
	}{{"created", cb.CreationTime}, {"not_before", cb.NotBefore}, {"due", cb.DueDate},
		{"expiry", cb.ExpiryDate}, {"attempt", cb.LastAttemptTimestamp}} {
		if t.at != ingest.Unset {
			words = append(words, t.key+"="+at(t.at))
		}
	}
	if ev.Type == ingest.CallbackListStatus {
		p := ev.Published.Figures
		words = append(words, fmt.Sprintf("published=%v,%v,%v,%v", p[ingest.ListIsAutoAllocate], p[ingest.ListTotalActiveAgents],
			p[ingest.ListTotalAutoAllocateAgents], p[ingest.ListTotalServingAutoAllocateAgents]))
	}
	if cb.IsClosed {
		words = append(words, "closed")
	}
	if cb.AssignedUserID != uuid.Nil {
		words = append(words, "assigned="+Name(cb.AssignedUserID))
	}
	for _, a := range cb.Attempts {
		words = append(words, fmt.Sprintf("try=%d@%s", a.TypeID.Value, at(a.Timestamp)))
	}
	return words
}
