package model

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

const (
	a = "00000000-0000-0000-0000-00000000000a"
	b = "00000000-0000-0000-0000-00000000000b"
)

func parse(t *testing.T, text string) *Query {
	t.Helper()
	q, err := ParseQuery([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

func TestIDs(t *testing.T) {
	for text, want := range map[string]string{
		`[]`: "", `""`: "", `[""]`: "", `"*"`: "", `"$__all"`: "", `["All"]`: "", `["` + a + `","$__all"]`: "",
		`"` + a + `"`:                                   a,
		`["` + b + `","` + a + `"]`:                     a + " " + b,
		`"` + b + `,` + a + `, ` + b + `"`:              a + " " + b,
		`"{` + b + `,` + a + `}"`:                       a + " " + b,
		`["'` + a + `'", "` + strings.ToUpper(b) + `"]`: a + " " + b,
	} {
		var got []string
		for _, id := range parse(t, `{"kind":"queueStatus","queues":`+text+`}`).Queues {
			got = append(got, id.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

func TestRefusedQueries(t *testing.T) {
	for text, why := range map[string]string{
		`[]`:                            "cannot be read",
		`{}`:                            "no kind",
		`{"kind":"x"}`:                  "not known",
		`{"kind":"calls","view":"x"}`:   "list, events",
		`{"kind":"calls","queues":"x"}`: "no UUID",
		`{"kind":"calls","queues":"1' OR 1=1 --"}`:                     "no UUID",
		`{"kind":"calls","view":"events"}`:                             "callId",
		`{"kind":"calls","callId":"x"}`:                                "callId",
		`{"kind":"calls","limit":10001}`:                               "limit",
		`{"kind":"calls","limit":-1}`:                                  "limit",
		`{"kind":"queueStatus","groupBy":"x"}`:                         "groupBy",
		`{"kind":"queueStatus","variant":"x"}`:                         "variant",
		`{"kind":"queueStatus","format":"x"}`:                          "format",
		`{"kind":"queueStatus","metrics":["x"]}`:                       "max_wait_time",
		`{"kind":"intervalMetrics","interval":"10m"}`:                  "interval",
		`{"kind":"intervalMetrics","interval":"36h"}`:                  "interval",
		`{"kind":"intervalMetrics","interval":"-15m"}`:                 "interval",
		`{"kind":"intervalMetrics","rolling":"8d"}`:                    "rolling",
		`{"kind":"intervalMetrics","rolling":"x"}`:                     "rolling",
		`{"kind":"intervalMetrics","attribution":"x"}`:                 "attribution",
		`{"kind":"intervalMetrics","timeZone":"Nowhere/City"}`:         "timeZone",
		`{"kind":"intervalMetrics","timeZone":"Local"}`:                "timeZone",
		`{"kind":"intervalMetrics","timeZone":"../../etc/passwd"}`:     "timeZone",
		`{"kind":"intervalMetrics","threshold":-1}`:                    "threshold",
		`{"kind":"intervalMetrics","threshold":1e9}`:                   "threshold",
		`{"kind":"serviceLevel","view":"live","threshold":5}`:          "rolling, intervals or days",
		`{"kind":"waits","percentiles":[0]}`:                           "percentiles",
		`{"kind":"waits","percentiles":[101]}`:                         "percentiles",
		`{"kind":"sql"}`:                                               "no SQL",
		`{"kind":"sql","sql":"` + strings.Repeat("x", MaxSQL+1) + `"}`: "bytes",
		`{"kind":"queueStatusHistory","interval":"1ms"}`:               "interval",
	} {
		if q, err := ParseQuery([]byte(text)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.100s: %+v, %v; want … %s …", text, q, err, why)
		}
	}
}

// What asks the same is the same, however it is written; what asks otherwise is not.
func TestCanonical(t *testing.T) {
	base := string(parse(t, `{"kind":"queueStatus"}`).Canonical())
	for _, same := range []string{
		`{"kind":"queueStatus","view":"now","groupBy":"queue","queues":[],"organizations":"$__all","variant":"ignore_short_abandons"}`,
		`{"kind":"queueStatus","timeZone":"dashboard","dashboardTimeZone":"Asia/Tokyo","interval":"1h","limit":7,"percentiles":[1],"sql":"x","refId":"B","datasource":{"uid":"x"}}`,
	} {
		if got := string(parse(t, same).Canonical()); got != base {
			t.Errorf("%s:\n%s\n%s", same, got, base)
		}
	}
	known := map[string]string{base: "base"}
	for _, other := range []string{`"groupBy":"total"`, `"queues":"` + a + `"`, `"queues":"` + b + `"`, `"groups":"` + a + `"`, `"organizations":"` + a + `"`, `"variant":"all"`,
		`"metrics":["max_wait_time"]`, `"metrics":["open_status"]`, `"stream":false`, `"format":"table"`} {
		text := string(parse(t, `{"kind":"queueStatus",`+other+`}`).Canonical())
		if before, has := known[text]; has {
			t.Errorf("%s is the same as %s", other, before)
		}
		known[text] = other
	}
}

func TestTimes(t *testing.T) {
	q := parse(t, `{"kind":"intervalMetrics","interval":"2d","rolling":"45s","threshold":2.5,"timeZone":"dashboard","dashboardTimeZone":"Asia/Tokyo"}`)
	if q.Step != 48*time.Hour || q.Rolling != 45*time.Second || q.Threshold != 2500*time.Millisecond || q.Zone != "Asia/Tokyo" {
		t.Errorf("%+v", q)
	}
	if q := parse(t, `{"kind":"intervalMetrics"}`); q.Step != Quarter {
		t.Errorf("step %v", q.Step)
	}
	if q := parse(t, `{"kind":"dailyMetrics","dashboardTimeZone":"Asia/Tokyo"}`); q.Zone != "" || q.DateZone != "Asia/Tokyo" {
		t.Errorf("zones %q and %q", q.Zone, q.DateZone)
	}
	for interval, want := range map[time.Duration]time.Duration{time.Second: Quarter, Quarter: Quarter, Quarter + 1: 30 * time.Minute, 23 * time.Hour: day, 8 * day: 28 * day} {
		if got := AutoStep(interval); got != want {
			t.Errorf("%v: %v, want %v", interval, got, want)
		}
	}
}

// No text that a variable may become does harm: it is a list of UUIDs, or refused.
func TestHostileVariables(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	parts := []string{"'", `"`, "\\", ")", "--", "{x:UInt8}", "\x00", "$__all", "*", ",", "{", "}", " ", "OR 1=1", "%", "é", a}
	for range 20_000 {
		text := ""
		for range random.IntN(6) {
			text += parts[random.IntN(len(parts))]
		}
		written, err := json.Marshal(map[string]any{"kind": "calls", "queues": text, "organizations": []string{text, a}, "outcomes": text})
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseQuery(written)
		if err != nil {
			continue
		}
		for _, id := range append(q.Queues, q.Organizations...) {
			if id != uuid.MustParse(a) {
				t.Fatalf("%q became %v", text, id)
			}
		}
	}
}

func TestSettings(t *testing.T) {
	s, err := ParseSettings([]byte(`{"username":"u","organizations":["`+a+`"],"pollIntervalMs":250,"live":false}`), "https://ch.example:8444/path", map[string]string{"password": "p"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Address != "ch.example:8444" || !s.TLS || s.Native || s.Path != "/path" || s.Username != "u" || s.Password != "p" || !s.Pinned || len(s.Organizations) != 1 ||
		s.PollInterval != 250*time.Millisecond || s.Live || s.Database != "ringside" || s.MaxRows != 100_000 {
		t.Errorf("%+v", s)
	}
	for address, want := range map[string]string{"http://h": "h:8123", "clickhouse://h": "h:9000", "clickhouses://h": "h:9440", "https://[::1]:1": "[::1]:1", "http://u:p@h": "h:8123"} {
		if s, err := ParseSettings(nil, address, nil); err != nil || s.Address != want {
			t.Errorf("%s: %v, %v", address, s, err)
		}
	}
	for name, c := range map[string]struct{ text, address, why string }{
		"no address":      {`{}`, "", "no address"},
		"no URL":          {`{}`, "h:8123", "cannot be read"},
		"another scheme":  {`{}`, "ftp://h", "begins with"},
		"a pin":           {`{"organizations":["*"]}`, "http://h", "no UUID"},
		"an empty pin":    {`{"organizations":[""]}`, "http://h", "no UUID"},
		"a database":      {`{"database":"a; DROP"}`, "http://h", "database"},
		"rows":            {`{"maxRows":0}`, "http://h", "maxRows"},
		"poll":            {`{"pollIntervalMs":1}`, "http://h", "pollIntervalMs"},
		"CA missing":      {`{"tlsAuthWithCACert":true}`, "https://h", "tlsCACert"},
		"key missing":     {`{"tlsAuth":true}`, "https://h", "tlsClientCert"},
		"not JSON":        {`{`, "http://h", "cannot be read"},
		"CA without TLS":  {`{"tlsAuthWithCACert":true}`, "http://h", "no TLS"},
		"secret in error": {`{}`, "http://user:geheim@", "cannot be read"},
	} {
		_, err := ParseSettings([]byte(c.text), c.address, map[string]string{"tlsCACert": map[bool]string{true: "x"}[name == "CA without TLS"]})
		if err == nil || !strings.Contains(err.Error(), c.why) || strings.Contains(fmt.Sprint(err), "geheim") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{`{"kind":"queueStatus"}`, `{"kind":"waits","percentiles":[50,1e308]}`, `{"kind":"sql","sql":"x"}`, `{"kind":"calls","interval":"1d","threshold":1e-300}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if q, err := ParseQuery(text); err == nil {
			q.Canonical() // panics where it cannot be written
		}
	})
}
