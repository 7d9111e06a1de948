package enreach

import (
	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/scan"
)

// list reads an array of objects, entry by entry with read, which is called within the object and reads all of it. null
// entries are passed over. The array is Wrong if it is none, or if an entry is no object or read calls it Wrong.
func (d *Decoder) list(e *ingest.Event, read func(*Decoder, *ingest.Event) scan.Shape) scan.Shape {
	s := &d.scanner
	kind := s.Kind()
	if kind != scan.Array || !s.Enter() {
		if s.Skip() && kind == scan.Null {
			return scan.Absent
		}
		return scan.Wrong
	}
	shape := scan.Found
	for s.Next() {
		if s.Kind() == scan.Null {
			continue
		}
		if s.Kind() != scan.Object || !s.Enter() || read(d, e) == scan.Wrong {
			shape = scan.Wrong
		}
	}
	return shape
}

// attachedUsers reads QueueAttachedUsers.AttachedUsers.
func (d *Decoder) attachedUsers(e *ingest.Event) scan.Shape {
	if d.scanner.Kind() == scan.Array {
		e.AttachedUsers = e.AttachedUsers[:0]
		e.HasAttachedUsers = true
	}
	return d.list(e, (*Decoder).attachedUser)
}

// attachedUser reads one entry; one without UserId names nobody and is passed over.
func (d *Decoder) attachedUser(e *ingest.Event) scan.Shape {
	var user ingest.AttachedUser
	s, shape := &d.scanner, scan.Found
	for s.Next() {
		var member scan.Shape
		switch string(s.Key()) {
		case "UserId":
			member = s.UUID(&user.UserID)
		case "Active":
			member = d.bool(&user.Active)
		case "Priority":
			member = d.int32(&user.Priority)
		}
		if member == scan.Wrong {
			shape = scan.Wrong
		}
	}
	if shape == scan.Found && user.UserID != uuid.Nil {
		e.AttachedUsers = append(e.AttachedUsers, user)
	}
	return shape
}

// queueGroups reads QueueChanged.QueueGroups.
func (d *Decoder) queueGroups(e *ingest.Event) scan.Shape {
	if d.scanner.Kind() == scan.Array {
		e.QueueGroups = e.QueueGroups[:0]
		e.HasQueueGroups = true
	}
	return d.list(e, (*Decoder).queueGroup)
}

// queueGroup reads one entry. A group may have no Id.
func (d *Decoder) queueGroup(e *ingest.Event) scan.Shape {
	var group ingest.QueueGroup
	s, shape := &d.scanner, scan.Found
	for s.Next() {
		var member scan.Shape
		switch string(s.Key()) {
		case "Id":
			member = s.UUID(&group.ID)
		case "Name":
			member = d.text(&group.Name)
		}
		if member == scan.Wrong {
			shape = scan.Wrong
		}
	}
	if shape == scan.Found {
		e.QueueGroups = append(e.QueueGroups, group)
	}
	return shape
}

// callbackAttempts reads CallbackChanged.CallbackAttempts.
func (d *Decoder) callbackAttempts(e *ingest.Event) scan.Shape {
	if d.scanner.Kind() == scan.Array {
		e.Callback.Attempts = e.Callback.Attempts[:0]
	}
	return d.list(e, (*Decoder).callbackAttempt)
}

// callbackAttempt reads one entry. What of it cannot be read counts as absent: that something was tried remains true.
func (d *Decoder) callbackAttempt(e *ingest.Event) scan.Shape {
	var attempt ingest.CallbackAttempt
	s := &d.scanner
	for s.Next() {
		switch string(s.Key()) {
		case "Timestamp":
			d.time(&attempt.Timestamp)
		case "CallbackAttemptTypeId":
			d.optInt(&attempt.TypeID)
		case "UserId":
			s.UUID(&attempt.UserID)
		case "CallId":
			s.UUID(&attempt.CallID)
		}
	}
	e.Callback.Attempts = append(e.Callback.Attempts, attempt)
	return scan.Found
}
