package scan

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ringside/ingest"
)

func TestTime(t *testing.T) {
	at := func(s string) ingest.Time {
		g, err := time.Parse("2006-01-02T15:04:05.999999999", s)
		if err != nil {
			t.Fatal(err)
		}
		return ingest.FromGo(g)
	}
	for text, want := range map[string]ingest.Time{
		"2020-01-01T12:00:00Z":                   at("2020-01-01T12:00:00"),
		"2020-01-01T12:00:00":                    at("2020-01-01T12:00:00"),
		"2020-01-01t12:00:00z":                   at("2020-01-01T12:00:00"),
		"2020-01-01 12:00:00":                    at("2020-01-01T12:00:00"),
		"2018-01-01T08:01:23.45":                 at("2018-01-01T08:01:23.45"),
		"2018-01-01T08:01:23.4567891Z":           at("2018-01-01T08:01:23.4567891"),
		"2018-01-01T08:01:23.45678919Z":          at("2018-01-01T08:01:23.4567891"),
		"2018-01-01T08:01:23.456789199999999999": at("2018-01-01T08:01:23.4567891"),
		"2018-01-01T08:01:23.0000001":            at("2018-01-01T08:01:23.0000001"),
		"2018-01-01T08:01:23+02:00":              at("2018-01-01T06:01:23"),
		"2018-01-01T00:01:23.5+0200":             at("2017-12-31T22:01:23.5"),
		"2018-12-31T23:01:23.5-03":               at("2019-01-01T02:01:23.5"),
		"2018-12-31T23:01:23-03:30":              at("2019-01-01T02:31:23"),
		"2000-02-29T00:00:00":                    at("2000-02-29T00:00:00"),
		"0001-01-01T00:00:00":                    ingest.Unset,
		"0001-01-01T00:00:00+02:00":              ingest.Unset,
		"9999-12-31T23:59:59.9999999":            ingest.OpenEnded,
		"9999-01-01T00:00:00Z":                   ingest.OpenEnded,
		"0001-01-02T00:00:00":                    at("0001-01-02T00:00:00"),
		"0000-02-29T00:00:00":                    at("0000-02-29T00:00:00"),
		"9998-12-31T23:59:59.9999999":            at("9998-12-31T23:59:59.9999999"),
	} {
		for _, quoted := range []string{`"` + text + `"`, `"\u003` + text[:1] + text[1:] + `"`, `"` + text + `","and":"more"`} {
			var s Scanner
			s.Start([]byte(quoted))
			if got, shape := s.Time(); got != want || shape != Found {
				t.Errorf("%s: got %s, %v", quoted, got.Go(), shape)
			}
		}
	}
}

func TestNoTime(t *testing.T) {
	for text, want := range map[string]Shape{
		`null`: Absent, `""`: Absent, `5`: Wrong, `true`: Wrong, `{}`: Wrong, `"yesterday"`: Wrong, `"2020-01-01"`: Wrong, `"2020-01-01T12:00"`: Wrong,
		`"2020-13-01T12:00:00"`: Wrong, `"2020-00-01T12:00:00"`: Wrong, `"2020-01-00T12:00:00"`: Wrong, `"2021-02-29T12:00:00"`: Wrong,
		`"1900-02-29T12:00:00"`: Wrong, `"2020-04-31T12:00:00"`: Wrong, `"2020-01-01T24:00:00"`: Wrong, `"2020-01-01T12:60:00"`: Wrong,
		`"2020-01-01T12:00:60"`: Wrong, `"2020-01-01T12:00:00."`: Wrong, `"2020-01-01T12:00:00.Z"`: Wrong, `"2020-01-01T12:00:00.5x"`: Wrong,
		`"2020-01-01T12:00:00ZZ"`: Wrong, `"2020-01-01T12:00:00+"`: Wrong, `"2020-01-01T12:00:00+2"`: Wrong, `"2020-01-01T12:00:00+02:"`: Wrong,
		`"2020-01-01T12:00:00+02:6"`: Wrong, `"2020-01-01T12:00:00+24:00"`: Wrong, `"2020-01-01T12:00:00+02:60"`: Wrong,
		`"2020-01-01T12:00:00+020"`: Wrong, `"2020/01/01T12:00:00"`: Wrong, `"2020-01-01T12.00.00"`: Wrong, `"+020-01-01T12:00:00"`: Wrong,
		`" 2020-01-01T12:00:00"`: Wrong, `"2020-01-01T12:00:00 "`: Wrong, `"2020-01-01T1a:00:00"`: Wrong, `"20२0-01-01T12:00:00"`: Wrong,
		`"2020-01-01T12:00:00`: Wrong,
	} {
		var s Scanner
		s.Start([]byte(text))
		if got, shape := s.Time(); got != 0 || shape != want {
			t.Errorf("%s: got %s, %v", text, got.Go(), shape)
		}
	}
}

// TestEveryDay compares each day of the calendar with package time, with a random time of day.
func TestEveryDay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for day := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 9999; day = day.AddDate(0, 0, 1) {
		if day.Year() == 1 && day.YearDay() == 1 {
			continue
		}
		g := day.Add(time.Duration(random.Int64N(24*36e9)) * 100)
		text := g.Format("2006-01-02T15:04:05.0000000")
		if got, ok := ParseTime([]byte(text)); !ok || got != ingest.FromGo(g) {
			t.Fatalf("%s: got %v, %v", text, got.Go(), ok)
		}
		if days, ok := ParseDate([]byte(text[:10])); !ok || days*86400 != day.Unix() {
			t.Fatalf("%s: day %d, %v", text[:10], days, ok)
		}
	}
	for year := range 10000 {
		for month := range 14 {
			for _, d := range []int{0, 28, 29, 30, 31, 32} {
				text := fmt.Sprintf("%04d-%02d-%02d", year, month, d)
				_, err := time.Parse("2006-01-02", text)
				if _, ok := ParseDate([]byte(text)); ok != (err == nil) {
					t.Fatalf("%s: %v", text, ok)
				}
			}
		}
	}
}

// TestTimeEveryByte puts every byte in every place; what package time takes, and only that, is a time.
func TestTimeEveryByte(t *testing.T) {
	const form = "2024-02-29T12:34:56.1234567+02:30"
	for at := range form {
		for c := range 256 {
			text := []byte(form)
			text[at] = byte(c)
			want, err := time.Parse("2006-01-02T15:04:05Z07:00", string(text))
			if at == 10 {
				want, err = time.Parse("2006-01-02T15:04:05Z07:00", form)
				if c != 'T' && c != 't' && c != ' ' {
					err = fmt.Errorf("no T")
				}
			}
			got, ok := ParseTime(text)
			switch {
			case at == 19 && c == ',' || at == 27 && (c == '-' || c == '+'):
				continue // package time takes a comma, and the sign says nothing of the rest
			case at == 28 && c == '2' || at == 31 && c == '6': // package time takes 24:00 and 60 minutes
				want, err = time.Time{}, nil
				continue
			}
			if ok != (err == nil) || ok && got != ingest.FromGo(want) {
				t.Fatalf("%q: got %v, %v, want %v, %v", text, got.Go(), ok, want, err)
			}
		}
	}
}
