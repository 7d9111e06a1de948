package scan

import (
	"math"
	"strconv"
	"unsafe"
)

// scanNumber reads the number that begins at i and returns where it ends; −1 after an error.
func (s *Scanner) scanNumber(i int) int {
	end, missing := numberEnd(s.data, i)
	if missing != "" {
		s.failAt(end, missing)
		return -1
	}
	return end
}

// numberEnd returns where the number that begins at i ends, or, with what is missing there, where it goes wrong.
func numberEnd(data []byte, i int) (end int, missing string) {
	const digit = "a digit is missing in a number"
	start := i
	if i < len(data) && data[i] == '-' {
		i++
	}
	switch {
	case i < len(data) && data[i] == '0':
		i++
	case i < len(data) && isDigit(data[i]):
		i = skipDigits(data, i+1)
	case i == start:
		return i, "a value is missing"
	default:
		return i, digit
	}
	if i < len(data) && data[i] == '.' {
		if i++; i >= len(data) || !isDigit(data[i]) {
			return i, digit
		}
		i = skipDigits(data, i+1)
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		if i >= len(data) || !isDigit(data[i]) {
			return i, digit
		}
		i = skipDigits(data, i+1)
	}
	return i, ""
}

func skipDigits(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

func isNumber(text []byte) bool {
	end, missing := numberEnd(text, 0)
	return missing == "" && end == len(text)
}

// numeral takes a number, or a string that holds one.
func (s *Scanner) numeral() ([]byte, Shape) {
	switch s.Kind() {
	case Number:
		if text := s.Raw(); text != nil {
			return text, Found
		}
		return nil, Wrong
	case String:
		text, shape := s.short()
		if shape != Found {
			return nil, shape
		}
		if !isNumber(text) {
			return nil, Wrong
		}
		return text, Found
	case Null:
		return nil, s.null()
	default:
		s.Skip()
		return nil, Wrong
	}
}

// Float takes a number, or a string that holds one. What a float64 cannot hold is Wrong.
func (s *Scanner) Float() (float64, Shape) {
	text, shape := s.numeral()
	if shape != Found {
		return 0, shape
	}
	return parseFloat(text)
}

// ParseFloat reads a number as JSON writes them.
func ParseFloat(text []byte) (float64, bool) {
	if !isNumber(text) {
		return 0, false
	}
	f, shape := parseFloat(text)
	return f, shape == Found
}

// Int takes a number, or a string that holds one. A fraction is rounded to the nearest integer, halves away from zero.
// What does not lie in [min, max] is Wrong.
func (s *Scanner) Int(min, max int64) (int64, Shape) {
	text, shape := s.numeral()
	if shape != Found {
		return 0, shape
	}
	n, ok := parseInteger(text)
	if !ok {
		f, shape := parseFloat(text)
		// A float64 holds −2⁶³ but not 2⁶³−1, so the upper bound is tested by what lies above it.
		if f = math.Round(f); shape != Found || f < math.MinInt64 || f >= -math.MinInt64 {
			return 0, Wrong
		}
		n = int64(f)
	}
	if n < min || n > max {
		return 0, Wrong
	}
	return n, Found
}

// parseInteger returns the value of a number without fraction and exponent, of up to 18 digits.
func parseInteger(text []byte) (n int64, ok bool) {
	digits := text
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(text) {
		n = -n
	}
	return n, true
}

func parseFloat(text []byte) (float64, Shape) {
	if n, ok := parseInteger(text); ok && n != 0 && n > -1<<53 && n < 1<<53 {
		return float64(n), Found
	}
	// ParseFloat does not keep its argument, and text is not changed while it runs.
	f, err := strconv.ParseFloat(unsafe.String(&text[0], len(text)), 64)
	if err != nil {
		return 0, Wrong
	}
	return f, Found
}

// Bool takes true or false, also in a string (in any case of letters), or the numbers 1 and 0.
func (s *Scanner) Bool() (bool, Shape) {
	switch s.Kind() {
	case Bool:
		value := s.data[s.pos] == 't'
		if !s.Skip() {
			return false, Wrong
		}
		return value, Found
	case Number:
		n, shape := s.Int(0, 1)
		return n == 1, shape
	case String:
		text, shape := s.short()
		if shape != Found {
			return false, shape
		}
		switch {
		case foldsTo(text, "true"):
			return true, Found
		case foldsTo(text, "false"):
			return false, Found
		}
		return false, Wrong
	case Null:
		return false, s.null()
	default:
		s.Skip()
		return false, Wrong
	}
}

// foldsTo tells whether text is lower, an ASCII word of lower-case letters, in any case of letters.
func foldsTo(text []byte, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i, c := range text {
		if c|0x20 != lower[i] {
			return false
		}
	}
	return true
}
