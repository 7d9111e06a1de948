package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the scenarios name zones; the machine may have none

	"github.com/google/uuid"

	"ringside/aggregate"
)

func nameMap() map[uuid.UUID]string { return map[uuid.UUID]string{} }

// regions are the keys of the region map that scenarios may use beside IANA names.
var regions = map[string]string{"FI": "Europe/Helsinki", "IL": "Asia/Jerusalem"}

func loadZone(region string) (*time.Location, bool) {
	if name, ok := regions[region]; ok {
		region = name
	}
	if region == "" || region == "Local" {
		return nil, false
	}
	loc, err := time.LoadLocation(region)
	return loc, err == nil
}

// parseSetting handles zone, rules, hours and settings.
func (s *Scenario) parseSetting(words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("not understood: %s", strings.Join(words, " "))
	}
	switch words[0] {
	case "settings":
		return s.parseSettings(words[1:])
	case "zone":
		s.rule(words[1]).Zone = words[2]
		return nil
	case "rules":
		return s.parseRules(words[1], words[2:])
	case "hours":
		return s.parseHours(words[1], words[2:])
	}
	return fmt.Errorf("not understood: %s", strings.Join(words, " "))
}

func (s *Scenario) rule(queue string) *aggregate.QueueRules {
	if s.rules[queue] == nil {
		s.rules[queue] = &aggregate.QueueRules{Threshold: 20 * time.Second, ShortAbandon: 20 * time.Second, Target: 80}
	}
	return s.rules[queue]
}

func (s *Scenario) parseSettings(words []string) error {
	fields := map[string]*time.Duration{"lateness": &s.Settings.Lateness, "future_skew": &s.Settings.FutureSkew,
		"prompt_max": &s.Settings.PromptMax, "max_age_unanswered": &s.Settings.MaxAgeUnanswered,
		"max_age_answered": &s.Settings.MaxAgeAnswered, "linger": &s.Settings.Linger, "end_grace": &s.Settings.EndGrace,
		"skew_grace": &s.Settings.SkewGrace, "agent_stale": &s.Settings.AgentStale,
		"callback_linger": &s.Settings.CallbackLinger}
	for _, w := range words {
		if w == "expires_today" {
			s.Settings.ExpiresToday = true
			continue
		}
		key, value, _ := strings.Cut(w, "=")
		d, err := time.ParseDuration(value)
		if err != nil || fields[key] == nil {
			return fmt.Errorf("not a setting: %s", w)
		}
		*fields[key] = d
	}
	return nil
}

func (s *Scenario) parseRules(queue string, words []string) error {
	r := s.rule(queue)
	short := false
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		var err error
		switch key {
		case "threshold":
			r.Threshold, err = time.ParseDuration(value)
		case "short":
			short = true
			r.ShortAbandon, err = time.ParseDuration(value)
		case "target":
			r.Target, err = strconv.ParseFloat(value, 64)
		default:
			err = fmt.Errorf("not a rule: %s", w)
		}
		if err != nil {
			return err
		}
	}
	if !short {
		r.ShortAbandon = r.Threshold // "short-abandon threshold S (default T)"
	}
	return nil
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseHours handles `hours QUEUE mon-fri 08:00-16:00 sat 10:00-14:00`.
func (s *Scenario) parseHours(queue string, words []string) error {
	r := s.rule(queue)
	if r.Hours == nil {
		r.Hours = &aggregate.Hours{}
	}
	for i := 0; i+1 < len(words); i += 2 {
		from, to, ranged := strings.Cut(words[i], "-")
		if !ranged {
			to = from
		}
		opens, closes, _ := strings.Cut(words[i+1], "-")
		span := aggregate.MinuteSpan{From: minuteOf(opens), To: minuteOf(closes)}
		in := false
		for day, name := range weekdays {
			in = in || name == from
			if in {
				r.Hours.Open[day] = append(r.Hours.Open[day], span)
			}
			if name == to {
				break
			}
		}
	}
	return nil
}

func minuteOf(clock string) int {
	h, m, _ := strings.Cut(clock, ":")
	hours, _ := strconv.Atoi(h)
	minutes, _ := strconv.Atoi(m)
	return hours*60 + minutes
}

// resolveRules makes Settings.Rules answer by the queue's id.
func (s *Scenario) resolveRules() {
	byID := map[uuid.UUID]aggregate.QueueRules{}
	for queue, r := range s.rules {
		byID[s.names.id("queue", queue)] = *r // "-": of the organization itself
	}
	fallback := aggregate.DefaultSettings().Rules
	s.Settings.Rules = func(organization, queue uuid.UUID, groups []uuid.UUID) aggregate.QueueRules {
		for _, g := range groups {
			if r, ok := byID[g]; ok { // a group with rules of its own is written as a queue of that name
				return r
			}
		}
		if r, ok := byID[queue]; ok {
			return r
		}
		return fallback(organization, queue, groups)
	}
}
