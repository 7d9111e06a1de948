package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that is written 20s, 1h30m, 250ms.
type Duration time.Duration

// Std returns d as a time.Duration.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes d without the zero parts of time.Duration's text: 1h, not 1h0m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("is not a duration, write it as 250ms, 20s or 1h30m")
	}
	*d = Duration(v)
	return nil
}

// Bytes is a number of bytes that may be written with a unit: 64KiB, 1MiB, 2GiB.
type Bytes int64

var byteUnits = []struct {
	name string
	size int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// String writes b in the largest unit that divides it.
func (b Bytes) String() string {
	for _, u := range byteUnits[:3] {
		if b != 0 && int64(b)%u.size == 0 {
			return strconv.FormatInt(int64(b)/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// MarshalText implements encoding.TextMarshaler.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(text []byte) error {
	number, size := strings.TrimSpace(string(text)), int64(1)
	for _, u := range byteUnits {
		if strings.HasSuffix(number, u.name) {
			number, size = strings.TrimSpace(strings.TrimSuffix(number, u.name)), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > math.MaxInt64/size || n < math.MinInt64/size {
		return fmt.Errorf("is not a size, write it as 65536, 64KiB, 1MiB or 2GiB")
	}
	*b = Bytes(n * size)
	return nil
}

// Span is a part of a local day, [From, To) in minutes since midnight, written 08:00-16:00; a day ends at 24:00.
type Span struct{ From, To int }

// String writes s as UnmarshalText reads it.
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

// MarshalText implements encoding.TextMarshaler.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Span) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "-")
	f, errFrom := minuteOfDay(strings.TrimSpace(from))
	t, errTo := minuteOfDay(strings.TrimSpace(to))
	switch {
	case !ok || errFrom != nil || errTo != nil:
		return fmt.Errorf("is not a span of a day, write it as 08:00-16:00; a day ends at 24:00")
	case t < f:
		return fmt.Errorf("ends before it begins; for a night write the part up to 24:00 here and the part from 00:00 on the next day")
	case t == f:
		return fmt.Errorf("is empty; leave the day out, or write [], where it is closed all day")
	}
	*s = Span{f, t}
	return nil
}

func minuteOfDay(text string) (int, error) {
	h, m, ok := strings.Cut(text, ":")
	hour, errHour := strconv.ParseUint(h, 10, 8)
	minute, errMinute := strconv.ParseUint(m, 10, 8)
	at := int(hour)*60 + int(minute)
	if !ok || errHour != nil || errMinute != nil || len(m) != 2 || minute > 59 || at > 24*60 {
		return 0, strconv.ErrSyntax
	}
	return at, nil
}
