package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// Settings returns what the core needs. Limits.Bytes is the limit of the whole process: whoever runs several cores
// divides it among them.
func (c *Config) Settings() (*aggregate.Settings, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := &c.Definitions
	return &aggregate.Settings{
		Lateness: d.Lateness.Std(), FutureSkew: d.FutureSkew.Std(), PromptMax: d.Prompt.Max.Std(),
		MaxAgeUnanswered: d.Call.MaxAge.Unanswered.Std(), MaxAgeAnswered: d.Call.MaxAge.Answered.Std(),
		Linger: d.Call.Linger.Std(), EndGrace: d.Call.EndGrace.Std(), SkewGrace: d.Call.SkewGrace.Std(),
		AgentStale:        d.Agent.Stale.Std(),
		CallbackLinger:    d.Callback.Linger.Std(),
		ExpiresToday:      d.Callback.Expires == ExpiresToday,
		OverflowProgress:  slices.Clone(d.Overflow.Progress),
		OverflowRejecting: slices.Clone(d.Overflow.Rejecting),
		Rules:             newResolver(&c.Rules).rules,
		Zone:              newZones(c.RegionMap).find,
		Limits:            aggregate.Limits{Bytes: int64(c.Memory.Limit), FactsPerCall: c.Memory.FactsPerCall},
	}, nil
}

// resolver answers what holds for a queue. It is read only, so that any number of cores may ask at once.
type resolver struct {
	byDefault     *RuleSet
	organizations map[uuid.UUID]*organizationResolver
}

type organizationResolver struct {
	*RuleSet
	groups []EntityRules
	queues map[uuid.UUID]*RuleSet
}

func newResolver(r *Rules) *resolver {
	s := &resolver{&r.RuleSet, make(map[uuid.UUID]*organizationResolver, len(r.Organizations))}
	for i := range r.Organizations {
		o := &r.Organizations[i]
		org := &organizationResolver{&o.RuleSet, o.Groups, make(map[uuid.UUID]*RuleSet, len(o.Queues))}
		for j := range o.Queues {
			org.queues[o.Queues[j].ID] = &o.Queues[j].RuleSet
		}
		s.organizations[o.ID] = org
	}
	return s
}

// chain returns the sets that may speak for a queue, the most particular first.
func (s *resolver) chain(organization, queue uuid.UUID, groups []uuid.UUID) []*RuleSet {
	org, ok := s.organizations[organization]
	if !ok {
		return []*RuleSet{s.byDefault}
	}
	var sets []*RuleSet
	if q, ok := org.queues[queue]; ok {
		sets = append(sets, q)
	}
	for i := range org.groups {
		if slices.Contains(groups, org.groups[i].ID) {
			sets = append(sets, &org.groups[i].RuleSet)
		}
	}
	return append(sets, org.RuleSet, s.byDefault)
}

// first returns the first setting of the chain that is not nil.
func first[T any](sets []*RuleSet, get func(*RuleSet) *T) *T {
	for _, s := range sets {
		if v := get(s); v != nil {
			return v
		}
	}
	return nil
}

func (s *resolver) rules(organization, queue uuid.UUID, groups []uuid.UUID) aggregate.QueueRules {
	sets := s.chain(organization, queue, groups)
	var r aggregate.QueueRules
	if t := first(sets, func(s *RuleSet) *Duration { return s.ServiceLevel.Threshold }); t != nil {
		r.Threshold = t.Std()
	}
	r.ShortAbandon = r.Threshold
	if a := first(sets, func(s *RuleSet) *Duration { return s.ServiceLevel.ShortAbandon }); a != nil {
		r.ShortAbandon = a.Std()
	}
	if t := first(sets, func(s *RuleSet) *float64 { return s.ServiceLevel.Target }); t != nil {
		r.Target = *t
	}
	if z := first(sets, func(s *RuleSet) *string { return s.TimeZone }); z != nil {
		r.Zone = *z
	}
	if h := first(sets, func(s *RuleSet) *OpeningHours { return s.OpeningHours }); h != nil {
		r.Hours = h.hours()
	}
	return r
}

// days returns the spans indexed by time.Weekday.
func (h *OpeningHours) days() [7][]Span {
	return [7][]Span{
		time.Sunday: h.Sunday, time.Monday: h.Monday, time.Tuesday: h.Tuesday, time.Wednesday: h.Wednesday,
		time.Thursday: h.Thursday, time.Friday: h.Friday, time.Saturday: h.Saturday,
	}
}

func (h *OpeningHours) hours() *aggregate.Hours {
	var hours aggregate.Hours
	for day, spans := range h.days() {
		for _, s := range spans {
			hours.Open[day] = append(hours.Open[day], aggregate.MinuteSpan(s))
		}
		slices.SortFunc(hours.Open[day], func(a, b aggregate.MinuteSpan) int { return a.From - b.From })
	}
	return &hours
}

func (c *Config) checkRules(k *checker) {
	checkRuleSet(k, "rules", &c.Rules.RuleSet)
	organizations := map[uuid.UUID]string{}
	for i := range c.Rules.Organizations {
		o := &c.Rules.Organizations[i]
		path := fmt.Sprintf("rules.organizations[%d]", i)
		checkID(k, path, o.ID, organizations)
		checkRuleSet(k, path, &o.RuleSet)
		for _, l := range []struct {
			name string
			list []EntityRules
		}{{"groups", o.Groups}, {"queues", o.Queues}} {
			ids := map[uuid.UUID]string{}
			for j := range l.list {
				p := fmt.Sprintf("%s.%s[%d]", path, l.name, j)
				checkID(k, p, l.list[j].ID, ids)
				checkRuleSet(k, p, &l.list[j].RuleSet)
			}
		}
	}
	names := make([]string, 0, len(c.RegionMap))
	for region := range c.RegionMap {
		names = append(names, region)
	}
	slices.Sort(names)
	for _, region := range names {
		checkZone(k, join("region_map", region), c.RegionMap[region])
	}
}

func checkID(k *checker, path string, id uuid.UUID, seen map[uuid.UUID]string) {
	if id == uuid.Nil {
		k.fail(path+".id", "is missing: wanted is the id as the vendor sends it")
		return
	}
	if other, ok := seen[id]; ok {
		k.fail(path+".id", "%s: listed before, at %s", id, other)
	}
	seen[id] = path
}

func checkRuleSet(k *checker, path string, r *RuleSet) {
	level := path + ".service_level."
	if t := r.ServiceLevel.Threshold; t != nil {
		k.duration(level+"threshold", *t, 0, 24*time.Hour)
	}
	if t := r.ServiceLevel.ShortAbandon; t != nil {
		k.duration(level+"short_abandon", *t, 0, 24*time.Hour)
	}
	if t := r.ServiceLevel.Target; t != nil && (!(*t >= 0) || *t > 100) {
		k.fail(level+"target", "%v: allowed are 0 to 100, in percent", *t)
	}
	if r.TimeZone != nil && *r.TimeZone != "" {
		checkZone(k, path+".time_zone", *r.TimeZone)
	}
	if r.OpeningHours == nil {
		return
	}
	for day, spans := range r.OpeningHours.days() {
		sorted := slices.SortedFunc(slices.Values(spans), func(a, b Span) int { return a.From - b.From })
		for i := 1; i < len(sorted); i++ {
			if sorted[i].From < sorted[i-1].To {
				k.fail(fmt.Sprintf("%s.opening_hours.%s", path, dayKeys[day]), "%s and %s overlap", sorted[i-1], sorted[i])
			}
		}
	}
}

var dayKeys = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func checkZone(k *checker, path, name string) {
	if _, ok := loadZone(name); !ok {
		k.fail(path, "%q: wanted is a zone of the IANA database, as Europe/Helsinki", name)
	}
}
