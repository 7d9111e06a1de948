package sim

import (
	"time"

	"ringside/ingest"
)

// clockText writes instants; it keeps the text of the last day, which is nearly always the next one's too.
type clockText struct {
	local *time.Location // of times that name no zone; nil: UTC
	day   int64
	text  [11]byte // YYYY-MM-DDT
	any   bool
}

// stamp writes a Timestamp. The vendor's parts differ in style: seven digits with Z, without it, or with trailing
// zeros cut off; variant chooses.
func (c *clockText) stamp(b []byte, at ingest.Time, variant uint64) []byte {
	variant %= 16
	if variant >= 1 && variant <= 7 {
		return append(c.write(b, at), 'Z')
	}
	b = c.plain(b, at)
	if variant == 0 {
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
		if b[len(b)-1] == '.' {
			b = b[:len(b)-1]
		}
	}
	return b
}

// plain writes seven digits and no Z; unset and open-ended as .NET does.
func (c *clockText) plain(b []byte, at ingest.Time) []byte {
	switch at {
	case ingest.Unset:
		return append(b, "0001-01-01T00:00:00"...)
	case ingest.OpenEnded:
		return append(b, "9999-12-31T23:59:59.9999999"...)
	}
	if c.local != nil {
		_, offset := at.Go().In(c.local).Zone()
		at += ingest.Time(offset) * ingest.TicksPerSecond
	}
	return c.write(b, at)
}

// write writes the seven digits of an instant.
func (c *clockText) write(b []byte, at ingest.Time) []byte {
	const dayTicks = 24 * 3600 * ingest.TicksPerSecond
	day := int64(at) / dayTicks
	if !c.any || day != c.day {
		c.day, c.any = day, true
		copy(c.text[:], at.Go().Format("2006-01-02T"))
	}
	rest := int64(at) % dayTicks
	sec, frac := rest/ingest.TicksPerSecond, rest%ingest.TicksPerSecond
	b = append(b, c.text[:]...)
	b = twoDigits(b, sec/3600)
	b = append(b, ':')
	b = twoDigits(b, sec/60%60)
	b = append(b, ':')
	b = twoDigits(b, sec%60)
	b = append(b, '.')
	for div := int64(1_000_000); div > 0; div /= 10 {
		b = append(b, byte('0'+frac/div%10))
	}
	return b
}

func twoDigits(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
