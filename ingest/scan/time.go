package scan

import (
	"encoding/binary"
	"math/bits"

	"ringside/ingest"
)

// Time takes a time in a string: date, 'T' or a blank, hours, minutes and seconds, any number of fractional digits (those
// past the seventh are cut off), then 'Z', an offset (+02:00, +0200, +02) or nothing, which means UTC. The date
// 0001-01-01 is [ingest.Unset] and any date of the year 9999 [ingest.OpenEnded], whatever the rest says.
func (s *Scanner) Time() (ingest.Time, Shape) {
	switch s.Kind() {
	case String:
		if t, n := parseTime(s.data[s.pos+1:]); n > 0 {
			if end := s.pos + 1 + n; end < len(s.data) && s.data[end] == '"' {
				s.took(end + 1)
				return t, Found
			}
		}
		text, shape := s.short()
		if shape != Found {
			return 0, shape
		}
		if t, ok := ParseTime(text); ok {
			return t, Found
		}
		return 0, Wrong
	case Null:
		return 0, s.null()
	default:
		s.Skip()
		return 0, Wrong
	}
}

// ParseTime reads the forms that [Scanner.Time] takes.
func ParseTime(text []byte) (ingest.Time, bool) {
	t, n := parseTime(text)
	if n == 0 || n != len(text) {
		return 0, false
	}
	return t, true
}

// ParseDate reads YYYY-MM-DD, and returns the days since 1970-01-01.
func ParseDate(text []byte) (days int64, ok bool) {
	if len(text) != 10 {
		return 0, false
	}
	year, month, day := parseDate((*[10]byte)(text))
	if day == 0 {
		return 0, false
	}
	return daysSinceEpoch(year, month, day), true
}

// parseDate returns day 0 for a date that does not exist.
func parseDate(b *[10]byte) (year, month, day uint) {
	le := binary.LittleEndian
	w := le.Uint64(b[:])
	digits := w&0xffffffff | w>>40&0xffff<<32 | uint64(le.Uint16(b[8:]))<<48
	if b[4] != '-' || b[7] != '-' || !allDigits(digits) {
		return 0, 0, 0
	}
	n := pairs(digits)
	year, month, day = uint(n&0xff*100+n>>16&0xff), uint(n>>32&0xff), uint(n>>48)
	if month-1 > 11 || day-1 >= daysIn(year, month) {
		return 0, 0, 0
	}
	return year, month, day
}

// parseTime reads the time that b begins with, and returns how many bytes it takes; 0: there is none.
func parseTime(b []byte) (ingest.Time, int) {
	if len(b) < 19 || b[13] != ':' || b[16] != ':' || b[10]|0x20 != 't' && b[10] != ' ' {
		return 0, 0
	}
	year, month, day := parseDate((*[10]byte)(b))
	le := binary.LittleEndian
	digits := uint64(le.Uint16(b[11:])) | uint64(le.Uint16(b[14:]))<<16 | uint64(le.Uint16(b[17:]))<<32 | '0'<<48 | '0'<<56
	if day == 0 || !allDigits(digits) {
		return 0, 0
	}
	clock := pairs(digits)
	hour, minute, second := int64(clock&0xff), int64(clock>>16&0xff), int64(clock>>32&0xff)
	if hour > 23 || minute > 59 || second > 59 {
		return 0, 0
	}
	fraction, n := parseFraction(b[19:])
	n += 19
	offset, zone := parseZone(b[n:])
	if zone < 0 {
		return 0, 0
	}
	n += zone
	switch {
	case year == 1 && month == 1 && day == 1:
		return ingest.Unset, n
	case year == 9999:
		return ingest.OpenEnded, n
	}
	seconds := daysSinceEpoch(year, month, day)*86400 + hour*3600 + minute*60 + second - offset
	return ingest.Time(seconds*ingest.TicksPerSecond + fraction), n
}

// parseFraction reads an optional fraction of a second, and returns it in ticks and its length.
func parseFraction(b []byte) (ticks int64, n int) {
	if len(b) < 2 || b[0] != '.' || !isDigit(b[1]) {
		return 0, 0
	}
	if len(b) >= 9 {
		w := binary.LittleEndian.Uint64(b[1:])
		if n := bits.TrailingZeros64(notDigit(w)) >> 3; n < 8 {
			// Fill up to eight digits with zeros; one tick is 10 of their last.
			keep := uint64(1)<<(8*n) - 1
			p := pairs(w&keep | '0'*ones&^keep)
			return int64((p&0xff*1000000 + p>>16&0xff*10000 + p>>32&0xff*100 + p>>48) / 10), n + 1
		}
	}
	scale := int64(ingest.TicksPerSecond)
	for n = 1; n < len(b) && isDigit(b[n]); n++ {
		scale /= 10
		ticks += scale * int64(b[n]-'0')
	}
	return ticks, n
}

// notDigit has a bit in each byte of w that is no digit. The lowest such byte is exact; those above it may be wrong.
func notDigit(w uint64) uint64 { return ((w + (0x80-'9'-1)*ones) | (w - '0'*ones)) & highs }

func allDigits(w uint64) bool { return notDigit(w) == 0 }

// pairs returns the values of the four pairs of digits in w, in 16 bits each.
func pairs(w uint64) uint64 {
	w -= '0' * ones
	return (w*10 + w>>8) & 0x00ff00ff00ff00ff
}

// parseZone reads an optional zone, and returns its offset in seconds east of UTC and its length; −1 if it is wrong.
func parseZone(b []byte) (offset int64, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	sign := int64(1)
	switch b[0] {
	case 'Z', 'z':
		return 0, 1
	case '-':
		sign = -1
	case '+':
	default:
		return 0, 0
	}
	if len(b) < 3 {
		return 0, -1
	}
	hours, minutes := twoDigits(b[1], b[2]), uint(0)
	n = 3
	colon := 0
	if len(b) > n && b[n] == ':' {
		colon = 1
	}
	if len(b) >= n+colon+2 && isDigit(b[n+colon]) {
		minutes = twoDigits(b[n+colon], b[n+colon+1])
		n += colon + 2
	}
	if hours > 23 || minutes > 59 {
		return 0, -1
	}
	return sign * int64(hours*3600+minutes*60), n
}

// twoDigits returns the value of two digits, and more than 99 for anything else.
func twoDigits(a, b byte) uint {
	tens, units := uint(a-'0'), uint(b-'0')
	if tens > 9 || units > 9 {
		return 100
	}
	return tens*10 + units
}

// daysIn returns the number of days of a month from 1 to 12.
func daysIn(year, month uint) uint {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1
}

// daysSinceEpoch returns the days from 1970-01-01 to a date of the Gregorian calendar. It counts years from March, so
// that the leap day comes last.
func daysSinceEpoch(year, month, day uint) int64 {
	y, m := int64(year), int64(month)-3
	if month <= 2 {
		y, m = y-1, m+12
	}
	// Move by one cycle of 400 years, so that the divisions see no negative number in year 0.
	y += 400
	return y*365 + y/4 - y/100 + y/400 + (m*153+2)/5 + int64(day) - 1 - (719468 + 146097)
}
