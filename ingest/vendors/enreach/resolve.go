package enreach

import (
	"github.com/google/uuid"

	"ringside/ingest"
)

// resolve fills in what depends on several members, in whatever order they came.
func (d *Decoder) resolve(e *ingest.Event) {
	s := &d.seen
	if e.OrganizationID == uuid.Nil && string(s.rootEntityType) == "Organization" {
		e.OrganizationID = s.rootEntityID
	}
	if e.UserID == uuid.Nil {
		e.UserID = s.allocatedUserID
	}
	switch string(s.entityType) {
	case "Queue":
		if e.QueueID == uuid.Nil {
			e.QueueID = e.EntityID
		}
	case "User":
		if e.UserID == uuid.Nil && e.Type != ingest.UserSupervisionStatus {
			e.UserID = e.EntityID
		}
	case "CallList":
		if e.CallListID == uuid.Nil {
			e.CallListID = e.EntityID
		}
	}
	switch e.Type {
	case ingest.QueueCallInTransferStarted, ingest.UserCallInTransferStarted:
		e.TransferTarget = s.transferTarget
	case ingest.QueueCallInTransferConnected, ingest.UserCallInTransferConnected:
		e.TransferTarget = s.connectedTarget
	case ingest.UserCallInUserOverflow:
		e.TransferTarget = s.target
	case ingest.UserQueueAttached:
		e.Deleted = s.deleted
	case ingest.QueueChanged:
		e.Deleted, e.Created = s.deleted, s.created
	case ingest.CallbackChanged:
		e.Callback.Created, e.Callback.TypeID = s.created, s.typeID
	case ingest.QueueStatus:
		d.publish(queueStatus, &e.Published)
	case ingest.QueueDailyCallMetrics:
		d.publish(queueDailyCallMetrics, &e.Published)
		e.Published.QueueDate = s.queueDate
	case ingest.CallbackListStatus:
		d.publish(callbackListStatus, &e.Published)
	}
}
