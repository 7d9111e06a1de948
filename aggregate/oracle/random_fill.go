package oracle

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// anything is every type of call fact, the more telling ones several times.
var anything = func() []ingest.Type {
	var types []ingest.Type
	for t := range ingest.NumTypes {
		if !isCallFact(t) && t != ingest.UserSupervisionStatus {
			continue
		}
		n := 1
		switch {
		case t == ingest.QueueCallInArrived || t == ingest.QueueCallInUserConnected || t == ingest.QueueCallInUserAllocated:
			n = 5
		case strings.HasPrefix(t.String(), "QueueCallIn"):
			n = 3
		}
		for range n {
			types = append(types, t)
		}
	}
	return types
}()

// course is a likely sequence of facts.
func (r *Random) course() []ingest.Type {
	if r.IntN(6) == 0 {
		return []ingest.Type{ingest.QueueUserCallOutGoing, ingest.QueueUserCallOutConnected, ingest.QueueUserCallOutHoldStart,
			ingest.QueueUserCallOutHoldEnd, ingest.QueueUserCallOutDisconnected, ingest.UserWrapUpStarted}
	}
	types := []ingest.Type{ingest.QueueCallInComing}
	if r.IntN(3) == 0 {
		types = append(types, ingest.QueueCallBlockingPromptStarted)
	}
	types = append(types, ingest.QueueCallInArrived)
	for range r.IntN(3) {
		types = append(types, ingest.QueueCallInUserAllocated, pick(r, ingest.QueueCallInUserCancelled,
			ingest.QueueCallBlockingPromptStarted, ingest.QueueCallInOverflow, ingest.QueueCallInCallbackCreated))
	}
	if r.IntN(4) > 0 {
		types = append(types, ingest.QueueCallInUserAllocated, ingest.QueueCallInUserConnected)
		if r.IntN(2) == 0 {
			types = append(types, ingest.QueueCallInHoldStart, ingest.UserCallInHoldStart, ingest.QueueCallInHoldEnd)
		}
		if r.IntN(3) == 0 {
			types = append(types, pick(r, ingest.QueueCallInTransferStarted, ingest.UserCallInTransferStarted),
				pick(r, ingest.QueueCallInTransferConnected, ingest.UserCallInTransferConnected, ingest.QueueCallInArrived,
					ingest.QueueCallInTransferCancelled, ingest.UserCallInComing))
		}
	}
	types = append(types, pick(r, ingest.QueueCallInDisconnected, ingest.QueueCallInDisconnected, ingest.UserCallInDisconnected,
		ingest.QueueCallInOverflow, ingest.QueueCallInScheduleClosed))
	if r.IntN(2) == 0 {
		types = append(types, ingest.UserWrapUpStarted)
	}
	if r.IntN(2) == 0 {
		types = append(types, ingest.UserWrapUpTerminated)
	}
	return types
}

// fill gives an event the fields of its type.
func (r *Random) fill(ev *ingest.Event, queue, user uuid.UUID) {
	name := ev.Type.String()
	if strings.HasPrefix(name, "Queue") || strings.HasPrefix(name, "UserWrapUp") || ev.Type == ingest.UserSupervisionStatus {
		ev.QueueID, ev.QueueName = queue, []byte(Name(queue))
		if len(r.queues) > 1 && queue == r.queues[len(r.queues)-1] {
			ev.View, ev.Channel = ingest.ViewFromOffer, ingest.ChannelChat
		}
	}
	legs := [][]byte{nil, nil, []byte("caller"), []byte("caller"), []byte("leg-" + Name(user)), []byte("unknown"), []byte("boss")}
	switch {
	case ev.Type == ingest.UserSupervisionStatus:
		ev.SupervisorUserID, ev.SupervisorLegID = ID("user", "boss"), pick(r, nil, []byte("boss"))
	case strings.Contains(name, "Connected") && !strings.Contains(name, "Disconnected") && !strings.Contains(name, "Transfer"):
		ev.UserID, ev.AgentLegID = user, pick(r, nil, []byte("leg-"+Name(user)))
	case strings.Contains(name, "Disconnected"):
		ev.LegID = pick(r, legs...)
		ev.Reason = pick(r, nil, []byte("remote"), []byte("local"))
		if strings.HasPrefix(name, "User") || strings.Contains(name, "Out") {
			ev.UserID = user
		}
	case strings.Contains(name, "BlockingPrompt"):
		ev.Reason = pick(r, []byte("MandatoryEnter"), []byte("MandatoryEnter"), []byte("Other"))
		if strings.HasPrefix(name, "User") {
			ev.UserID = user
		}
	case strings.HasPrefix(name, "User") || strings.Contains(name, "User") || strings.Contains(name, "Hold"):
		ev.UserID = user
	}
	if ev.Type == ingest.QueueCallInUserCancelled || ev.Type == ingest.UserCallInUserCancelled {
		ev.Reason = pick(r, nil, []byte("remote"), []byte("local"), []byte("Local"))
	}
	switch ev.Type {
	case ingest.QueueCallInComing, ingest.QueueCallInArrived:
		ev.LegID = pick(r, nil, []byte("caller"))
	case ingest.UserWrapUpStarted, ingest.UserWrapUpEnabled:
		ev.MaxWrapUpDurationSec = ingest.OptInt{Value: int32(pick(r, 5, 30, 300)), Valid: true}
	case ingest.UserWrapUpTerminated:
		ev.ElapsedTimeSec = ingest.OptInt{Value: int32(r.IntN(60)), Valid: r.IntN(4) > 0}
	case ingest.QueueCallInOverflow, ingest.UserCallInOverflow:
		ev.OverflowReason = pick(r, nil, []byte("QueueFull"), []byte("NoAvailableProviders"), []byte("UserActivelyDeclined"))
		ev.OverflowType = pick(r, nil, []byte("ActPreEnter"), []byte("AdHoc_7"), []byte("QueueOverflowDefault"))
	case ingest.QueueCallInCallbackCreated, ingest.UserCallInCallbackCreated, ingest.CallbackUserCallOutGoing,
		ingest.CallbackUserCallOutConnected, ingest.CallbackUserCallOutDisconnected:
		ev.CallBackID = r.callback(ev.CallID)
	}
}

// callback names one of the two callbacks that a call may lead to.
func (r *Random) callback(call uuid.UUID) uuid.UUID {
	return ID("callback", "cb-"+Name(call)+pick(r, "-a", "-b"))
}

// callbackChanged makes a change of the callback that created names, while its call is held for sure.
func (r *Random) callbackChanged(created *ingest.Event) *ingest.Event {
	ev := r.event(ingest.CallbackChanged, created.Timestamp.Add(time.Duration(r.IntN(60_000))*time.Millisecond))
	ev.CallID, ev.CallBackID = created.CallID, created.CallBackID
	ev.Callback.Modified = ev.Timestamp.Add(time.Duration(r.IntN(100)) * time.Second)
	ev.Callback.TypeID = ingest.OptInt{Value: int32(1 + r.IntN(2)), Valid: r.IntN(4) > 0}
	r.fillCallback(ev)
	return ev
}

// setting makes an event of no call: of queues and agents.
func (r *Random) setting() *ingest.Event {
	at := r.start.Add(time.Duration(r.IntN(5000))*time.Second + time.Duration(r.IntN(1000))*time.Microsecond)
	queue, user := pick(r, r.queues...), pick(r, r.users...)
	chance := func() bool { return r.IntN(4) > 0 }
	switch r.IntN(5) {
	case 0:
		ev := r.event(ingest.QueueChanged, at)
		ev.Deleted = r.IntN(6) == 0
		for _, name := range []string{"g1", "g2"} {
			if !chance() {
				ev.QueueGroups = append(ev.QueueGroups, ingest.QueueGroup{ID: ID("group", name), Name: []byte(pick(r, name, "renamed"))})
			}
		}
		ev.QueueID, ev.QueueName, ev.Updated = queue, []byte(Name(queue)), true
		ev.Region = pick(r, nil, []byte("UTC"), []byte("Europe/Helsinki"), []byte("Asia/Kathmandu"), []byte("America/New_York"),
			[]byte("Australia/Lord_Howe"), []byte("Nowhere/Known"))
		return ev
	case 1:
		ev := r.event(ingest.UserQueueAttached, at)
		ev.QueueID, ev.UserID, ev.Active, ev.Deleted = queue, user, chance(), r.IntN(5) == 0
		return ev
	case 2:
		ev := r.event(ingest.QueueAttachedUsers, at)
		ev.QueueID, ev.HasAttachedUsers = queue, chance()
		for _, u := range r.users {
			if ev.HasAttachedUsers && chance() {
				ev.AttachedUsers = append(ev.AttachedUsers, ingest.AttachedUser{UserID: u, Active: chance()})
			}
		}
		return ev
	case 3:
		ev := r.event(ingest.CallbackListStatus, at)
		ev.CallListID = ID("list", pick(r, "l1", "l2"))
		ev.Published.Figures[ingest.ListIsAutoAllocate] = float64(r.IntN(2))
		ev.Published.Null[ingest.ListIsAutoAllocate] = !chance()
		return ev
	}
	ev := r.event(ingest.UserStatus, at)
	ev.UserID, ev.UserName = user, []byte(pick(r, "", "ann", "bob"))
	ev.Status = ingest.UserState{CanBeAllocatedTo: chance(), Talking: !chance(), Available: chance(), Schedule: chance(),
		Serving: chance(), ServingCallback: chance(), FetchMode: !chance(), ServiceTerminals: int32(r.IntN(3)), ParkedCalls: int32(r.IntN(4) / 3)}
	return ev
}

// ofAgent makes an event that says what an agent does, or asks for a call.
func (r *Random) ofAgent() *ingest.Event {
	at := r.start.Add(time.Duration(r.IntN(6000))*time.Second + time.Duration(r.IntN(2)*r.IntN(1000))*time.Millisecond)
	if r.IntN(4) == 0 {
		at -= at % (900 * ingest.TicksPerSecond) // at a boundary
	}
	later := func() ingest.Time { return at.Add(time.Duration(r.IntN(2000)-100) * time.Second) }
	chance := func() bool { return r.IntN(4) > 0 }
	var ev *ingest.Event
	switch r.IntN(4) {
	case 0:
		ev = r.event(ingest.UserAvailability, at)
		ev.Availability = pick(r, nil, []byte("Available"), []byte("available"), []byte("OffWork"), []byte("BRB"), []byte("Busy"))
		ev.StartTime, ev.EndTime = pick(r, ingest.Unset, at, later()), pick(r, ingest.Unset, ingest.OpenEnded, later())
	case 1:
		ev = r.event(pick(r, ingest.UserCallAllocationRequest, ingest.UserCallAllocationResponse), at)
		ev.AllocationType = pick(r, nil, []byte("allocate"), []byte("allocated"), []byte("NoCalls"), []byte("agentunavailable"))
	default:
		ev = r.event(ingest.UserStatus, at)
		ev.Status = ingest.UserState{CanBeAllocatedTo: chance(), Talking: !chance(), Available: chance(), Schedule: chance(), Serving: chance(), ServiceTerminals: 1}
		if !chance() {
			ev.Status.WrapUpStart, ev.Status.WrapUpEnd = at, pick(r, ingest.Unset, later())
		}
	}
	ev.UserID = pick(r, r.users...)
	return ev
}
