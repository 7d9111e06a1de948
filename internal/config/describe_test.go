package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestDescribeTellsValueAndOrigin(t *testing.T) {
	c := mustLoad(t, "kafka:\n  brokers: ['a:1', 'b:2']\nrules:\n  organizations:\n    - id: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff\n      time_zone: Europe/Oslo\nregion_map: {b: UTC, a: Europe/Oslo}\n",
		"RINGSIDE_KAFKA_GROUP=g")
	got := map[string]string{}
	for line := range strings.Lines(c.Describe()) {
		key, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		got[key] = strings.Join(strings.Fields(rest), " ")
	}
	for key, want := range map[string]string{
		"data_dir":                          "./ringside-data default",
		"kafka.brokers":                     "[a:1, b:2] ringside.yaml:2",
		"kafka.group":                       "g RINGSIDE_KAFKA_GROUP",
		"kafka.fetch.max_bytes":             "1MiB default",
		"store.url":                         `"" default`,
		"store.password":                    `"" default`,
		"rules.service_level.short_abandon": "(not set) default",
		"rules.opening_hours":               "(not set) default",
		"rules.organizations[0].time_zone":  "Europe/Oslo ringside.yaml:6",
		"region_map":                        "{a: Europe/Oslo, b: UTC} ringside.yaml:7",
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	if _, ok := got["rules.organizations[0].service_level.target"]; ok {
		t.Error("an exception that is not made was listed")
	}
	for _, s := range settingsOf(reflect.TypeFor[Config](), "", false) {
		listed := false
		for key := range got {
			listed = listed || strings.HasPrefix(key, s.path) || strings.HasPrefix(s.path, key+".")
		}
		if !listed {
			t.Errorf("%s is not described", s.path)
		}
	}
}
