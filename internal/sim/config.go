package sim

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// The topics of the events.
const (
	TopicQueue    = "queue-events"
	TopicUser     = "user-events"
	TopicCallback = "callback-events"
)

// Event is one message of the simulated vendor.
type Event struct {
	At    ingest.Time // the Timestamp in JSON
	Type  ingest.Type
	Topic string
	Org   uuid.UUID
	ID    uuid.UUID
	JSON  []byte // not reused: it may be kept, and must not be changed
}

// Config describes a run. The zero value of a field means what is said with it.
type Config struct {
	Seed  uint64
	Start time.Time // the first event's time; usually a local midnight
	End   time.Time // callers stop coming; what is under way runs to its end, then Next returns false. Zero: never
	// Settle, with End: one last message 14 hours after everything has ended moves the horizon past every ghost call.
	Settle bool

	Organizations []Organization
	Scale         float64 // multiplies the callers of every queue; 0 means 1
	Rates         Rates
	Vendor        Vendor

	// Mute writes no JSON and returns no events: for long runs that are only observed.
	Mute bool
	// Forget drops a visit's record once it cannot change any more, so that a run may go on for weeks; Truth and
	// StatusAt then know only what is still kept.
	Forget bool
	// Observe, if set, is given each visit when it ends. A wrap-up is yet to come then, and a late message may yet
	// change the outcome.
	Observe func(*Visit)
}

// Organization is one tenant.
type Organization struct {
	ID        uuid.UUID // nil: derived from Config.Seed
	Name      string
	Queues    []Queue
	Agents    []Agent
	CallLists []CallList
}

// Queue is one service queue.
type Queue struct {
	Name      string
	Number    string
	Region    string // IANA name, sent in QueueChanged; "" means UTC
	Culture   string
	Groups    []string // names; equal names are the same group within the organization
	Threshold time.Duration
	Short     time.Duration // short-abandon threshold; 0 means Threshold
	Target    float64       // percent
	Hours     *aggregate.Hours
	NoHours   bool // keep Hours from the engine's settings: the open status is then an estimate

	PerDay float64     // callers on a weekday, before Scale
	Curve  [24]float64 // relative arrival rate by local hour; all zero: even over the day
	IVR    bool        // callers only choose here and go on to another queue

	Talk     float64 // mean seconds
	Patience float64 // mean seconds until a waiting caller gives up; 0: for ever
	WrapUp   float64 // mean seconds; 0: none
	MaxWrap  int     // MaxWrapUpDurationSec
	// Exponential draws talk times from the exponential distribution instead of the lognormal one, and lets agents
	// answer at once: the assumptions of the Erlang formulas.
	Exponential bool
}

// Agent is one user of the organization.
type Agent struct {
	Name     string // e-mail address, the vendor's UserName
	Number   string
	Queues   []int // indexes into Organization.Queues
	Priority int
	Region   string // zone of the shift; "" means UTC
	From, To int    // shift in minutes of the local day; both 0: always there
	Fetch    bool   // asks for calls instead of being given them
	Callback bool   // works callback lists
	Outbound float64
	// Outbound is the number of outbound queue calls an hour on duty, Direct of calls of the agent's own.
	Direct float64
}

// CallList is a callback list.
type CallList struct {
	Name         string
	AutoAllocate bool
}

// Vendor decides what the simulated vendor publishes about itself. The zero value publishes nothing.
type Vendor struct {
	Every time.Duration // QueueStatus, QueueDailyCallMetrics and CallbackListStatus where they changed; 15 s in DefaultConfig

	// Readings of the choices of METRICS.md other than Ringside's defaults.
	CountPassedThrough bool   // InboundTotalCalls counts calls on their way through an IVR
	AbandonsRejected   bool   // InboundRejectedCalls counts abandoned calls too
	TalkWithHold       bool   // talk times include holds
	Level              string // service level variant; "" means ignore_short_abandons
	ExpiresToday       bool   // ExpiresIn24h means the rest of the UTC day
	LocalZone          string // times that name no zone are those of this one's clocks; "" means UTC
	// CalleeLeg has the agent's own leg of an outbound queue call connected first, and told. The called party answers when
	// another leg is. Ringside, by its defaults, takes the first for the answer, and so does Truth.
	CalleeLeg bool

	// Misses, if not 0, has the daily figures miss the calls that Missed tells, about one in so many.
	Misses int
}

// Missed tells whether a call is in no day's figures.
func (v *Vendor) Missed(call uuid.UUID) bool {
	return v.Misses != 0 && mix(binary.LittleEndian.Uint64(call[:]))%uint64(v.Misses) == 0
}

// Settings returns the engine's settings under which the truth holds.
func (c *Config) Settings() *aggregate.Settings {
	cfg := resolve(*c)
	rules := map[[2]uuid.UUID]aggregate.QueueRules{}
	for i := range cfg.Organizations {
		o := &cfg.Organizations[i]
		for j := range o.Queues {
			q := &o.Queues[j]
			r := aggregate.QueueRules{Threshold: q.Threshold, ShortAbandon: q.short(), Target: q.Target, Zone: q.Region}
			if !q.NoHours {
				r.Hours = q.Hours
			}
			rules[[2]uuid.UUID{o.ID, queueID(cfg.Seed, i, j)}] = r
		}
	}
	s := aggregate.DefaultSettings()
	s.Rules = func(organization, queue uuid.UUID, _ []uuid.UUID) aggregate.QueueRules {
		return rules[[2]uuid.UUID{organization, queue}]
	}
	s.Zone = func(region string) (*time.Location, bool) {
		if region == "" {
			return nil, false
		}
		l, err := time.LoadLocation(region)
		return l, err == nil
	}
	return s
}

func (q *Queue) short() time.Duration {
	if q.Short > 0 {
		return q.Short
	}
	return q.Threshold
}

// resolve fills in what Config leaves to its defaults.
func resolve(c Config) Config {
	if c.Scale == 0 {
		c.Scale = 1
	}
	orgs := make([]Organization, len(c.Organizations))
	copy(orgs, c.Organizations)
	for i := range orgs {
		if orgs[i].ID == uuid.Nil {
			orgs[i].ID = deriveID(c.Seed, kindOrganization, i, 0)
		}
	}
	c.Organizations = orgs
	return c
}

// Names returns the names of the organizations, which no event carries.
func (c *Config) Names() map[uuid.UUID]string {
	names := map[uuid.UUID]string{}
	for _, o := range resolve(*c).Organizations {
		names[o.ID] = o.Name
	}
	return names
}

type idKind uint64

const (
	kindOrganization idKind = iota + 1
	kindQueue
	kindAgent
	kindList
	kindGroup
)

func queueID(seed uint64, organization, queue int) uuid.UUID {
	return deriveID(seed, kindQueue, organization, queue)
}

// groupID is the same for equal names within an organization.
func groupID(seed uint64, organization int, name string) uuid.UUID {
	h := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	return deriveID(seed, kindGroup, organization, int(h&0xfffffff))
}

// deriveID gives entities ids that depend on the seed and their place in the Config only.
func deriveID(seed uint64, kind idKind, a, b int) uuid.UUID {
	h := mix(seed ^ uint64(kind)<<56 ^ uint64(a)<<28 ^ uint64(b))
	return makeID(h, mix(h+0x9e3779b97f4a7c15))
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// makeID packs two random words into a version 4 UUID.
func makeID(a, b uint64) (id uuid.UUID) {
	for i := range 8 {
		id[i] = byte(a >> (8 * i))
		id[8+i] = byte(b >> (8 * i))
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}
