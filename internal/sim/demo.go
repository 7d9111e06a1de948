package sim

import (
	"fmt"
	"strings"
	"time"

	"ringside/aggregate"
)

// DemoConfig returns DefaultConfig's centre with sites around the world and lines that never close, open on all days:
// whenever it is looked at, several queues are busy.
func DemoConfig(seed uint64) Config {
	c := DefaultConfig(seed)
	c.Scale = 1.25
	// A call that is never heard of again stands at the head of its queue for hours: right, but no first impression.
	c.Rates.GhostEntering, c.Rates.GhostWaiting, c.Rates.GhostRinging, c.Rates.GhostTalking = 0, 0, 0, 0
	o := &c.Organizations[0]
	o.Queues[6].PerDay = 420 // the emergency line has its share at night too
	for i := range o.Queues {
		openAllWeek(o.Queues[i].Hours)
	}
	for _, s := range demoSites {
		s.addTo(o)
	}
	nightAgents(o, 6)
	return c
}

// site is an office somewhere, and the lines that it answers.
type site struct {
	zone, culture, place string
	lines                []line
	agents               int
}

type line struct {
	name, group string
	perDay      float64
	threshold   int // s
	talk        float64
	hours       *aggregate.Hours
	flat        bool // callers come at all hours
}

// Threshold, load and crew are chosen so that each line has its quiet and its troubled hours.
var demoSites = []site{
	{"America/New_York", "en-US", "nyc", []line{
		{name: "Support New York", group: "Support", perDay: 460, threshold: 30, talk: 240, hours: officeHours(8*60, 19*60, 0)},
	}, 9},
	{"America/Los_Angeles", "en-US", "lax", []line{
		{name: "Sales Los Angeles", group: "Sales", perDay: 340, threshold: 20, talk: 260, hours: officeHours(8*60, 18*60, 0)},
	}, 7},
	{"Asia/Singapore", "en-SG", "sin", []line{
		{name: "Support Singapore", group: "Support", perDay: 420, threshold: 30, talk: 230, hours: officeHours(8*60, 19*60, 0)},
	}, 8},
	{"Australia/Sydney", "en-AU", "syd", []line{
		{name: "Service Sydney", group: "Service", perDay: 360, threshold: 20, talk: 220, hours: officeHours(8*60, 18*60, 0)},
	}, 7},
	{"Europe/London", "en-GB", "lon", []line{
		{name: "Travel assistance 24 h", group: "Support", perDay: 780, threshold: 20, talk: 210, hours: allHours(), flat: true},
		{name: "Card blocking 24 h", group: "Support", perDay: 900, threshold: 10, talk: 110, hours: allHours(), flat: true},
	}, 0},
}

func allHours() *aggregate.Hours {
	h := &aggregate.Hours{}
	for d := range h.Open {
		h.Open[d] = []aggregate.MinuteSpan{{From: 0, To: 1440}}
	}
	return h
}

// openAllWeek makes every day a working day.
func openAllWeek(h *aggregate.Hours) {
	if h != nil {
		h.Open[time.Saturday], h.Open[time.Sunday] = h.Open[time.Monday], h.Open[time.Monday]
	}
}

func (s *site) addTo(o *Organization) {
	first := len(o.Queues)
	for _, l := range s.lines {
		openAllWeek(l.hours)
		q := service(l.name, s.zone, s.culture, l.perDay, l.threshold, l.talk, l.hours, l.group, s.place)
		if l.flat {
			q.Curve = [24]float64{}
		}
		o.Queues = append(o.Queues, q)
	}
	shifts := [][2]int{{8 * 60, 16 * 60}, {9 * 60, 17 * 60}, {10 * 60, 18 * 60}, {11 * 60, 19 * 60}}
	for i := range s.agents {
		shift := shifts[i%len(shifts)]
		o.Agents = append(o.Agents, Agent{Name: demoName(s.place, i), Number: fmt.Sprintf("+1555%06d", first*1000+i), Queues: []int{first},
			Priority: 1, Region: s.zone, From: shift[0], To: shift[1], Callback: i == 1, Outbound: .5, Direct: .3})
	}
}

func demoName(place string, i int) string {
	return strings.ToLower(firstNames[(i*7+len(place)*int(place[0]))%len(firstNames)] + "." + lastNames[(i*5+int(place[1]))%len(lastNames)] + fmt.Sprint(i) + "@" + place + ".nordiccare.example")
}

// nightAgents answer the lines that never close: the emergency line, and those of the last site.
func nightAgents(o *Organization, emergency int) {
	lines := len(o.Queues)
	for i := range 5 {
		o.Agents = append(o.Agents, Agent{Name: demoName("night", i), Number: fmt.Sprintf("+44207%06d", 900_000+i),
			Queues: []int{lines - 1 - i%2, lines - 2 + i%2, emergency}, Priority: 1 + i%2, Region: "Europe/London"})
	}
}
