package config

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones must be known on machines that have none installed
)

// maxUnknownZones bounds the memory for names that are no zone: they come from events.
const maxUnknownZones = 1024

// zones finds the zone of a Region and remembers it, since reading one from the database is slow. It may be used by
// any number of cores at once.
type zones struct {
	regions map[string]string

	mu      sync.RWMutex
	known   map[string]*time.Location
	unknown map[string]struct{}
}

func newZones(regions map[string]string) *zones {
	return &zones{regions: regions, known: map[string]*time.Location{}, unknown: map[string]struct{}{}}
}

// find returns the zone of region: a key of the region map, else an IANA name.
func (z *zones) find(region string) (*time.Location, bool) {
	z.mu.RLock()
	at, known := z.known[region]
	_, unknown := z.unknown[region]
	z.mu.RUnlock()
	if known || unknown {
		return at, known
	}
	name := region
	if mapped, ok := z.regions[region]; ok {
		name = mapped
	}
	at, ok := loadZone(name)
	z.mu.Lock()
	defer z.mu.Unlock()
	switch {
	case ok:
		z.known[strings.Clone(region)] = at
	case len(z.unknown) < maxUnknownZones:
		z.unknown[strings.Clone(region)] = struct{}{}
	}
	return at, ok
}

// loadZone returns the zone called name. Go's own "" and "Local" are none, nor are the database's variants with leap
// seconds and its copies of this machine's zone: a day must not depend on where Ringside runs.
func loadZone(name string) (*time.Location, bool) {
	switch {
	case name == "" || name == "Local" || name == "localtime" || name == "posixrules",
		strings.HasPrefix(name, "right/"), strings.HasPrefix(name, "posix/"):
		return nil, false
	}
	at, err := time.LoadLocation(name)
	return at, err == nil
}
