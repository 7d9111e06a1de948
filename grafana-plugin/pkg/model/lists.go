package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// texts is a list as template variables leave it: an array, or one string that may hold several, by commas or as {a,b}.
type texts []string

func (t *texts) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*t = texts{one}
		return nil
	}
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("%.64s is neither a text nor a list of texts", text)
	}
	*t = list
	return nil
}

// split takes lists in texts apart.
func (t texts) split() (parts []string) {
	for _, text := range t {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") {
			text = text[1 : len(text)-1]
		}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.Trim(strings.TrimSpace(part), `'"`); part != "" {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// ParseIDs reads identifiers, sorted and each once; nil stands for all: no text, or "*", "$__all" or "All" among them.
func ParseIDs(member string, list []string) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	for _, part := range texts(list).split() {
		switch part {
		case "*", "$__all", "All", "all":
			return nil, nil
		}
		id, err := uuid.Parse(part)
		if err != nil {
			return nil, fmt.Errorf("%s: %.64q is no UUID; choose from the list, or fill in a variable whose values are UUIDs", member, part)
		}
		if ids = append(ids, id); len(ids) > MaxIDs {
			return nil, fmt.Errorf("%s: more than %d; choose all, or groups", member, MaxIDs)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids), nil
}

// parseTexts reads names, sorted and each once; nil stands for all.
func parseTexts(member string, list texts) ([]string, error) {
	parts := list.split()
	for _, part := range parts {
		if part == "*" || part == "$__all" || part == "All" {
			return nil, nil
		}
	}
	if len(parts) > MaxTexts {
		return nil, fmt.Errorf("%s: %d values; the most are %d", member, len(parts), MaxTexts)
	}
	slices.Sort(parts)
	return slices.Compact(parts), nil
}
