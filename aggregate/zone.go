package aggregate

import "time"

const (
	usPerDay   = int64(24 * 3600 * 1e6)
	intervalUs = int64(15 * 60 * 1e6)
	minUs      = int64(60 * 1e6)
)

// localDay is a calendar day of a zone: [start, end) in µs, 23 to 25 hours long, and its date in days since 1970-01-01.
type localDay struct {
	start, end int64
	date       int32
}

// localDayOf returns the day of loc in which the instant us lies.
func localDayOf(us int64, loc *time.Location) localDay {
	t := time.UnixMicro(us).In(loc)
	y, m, d := t.Date()
	return localDay{
		start: firstInstant(y, m, d, loc),
		end:   firstInstant(y, m, d+1, loc),
		date:  int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400),
	}
}

// firstInstant returns the first instant of a local date, which is not midnight where the clocks change at midnight.
func firstInstant(y int, m time.Month, d int, loc *time.Location) int64 {
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	isDay := func(t time.Time) bool {
		ty, tm, td := t.Date()
		return time.Date(ty, tm, td, 0, 0, 0, 0, time.UTC).Equal(want)
	}
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	if begin, end := t.ZoneBounds(); !isDay(t) {
		t = end // midnight was skipped, and Date answered with the hour before
	} else if !begin.IsZero() && isDay(begin) && begin.Before(t) {
		t = begin // midnight was skipped, and Date answered with the hour after
	}
	// Clocks put back over midnight show the date's first minutes twice: the first time counts.
	if begin, _ := t.ZoneBounds(); !begin.IsZero() {
		before := begin.Add(-time.Nanosecond)
		_, after := begin.Zone()
		_, offset := before.Zone()
		if earlier := t.Add(-time.Duration(offset-after) * time.Second); earlier.Before(begin) && earlier.Before(t) && isDay(earlier) {
			t = earlier
		}
	}
	return t.UnixMicro()
}

// intervalStart returns the start of the quarter of an hour, counted from the day's first instant, in which us lies.
func (d localDay) intervalStart(us int64) int64 {
	return d.start + (us-d.start)/intervalUs*intervalUs
}

// utcDate returns the UTC date of an instant, in days since 1970-01-01.
func utcDate(us int64) int32 {
	d := us / usPerDay
	if us < d*usPerDay {
		d--
	}
	return int32(d)
}
