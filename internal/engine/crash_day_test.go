package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/sim"
)

// crashDay is a small simulated day as it lies in the topics, and what must come out of it.
type crashDay struct {
	settings   *aggregate.Settings
	partitions int
	logs       map[lane][]message // by offset
	order      []placed           // in which they are produced
	truth      *sim.Truth
	accounts   map[uuid.UUID]sent
	sent       int // messages, those that are rejected included
}

// lane is a topic's partition.
type lane struct {
	topic  string
	number int32
}

type placed struct {
	lane
	time ingest.Time
}

// message is a record, or, without a value, one that the transport itself rejects.
type message struct {
	value  string
	source string
	time   ingest.Time // when it was produced
}

// sent is what an organization's account must say.
type sent struct{ received, rejected int64 }

// cachedDays bounds how many days are kept.
const cachedDays = 32

var days struct {
	sync.Mutex
	made map[uint64]*crashDay
}

// crashDayOf returns one of a few days; every fourth comes in order and once.
func crashDayOf(seed uint64) *crashDay {
	seed %= cachedDays
	days.Lock()
	defer days.Unlock()
	if days.made == nil {
		days.made = map[uint64]*crashDay{}
	}
	if days.made[seed] == nil {
		days.made[seed] = newCrashDay(seed)
	}
	return days.made[seed]
}

// doubled repeats every third event a little later, unless that is so much later that the pacing of the topics could make
// it too late.
func doubled(events []sim.Event) (out []sim.Event) {
	const later, most = 7, 10 * time.Minute
	var clock ingest.Time
	for i, e := range events {
		clock = max(clock, e.At)
		if out = append(out, e); i >= later && i%3 == 0 && events[i-later].At.Add(30*time.Minute+most) > clock {
			out = append(out, events[i-later])
		}
	}
	return out
}

func newCrashDay(seed uint64) *crashDay {
	r := rand.New(rand.NewPCG(seed, 11))
	shuffled, organizations := seed%4 != 0, 1+int(seed/4%2)
	c := sim.DefaultConfig(seed + 100)
	c.Rates, c.Scale, c.Vendor.Every = sim.Everything(), .08/float64(organizations), 0
	// Calls are what corrections move: most events are to be of calls.
	c.Rates.CallbackByHand, c.Rates.Break, c.Rates.NoTerminals, c.Rates.Parked, c.Rates.Reattach = .2, .1, .02, .02, .02
	c.Start = c.Start.Add(7 * time.Hour)
	c.End = c.Start.Add(4 * time.Hour)
	c.Organizations = nil
	for range organizations {
		o := sim.NordicCare()
		o.Agents = o.Agents[:10/organizations]
		for i := range o.Agents {
			o.Agents[i].Outbound, o.Agents[i].Direct = o.Agents[i].Outbound/20, o.Agents[i].Direct/20
		}
		c.Organizations = append(c.Organizations, o)
	}
	s := sim.New(c)
	events := s.All()
	busy, last := events[:len(events)-organizations], events[len(events)-organizations:]
	if shuffled {
		busy = doubled(sim.Shuffle(busy, 30*time.Minute, seed))
	}
	d := &crashDay{settings: c.Settings(), partitions: 1 + int(seed/8%2), logs: map[lane][]message{}, truth: s.Truth(), accounts: map[uuid.UUID]sent{}}
	d.lay(r, busy, last)
	return d
}

// lay puts the events into the topics, and between them what is to be rejected.
func (d *crashDay) lay(r *rand.Rand, busy, last []sim.Event) {
	number := map[uuid.UUID]int32{}
	for _, e := range last { // one of each organization
		number[e.Org] = int32(len(number) % d.partitions)
	}
	var clock ingest.Time
	put := func(org uuid.UUID, l lane, m message, rejected bool) {
		m.time = clock
		d.logs[l] = append(d.logs[l], m)
		d.order = append(d.order, placed{l, clock})
		a := d.accounts[org]
		a.received++
		if rejected {
			a.rejected++
		}
		d.accounts[org] = a
		d.sent++
	}
	for i, e := range append(busy[:len(busy):len(busy)], last...) {
		clock = max(clock, e.At)
		l := lane{e.Topic, number[e.Org]}
		put(e.Org, l, message{value: string(e.JSON), source: ingest.SourceEnreach}, false)
		if i >= len(busy) {
			continue
		}
		switch r.IntN(150) {
		case 0:
			put(e.Org, l, message{value: string(e.JSON) + " ", source: ingest.SourceEnreach}, true) // the same Id, another body
		case 1:
			put(uuid.Nil, l, message{value: strings.Repeat("{", 1+i%7), source: ingest.SourceEnreach}, true)
		case 2:
			put(uuid.Nil, l, message{value: fmt.Sprint("message ", i), source: "nobody"}, true)
		case 3:
			put(uuid.Nil, l, message{}, true)
		}
	}
}

// differences compares what the views show with what must be there.
func (d *crashDay) differences(rows *aggregate.Rows, rejects int) (lines []string) {
	wanted, total := 0, sent{}
	for i := range rows.Accounting {
		a := &rows.Accounting[i]
		want := d.accounts[a.OrganizationID]
		if got := (sent{a.Received, a.Rejected}); got != want || a.Late != 0 {
			lines = append(lines, fmt.Sprintf("account of %v: %+v, want %+v and nothing late", a.OrganizationID, *a, want))
		}
		total.received, total.rejected = total.received+a.Received, total.rejected+a.Rejected
		a.Received, a.Rejected = a.Received-want.rejected, 0 // the simulation knows nothing of these
	}
	for _, a := range d.accounts {
		wanted += int(a.rejected)
	}
	if int(total.received) != d.sent || int(total.rejected) != wanted || rejects != wanted {
		lines = append(lines, fmt.Sprintf("the accounts have %d messages, %d of them rejected, and there are %d rejects; sent were %d, to be rejected %d",
			total.received, total.rejected, rejects, d.sent, wanted))
	}
	return append(lines, d.truth.Diff(rows)...)
}

// logSource is a partition as a worker sees it: the produced part of the day's topics.
type logSource struct {
	w          *world
	number     int32
	generation int32
	position   map[string]int64
	unknown    int // looks until the ends of the topics are known

	batch *ingest.Batch // met a full core
	at    int
}

var crashTopics = []string{sim.TopicCallback, sim.TopicQueue, sim.TopicUser}

// crashTopicID is Kafka's id of a topic. One has none, as where the broker is old.
func crashTopicID(topic string) uuid.UUID {
	if topic == sim.TopicCallback {
		return uuid.Nil
	}
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(topic))
}

func (s *logSource) end(topic string) int64 { return s.w.ends[lane{topic, s.number}] }

// read tells that everything produced has been delivered.
func (s *logSource) read() bool {
	for _, t := range crashTopics {
		if s.position[t] < s.end(t) {
			return false
		}
	}
	return s.batch == nil
}

// next returns up to n records of a topic, no later than a quarter of the lateness after what another has yet to deliver; nil
// where there are none.
func (s *logSource) next(r *rand.Rand, n int) *ingest.Batch {
	pace := ingest.Time(s.w.day.settings.Lateness / 100 / 4)
	first := ingest.OpenEnded
	timeOf := func(topic string) ingest.Time {
		l := lane{topic, s.number}
		if s.position[topic] >= s.end(topic) {
			return ingest.OpenEnded
		}
		return s.w.day.logs[l][s.position[topic]].time
	}
	for _, t := range crashTopics {
		first = min(first, timeOf(t))
	}
	var may []string
	for _, t := range crashTopics {
		if at := timeOf(t); at != ingest.OpenEnded && at <= first+pace {
			may = append(may, t)
		}
	}
	if len(may) == 0 {
		return nil
	}
	topic := may[r.IntN(len(may))]
	limit := ingest.OpenEnded
	for _, t := range crashTopics {
		if at := timeOf(t); t != topic && at != ingest.OpenEnded {
			limit = min(limit, at+pace)
		}
	}
	return s.deliver(topic, n, limit)
}

func (s *logSource) deliver(topic string, n int, limit ingest.Time) *ingest.Batch {
	log := s.w.day.logs[lane{topic, s.number}]
	at, end := s.position[topic], s.end(topic)
	b := &ingest.Batch{Topic: topic, TopicID: crashTopicID(topic), Partition: s.number, HighWatermark: end}
	for ; n > 0 && at < end && log[at].time <= limit; n-- {
		if m := &log[at]; m.source == "" {
			b.Rejects = append(b.Rejects, ingest.Reject{Position: ingest.Position{Topic: topic, Partition: s.number, Offset: at},
				Reason: ingest.RejectTooLarge, ReceivedAt: m.time})
		} else {
			b.Records = append(b.Records, ingest.Record{Offset: at, Value: []byte(m.value), Source: m.source, ReceivedAt: m.time})
		}
		at++
	}
	b.NextOffset, s.position[topic] = at, at
	return b
}
