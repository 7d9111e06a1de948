package history

import (
	"fmt"
	"time"
)

// Date is a calendar date, in days since 1970-01-01.
type Date int32

const (
	dateLayout = "2006-01-02"
	dayMicros  = int64(24 * time.Hour / time.Microsecond)
)

// lastDate is what ClickHouse's Date can hold; the last year is kept free for what is added to a date.
const lastDate Date = 65000

// ParseDate reads a date as 2026-03-02.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(dateLayout, text)
	if err != nil {
		return 0, fmt.Errorf("%q is no date: wanted is one as 2026-03-02", text)
	}
	d := Date(t.Unix() / (24 * 3600))
	if d < 2 || d > lastDate {
		return 0, fmt.Errorf("%s: wanted is a date from 1970-01-03 to %s", text, lastDate)
	}
	return d, nil
}

func (d Date) String() string { return time.Unix(int64(d)*24*3600, 0).UTC().Format(dateLayout) }

// Micros is the date's midnight in UTC, in µs since the Unix epoch.
func (d Date) Micros() int64 { return int64(d) * dayMicros }

// Month is the date's month as 202603.
func (d Date) Month() int {
	y, m, _ := time.Unix(int64(d)*24*3600, 0).UTC().Date()
	return y*100 + int(m)
}
