package oracle

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// structure: what each event says of queues, their groups and their agents, "a row per event"; of names the earliest
// instant "of each name and UTC date"; of lists of callbacks the first and the last event, and what the vendor's last
// CallbackListStatus says.
func (o *orgFold) structure() {
	rows := &o.result.Rows
	lists := map[uuid.UUID]*aggregate.CallListRow{}
	for _, f := range o.all { // by (Timestamp, Id)
		ev := f.ev
		o.name(aggregate.NameOfQueue, ev.QueueID, ev.QueueName, f)
		o.name(aggregate.NameOfAgent, ev.UserID, ev.UserName, f)
		if ev.CallListID != uuid.Nil {
			l := lists[ev.CallListID]
			if l == nil {
				l = &aggregate.CallListRow{OrganizationID: o.id, ListID: ev.CallListID, FirstSeen: f.at(), AutoAllocate: aggregate.Null}
				lists[ev.CallListID] = l
			}
			l.LastSeen = f.at()
			if ev.Type == ingest.CallbackListStatus {
				l.AutoAllocate = aggregate.Null
				if !ev.Published.Null[ingest.ListIsAutoAllocate] {
					l.AutoAllocate = int32(ev.Published.Figures[ingest.ListIsAutoAllocate])
				}
			}
		}
		if ev.QueueID == uuid.Nil {
			continue
		}
		attachment := aggregate.AttachmentRow{OrganizationID: o.id, QueueID: ev.QueueID, ChangedAt: f.at(), Tick: uint8(f.ts % 10), EventID: ev.ID}
		switch ev.Type {
		case ingest.QueueChanged:
			rows.QueueChanges = append(rows.QueueChanges, o.queueChange(f))
		case ingest.UserQueueAttached:
			if ev.UserID != uuid.Nil {
				attachment.Agents, attachment.Attached, attachment.Active = []uuid.UUID{ev.UserID}, []bool{!ev.Deleted}, []bool{ev.Active}
				rows.Attachments = append(rows.Attachments, attachment)
			}
		case ingest.QueueAttachedUsers:
			if !ev.HasAttachedUsers {
				continue // "null: no change"
			}
			attachment.Whole = true
			for _, u := range ev.AttachedUsers {
				attachment.Agents = append(attachment.Agents, u.UserID)
				attachment.Attached, attachment.Active = append(attachment.Attached, true), append(attachment.Active, u.Active)
			}
			rows.Attachments = append(rows.Attachments, attachment)
		}
	}
	for _, l := range lists {
		rows.ListDim = append(rows.ListDim, *l)
	}
}

func (o *orgFold) name(kind aggregate.NameKind, id uuid.UUID, name []byte, f fact) {
	if id == uuid.Nil || len(name) == 0 {
		return
	}
	row := aggregate.NameRow{OrganizationID: o.id, Kind: kind, ID: id, Name: string(name), Date: int32(floorDiv(f.at(), microsPerDay)), SeenAt: f.at()}
	o.result.Rows.Names = append(o.result.Rows.Names, row)
}

func (o *orgFold) queueChange(f fact) aggregate.QueueChangeRow {
	ev := f.ev
	row := aggregate.QueueChangeRow{OrganizationID: o.id, QueueID: ev.QueueID, ChangedAt: f.at(), Tick: uint8(f.ts % 10), EventID: ev.ID,
		QueueName: string(ev.QueueName), Region: string(ev.Region), TimeZone: "UTC", Deleted: ev.Deleted}
	for _, g := range ev.QueueGroups {
		row.Groups, row.GroupNames = append(row.Groups, g.ID), append(row.GroupNames, string(g.Name))
	}
	for _, region := range []string{row.Region, o.s.Rules(o.id, ev.QueueID, nil).Zone} {
		if zone, ok := o.s.Zone(region); ok && region != "" {
			row.TimeZone = zone.String()
			break
		}
	}
	return row
}

// EarliestNames leaves one row of each name and date, the earliest: more of them say nothing.
func EarliestNames(rows []aggregate.NameRow) []aggregate.NameRow {
	earliest := map[aggregate.NameRow]int64{}
	for _, r := range rows {
		at := r.SeenAt
		r.SeenAt = 0
		if known, ok := earliest[r]; !ok || at < known {
			earliest[r] = at
		}
	}
	var out []aggregate.NameRow
	for r, at := range earliest {
		r.SeenAt = at
		out = append(out, r)
	}
	return out
}

func sortStructure(r *aggregate.Rows) {
	slices.SortFunc(r.QueueChanges, func(a, b aggregate.QueueChangeRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.ChangedAt, b.ChangedAt), compareIDs(a.EventID, b.EventID))
	})
	slices.SortFunc(r.Attachments, func(a, b aggregate.AttachmentRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.ChangedAt, b.ChangedAt), compareIDs(a.EventID, b.EventID))
	})
	slices.SortFunc(r.Names, func(a, b aggregate.NameRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), cmp.Compare(a.Kind, b.Kind), compareIDs(a.ID, b.ID),
			cmp.Compare(a.Date, b.Date), cmp.Compare(a.Name, b.Name), cmp.Compare(a.SeenAt, b.SeenAt))
	})
	slices.SortFunc(r.ListDim, func(a, b aggregate.CallListRow) int {
		return cmp.Or(compareIDs(a.OrganizationID, b.OrganizationID), compareIDs(a.ListID, b.ListID))
	})
}
