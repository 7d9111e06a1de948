package sim

import (
	"fmt"
	"strings"
	"time"

	"ringside/aggregate"
)

// DefaultConfig returns a mid-size centre: eight service queues and an IVR in three zones, 60 agents, two callback
// lists, realistic rates, the vendor publishing every 15 s. It runs through one day, a Wednesday.
func DefaultConfig(seed uint64) Config {
	start := time.Date(2026, 9, 16, 0, 0, 0, 0, location("Europe/Helsinki"))
	return Config{
		Seed: seed, Start: start, End: start.Add(24 * time.Hour), Settle: true,
		Organizations: []Organization{NordicCare()}, Rates: Realistic(), Vendor: Vendor{Every: 15 * time.Second},
	}
}

// officeCurve is the arrival rate of a service line by local hour: a peak in the morning, a lower one after lunch.
var officeCurve = [24]float64{.05, .03, .02, .02, .03, .1, .4, 2, 7, 10, 10, 9, 6.5, 7.5, 7.5, 6.5, 4.5, 2.5, 1.5, 1, .7, .4, .2, .1}

// NordicCare returns the organization of DefaultConfig.
func NordicCare() Organization {
	o := Organization{Name: "Nordic Care Oy", CallLists: []CallList{{Name: "Callbacks"}, {Name: "Campaign", AutoAllocate: true}}}
	helsinki, stockholm, london := "Europe/Helsinki", "Europe/Stockholm", "Europe/London"
	always := &aggregate.Hours{}
	for d := range always.Open {
		always.Open[d] = []aggregate.MinuteSpan{{From: 0, To: 1440}}
	}
	o.Queues = []Queue{
		service("Asiakaspalvelu", helsinki, "fi-FI", 900, 20, 180, officeHours(8*60, 18*60, 15*60), "Service", "FI"),
		service("Kundtjänst", stockholm, "sv-SE", 700, 20, 190, officeHours(8*60, 18*60, 14*60), "Service", "SE"),
		service("Customer service", london, "en-GB", 500, 30, 200, officeHours(8*60, 20*60, 16*60), "Service", "UK"),
		service("Sales \"Business\"", helsinki, "en-GB", 250, 15, 300, officeHours(9*60, 17*60, 0), "Sales", "FI"),
		service("Försäljning", stockholm, "sv-SE", 250, 15, 280, officeHours(9*60, 17*60, 0), "Sales", "SE"),
		service("Tekninen tuki", helsinki, "fi-FI", 350, 60, 420, officeHours(7*60, 21*60, 18*60), "Support", "FI"),
		service("Emergency repairs", london, "en-GB", 150, 10, 150, always, "Support", "UK"),
		service("Invoices", helsinki, "fi-FI", 200, 45, 240, officeHours(9*60, 16*60, 0), "Back office"),
		service("Main menu", helsinki, "fi-FI", 0, 20, 60, nil),
	}
	o.Queues[6].Curve = [24]float64{1, 1, 1, 1, 1, 1.5, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 2, 2, 1.5, 1}
	o.Queues[7].NoHours = true
	o.Queues[7].WrapUp = 0
	o.Queues[8].IVR = true
	o.Agents = nordicAgents([]string{helsinki, stockholm, london})
	return o
}

// service makes a queue with the usual settings.
func service(name, region, culture string, perDay float64, threshold int, talk float64, hours *aggregate.Hours, groups ...string) Queue {
	return Queue{
		Name: name, Number: fmt.Sprintf("+358207%06d", 100_000+len(name)*37+int(perDay)), Region: region, Culture: culture, Groups: groups,
		Threshold: time.Duration(threshold) * time.Second, Short: time.Duration(max(5, threshold/2)) * time.Second, Target: 80, Hours: hours,
		PerDay: perDay, Curve: officeCurve, Talk: talk, Patience: 150, WrapUp: 25, MaxWrap: 60,
	}
}

var (
	firstNames = strings.Fields("Aino Elias Helmi Leo Sofia Oliver Ella Eino Lilja Vaino Astrid Hugo Alma Nils Freja Axel Maja Liam " +
		"Wilma Noah Amelia George Isla Harry Ava Jack Mia Arthur Grace Oscar")
	lastNames = strings.Fields("Korhonen Virtanen Makinen Nieminen Andersson Johansson Karlsson Nilsson Smith Jones Taylor Brown")
)

// nordicAgents are sixty people with two or three queues each, in overlapping shifts; some of them work at night.
func nordicAgents(zones []string) (agents []Agent) {
	skills := [][]int{{0, 5}, {1, 4}, {2, 6}, {0, 3, 7}, {1, 2}, {5, 0}, {6, 2}, {7, 0}, {4, 1}, {3, 0, 5}}
	shifts := [][2]int{{7 * 60, 15 * 60}, {8 * 60, 16 * 60}, {9 * 60, 17 * 60}, {10 * 60, 18 * 60}, {13 * 60, 21 * 60}}
	for i := range 60 {
		first, last := firstNames[i%len(firstNames)], lastNames[(i/len(firstNames)+i)%len(lastNames)]
		shift := shifts[i%len(shifts)]
		a := Agent{
			Name:   strings.ToLower(first + "." + last + "@nordiccare.example"),
			Number: fmt.Sprintf("+358401%06d", 200_000+i), Queues: skills[i%len(skills)], Priority: 1 + i%3,
			Region: zones[i%len(zones)], From: shift[0], To: shift[1],
			Fetch: i%20 == 7, Callback: i%6 == 1, Outbound: .5, Direct: .4,
		}
		if i >= 56 { // the night
			a.Queues, a.From, a.To, a.Fetch = []int{6, 0}, 0, 0, false
		}
		agents = append(agents, a)
	}
	return agents
}
