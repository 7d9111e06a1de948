package aggregate

import (
	"github.com/google/uuid"

	"ringside/ingest"
)

// The history of the structure, of names, groups and attachments, is kept as what each event says, a row per event, and
// put together by the store's views: a row that says what one event says does not depend on the events before it, so that
// neither order nor duplicates nor restarts change the history. Names have no event of their own; of them the earliest
// instant of each name and UTC date is handed out.

// QueueChangeRow is one row of `queue_changes`: what one QueueChanged says. Key: organization, queue, ChangedAt, EventID.
type QueueChangeRow struct {
	OrganizationID uuid.UUID
	QueueID        uuid.UUID
	ChangedAt      int64 // µs
	Tick           uint8 // the seventh digit of the instant, which orders events of one microsecond
	EventID        uuid.UUID
	QueueName      string
	Region         string
	TimeZone       string // IANA name
	Groups         []uuid.UUID
	GroupNames     []string
	Deleted        bool
}

// AttachmentRow is one row of `queue_attachments`: what one UserQueueAttached or QueueAttachedUsers says. Key:
// organization, queue, ChangedAt, EventID.
type AttachmentRow struct {
	OrganizationID uuid.UUID
	QueueID        uuid.UUID
	ChangedAt      int64 // µs
	Tick           uint8
	EventID        uuid.UUID
	Whole          bool // the list is of all agents attached: who is not in it is attached no more
	Agents         []uuid.UUID
	Attached       []bool // of each agent
	Active         []bool
}

// NameKind says whose name it is.
type NameKind uint8

// The kinds, in the order of the store's Enum8.
const (
	NameOfQueue NameKind = iota
	NameOfAgent
)

// NameRow is one row of `seen_names`: the earliest event of a UTC date that calls something by a name. Key: organization, kind,
// ID, Date, Name, SeenAt; of several rows that differ in SeenAt alone the earliest counts.
type NameRow struct {
	OrganizationID uuid.UUID
	Kind           NameKind
	ID             uuid.UUID // of the queue or agent
	Name           string
	Date           int32 // days since 1970-01-01, UTC
	SeenAt         int64 // µs
}

const (
	structureRowBytes   = 250 // of a row that waits to be drained
	structureEntryBytes = 20  // of an agent or group in it
)

// hold counts a row of n entries that waits to be drained.
func (c *Core) hold(n int) { c.pendingBytes += structureRowBytes + int64(n)*structureEntryBytes }

func tickOf(at int64) uint8 { return uint8(at - micros(at)*10) }

// noteChange hands out what a QueueChanged says.
func (q *queue) noteChange(ch *queueChange, name []byte) {
	c := q.org.c
	r := QueueChangeRow{OrganizationID: q.org.id, QueueID: q.id, ChangedAt: micros(ch.at), Tick: tickOf(ch.at), EventID: ch.id,
		QueueName: c.words.word(name), Region: ch.region, TimeZone: q.fallback.String(), Groups: ch.groups, GroupNames: ch.names,
		Deleted: ch.deleted}
	if ch.zone != nil {
		r.TimeZone = ch.zone.String()
	}
	c.pending.QueueChanges = append(c.pending.QueueChanges, r)
	c.hold(3 * len(r.Groups))
}

// noteAttachment hands out what an event says of the agents attached to the queue.
func (q *queue) noteAttachment(r AttachmentRow, at int64, id uuid.UUID) {
	c := q.org.c
	r.OrganizationID, r.QueueID, r.ChangedAt, r.Tick, r.EventID = q.org.id, q.id, micros(at), tickOf(at), id
	c.pending.Attachments = append(c.pending.Attachments, r)
	c.hold(len(r.Agents))
}

func (q *queue) noteAttached(a *agent, ms membership, at int64, id uuid.UUID) {
	q.noteAttachment(AttachmentRow{Agents: []uuid.UUID{a.id}, Attached: []bool{ms.attached}, Active: []bool{ms.active}}, at, id)
}

func (q *queue) noteAttachedList(users []ingest.AttachedUser, at int64, id uuid.UUID) {
	r := AttachmentRow{Whole: true, Agents: make([]uuid.UUID, len(users)), Attached: make([]bool, len(users)), Active: make([]bool, len(users))}
	for i := range users {
		r.Agents[i], r.Attached[i], r.Active[i] = users[i].UserID, true, users[i].Active
	}
	q.noteAttachment(r, at, id)
}

// sightings are the names by which something was called last, with the earliest instant of each on its date. They are only
// to spare rows: whoever has forgotten them hands out rows that change nothing.
type sightings [2]sighting

type sighting struct {
	name string
	date int32
	at   int64 // ticks
}

// note tells whether an event is the earliest known of its date that carries the name.
func (s *sightings) note(name []byte, at int64, words words) (earliest bool) {
	date := utcDate(micros(at))
	for i := range s {
		if known := &s[i]; known.at != 0 && known.date == date && known.name == string(name) {
			if earliest = at < known.at; earliest {
				known.at = at
			}
			return earliest
		}
	}
	s[1] = s[0]
	s[0] = sighting{words.word(name), date, at}
	return true
}

// noteSighting hands out a name where an event is the earliest of its date to carry it.
func (o *org) noteSighting(s *sightings, kind NameKind, id uuid.UUID, name []byte, at int64) {
	if !s.note(name, at, o.c.words) {
		return
	}
	us := micros(at)
	o.c.pending.Names = append(o.c.pending.Names, NameRow{OrganizationID: o.id, Kind: kind, ID: id, Name: o.c.words.word(name),
		Date: utcDate(us), SeenAt: us})
	o.c.hold(0)
}

// drainStructure hands out what waits.
func (c *Core) drainStructure(rows *Rows) {
	p := &c.pending
	rows.QueueChanges = append(rows.QueueChanges, p.QueueChanges...)
	rows.Attachments = append(rows.Attachments, p.Attachments...)
	rows.Names = append(rows.Names, p.Names...)
	p.QueueChanges, p.Attachments, p.Names = emptied(p.QueueChanges), emptied(p.Attachments), emptied(p.Names)
	c.pendingBytes = 0
	for _, l := range c.dirtyListDims {
		l.dimDirty = false
		rows.ListDim = append(rows.ListDim, l.dimension())
	}
	c.dirtyListDims = c.dirtyListDims[:0]
}

// spareStructureRows is the greatest buffer of rows that is kept for the next ones.
const spareStructureRows = 256

func emptied[R any](rows []R) []R {
	if cap(rows) > spareStructureRows {
		return nil
	}
	clear(rows)
	return rows[:0]
}
