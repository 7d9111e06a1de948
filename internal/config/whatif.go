package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// whatIf is what a file of other rules may hold: the sections of the configuration that decide figures.
type whatIf struct {
	Definitions Definitions       `yaml:"definitions"`
	Rules       Rules             `yaml:"rules"`
	RegionMap   map[string]string `yaml:"region_map"`
}

const unknownKey = "unknown key"

// WhatIf returns a copy of c in which the sections definitions, rules and region_map are as the file at path says. What
// the file does not name stays as it is in c; a list that it names replaces the whole list.
func (c *Config) WhatIf(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	changed := *c
	changed.origins = maps.Clone(c.origins)
	if changed.origins == nil {
		changed.origins = origins{}
	}
	sections := whatIf{c.Definitions, c.Rules, c.RegionMap}
	problems := changed.bindSections(filepath.Base(path), text, reflect.ValueOf(&sections).Elem())
	changed.Definitions, changed.Rules, changed.RegionMap = sections.Definitions, sections.Rules, sections.RegionMap
	for i := range problems {
		if p := &problems[i]; strings.HasPrefix(p.Message, unknownKey) && !strings.Contains(p.Key, ".") {
			p.Message = unknownKey + "; a file of other rules may hold definitions, rules and region_map"
		}
	}
	if problems = append(problems, changed.problems()...); len(problems) > 0 {
		return nil, problems.distinct()
	}
	return &changed, nil
}
