package config

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Problem is one thing that is wrong with the configuration.
type Problem struct {
	Where   string // "ringside.yaml:12", "RINGSIDE_KAFKA_PORT", or "" for a default
	Key     string // as kafka.port, "" for the file as a whole
	Message string // what is wrong, with the value (never a secret's) and what is allowed
}

// String puts the problem into one line.
func (p Problem) String() string {
	var b strings.Builder
	for _, s := range []string{p.Where, p.Key} {
		if s != "" {
			b.WriteString(s)
			b.WriteString(": ")
		}
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is everything that is wrong. It is an error whose text has one line each.
type Problems []Problem

func (p Problems) Error() string {
	if len(p) == 1 {
		return "configuration: " + p[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "configuration: %d problems", len(p))
	for _, one := range p {
		b.WriteString("\n  ")
		b.WriteString(one.String())
	}
	return b.String()
}

// distinct drops what a later check says again about a key that has a problem already.
func (p Problems) distinct() Problems {
	seen := make(map[string]bool, len(p))
	kept := p[:0:0]
	for _, one := range p {
		id := one.Where + "\x00" + one.Key
		if one.Key != "" && seen[id] {
			continue
		}
		seen[id] = true
		kept = append(kept, one)
	}
	return kept
}

// origins remembers which keys were set, and by what.
type origins map[string]string

func (o origins) has(key string) bool { _, ok := o[key]; return ok }

// of returns the origin of key or of the nearest thing around it that was set as a whole.
func (o origins) of(key string) string {
	for {
		if where, ok := o[key]; ok {
			return where
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return ""
		}
		key = key[:cut]
	}
}

// nearest returns the candidate with the fewest edits from name; the first of several.
func nearest(name string, candidates []string) string {
	best, fewest := "", -1
	for _, c := range candidates {
		if d := distance(name, c); fewest < 0 || d < fewest {
			best, fewest = c, d
		}
	}
	return best
}

// distance counts the edits from a to b, whatever the case.
func distance(a, b string) int {
	return levenshtein.ComputeDistance(strings.ToLower(a), strings.ToLower(b))
}
