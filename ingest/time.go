package ingest

import (
	"math"
	"time"
)

// Time is an instant in ticks of 100 ns since the Unix epoch, UTC: the seven fractional digits that vendors send,
// all of which order events. The zero Time is "unset" (0001-01-01T00:00:00 on the wire); the engine accepts no
// instant before 1990, so nothing real collides with it.
type Time int64

const (
	// Unset is what 0001-01-01T00:00:00, null and an absent field decode to.
	Unset Time = 0
	// OpenEnded is what DateTime.MaxValue (any instant of the year 9999) decodes to.
	OpenEnded Time = math.MaxInt64

	// TicksPerMicrosecond converts between Time and the microseconds that are stored.
	TicksPerMicrosecond = 10
	// TicksPerSecond is the number of ticks in a second.
	TicksPerSecond = 10_000_000
)

// Micros returns t in microseconds since the Unix epoch, rounded down: the precision of every stored column.
func (t Time) Micros() int64 {
	m := int64(t) / TicksPerMicrosecond
	if int64(t) < m*TicksPerMicrosecond {
		m--
	}
	return m
}

// Go returns t as a time.Time in UTC.
func (t Time) Go() time.Time { return time.UnixMicro(t.Micros()).UTC() }

// Add returns t moved by d.
func (t Time) Add(d time.Duration) Time { return t + Time(d/100) }

// FromMicros returns the Time of us microseconds since the Unix epoch.
func FromMicros(us int64) Time { return Time(us * TicksPerMicrosecond) }

// FromGo returns the Time of g, cut to 100 ns.
func FromGo(g time.Time) Time {
	return Time(g.Unix()*TicksPerSecond + int64(g.Nanosecond())/100)
}
