package config

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
)

var (
	orgA   = uuid.MustParse("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
	orgB   = uuid.MustParse("11111111-8b86-4d01-b42d-00cf4fc964ff")
	queue1 = uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7")
	queue2 = uuid.MustParse("22222222-7425-40de-944b-e07fc1f90ae7")
	group1 = uuid.MustParse("0e984725-c51c-4bf4-9960-e1c80e27aba0")
	group2 = uuid.MustParse("33333333-c51c-4bf4-9960-e1c80e27aba0")
)

const rulesText = `
rules:
  service_level: {threshold: 20s, target: 80}
  opening_hours: {monday: ["13:00-17:00", "08:00-12:00"]}
  organizations:
    - id: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff
      service_level: {short_abandon: 5s}
      time_zone: Europe/Helsinki
      groups:
        - id: 33333333-c51c-4bf4-9960-e1c80e27aba0
          time_zone: Europe/Stockholm
        - id: 0e984725-c51c-4bf4-9960-e1c80e27aba0
          service_level: {threshold: 60s, target: 70}
          time_zone: Europe/Oslo
      queues:
        - id: 7c9e6679-7425-40de-944b-e07fc1f90ae7
          service_level: {threshold: 0s}
          opening_hours: {}
`

func TestRulesAreLookedForFromQueueToDefault(t *testing.T) {
	s, err := mustLoad(t, rulesText).Settings()
	if err != nil {
		t.Fatal(err)
	}
	weekday := &aggregate.Hours{}
	weekday.Open[time.Monday] = []aggregate.MinuteSpan{{From: 480, To: 720}, {From: 780, To: 1020}}
	const sec = time.Second
	tests := []struct {
		name                string
		organization, queue uuid.UUID
		groups              []uuid.UUID
		want                aggregate.QueueRules
	}{
		{"unknown organization: default, S follows T", orgB, queue1, []uuid.UUID{group1},
			aggregate.QueueRules{Threshold: 20 * sec, ShortAbandon: 20 * sec, Target: 80, Hours: weekday}},
		{"organization over default", orgA, queue2, nil,
			aggregate.QueueRules{Threshold: 20 * sec, ShortAbandon: 5 * sec, Target: 80, Zone: "Europe/Helsinki", Hours: weekday}},
		{"group over organization", orgA, queue2, []uuid.UUID{group1},
			aggregate.QueueRules{Threshold: 60 * sec, ShortAbandon: 5 * sec, Target: 70, Zone: "Europe/Oslo", Hours: weekday}},
		{"first listed group, each setting on its own", orgA, queue2, []uuid.UUID{group1, group2},
			aggregate.QueueRules{Threshold: 60 * sec, ShortAbandon: 5 * sec, Target: 70, Zone: "Europe/Stockholm", Hours: weekday}},
		{"queue over group; threshold 0 and no open day are settings too", orgA, queue1, []uuid.UUID{group1},
			aggregate.QueueRules{Threshold: 0, ShortAbandon: 5 * sec, Target: 70, Zone: "Europe/Oslo", Hours: &aggregate.Hours{}}},
	}
	for _, k := range tests {
		if got := s.Rules(k.organization, k.queue, k.groups); !reflect.DeepEqual(got, k.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", k.name, got, k.want)
		}
	}
}

// The defaults of the configuration and of the core are written twice; they must agree.
func TestDefaultSettingsAreTheCores(t *testing.T) {
	got, err := Default().Settings()
	if err != nil {
		t.Fatal(err)
	}
	want := aggregate.DefaultSettings()
	if g, w := got.Rules(orgA, queue1, nil), want.Rules(orgA, queue1, nil); !reflect.DeepEqual(g, w) {
		t.Errorf("rules %+v, the core's are %+v", g, w)
	}
	if got.Limits.FactsPerCall != want.Limits.FactsPerCall {
		t.Errorf("facts per call %d, the core's are %d", got.Limits.FactsPerCall, want.Limits.FactsPerCall)
	}
	got.Rules, got.Zone, want.Rules, want.Zone = nil, nil, nil, nil
	got.Limits, want.Limits = aggregate.Limits{}, aggregate.Limits{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("settings %+v, the core's are %+v", got, want)
	}
}

func TestZone(t *testing.T) {
	s, err := mustLoad(t, "region_map: {FI: Europe/Helsinki}\n").Settings()
	if err != nil {
		t.Fatal(err)
	}
	for region, want := range map[string]string{
		"Europe/Oslo": "Europe/Oslo", "FI": "Europe/Helsinki", "UTC": "UTC",
		"": "", "Local": "", "localtime": "", "right/Europe/Oslo": "", "posix/Europe/Oslo": "", "../zone": "", "Mars/Olympus": "",
	} {
		for range 2 { // the second answer is a remembered one
			at, ok := s.Zone(region)
			if ok != (want != "") || (ok && at.String() != want) {
				t.Errorf("%q: %v %v, want %q", region, at, ok, want)
			}
		}
	}
}

func TestZonesRememberABoundedNumberOfUnknownNames(t *testing.T) {
	z := newZones(nil)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range maxUnknownZones {
				if _, ok := z.find(fmt.Sprintf("no/%d/%d", worker, i)); ok {
					t.Error("found a zone that is none")
				}
				if _, ok := z.find("Europe/Oslo"); !ok {
					t.Error("lost a zone")
				}
			}
		})
	}
	wg.Wait()
	if len(z.unknown) != maxUnknownZones || len(z.known) != 1 {
		t.Errorf("remembered %d unknown and %d known zones", len(z.unknown), len(z.known))
	}
}
