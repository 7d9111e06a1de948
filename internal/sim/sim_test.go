package sim

import (
	"bytes"
	"hash/fnv"
	"reflect"
	"testing"
	"time"

	"ringside/aggregate"
	"ringside/ingest"
)

// everything is a day with every oddity, shared by the tests that only read it.
var everything = func() func() (*Sim, []Event) {
	var s *Sim
	var events []Event
	return func() (*Sim, []Event) {
		if s == nil {
			c := DefaultConfig(7)
			c.Rates = Everything()
			s = New(c)
			events = s.All()
		}
		return s, events
	}
}()

// morning is a config that lasts a few busy hours.
func morning(seed uint64, r Rates) Config {
	c := DefaultConfig(seed)
	c.Start = c.Start.Add(8*time.Hour + 30*time.Minute)
	c.End, c.Rates, c.Scale = c.Start.Add(2*time.Hour), r, .5
	return c
}

func digest(events []Event) uint64 {
	h := fnv.New64a()
	for _, ev := range events {
		h.Write(ev.JSON)
	}
	return h.Sum64()
}

func TestSameSeedSameBytes(t *testing.T) {
	a, b, c := New(morning(1, Everything())), New(morning(1, Everything())), New(morning(2, Everything()))
	da, dc := digest(a.All()), digest(c.All())
	var stepped []Event
	for at := a.cfg.Start; at.Before(a.cfg.Start.Add(72 * time.Hour)); at = at.Add(7 * time.Minute) {
		stepped = b.Until(ingest.FromGo(at), stepped)
	}
	if db := digest(stepped); da != db {
		t.Errorf("the same seed in steps gave other bytes: %x and %x", da, db)
	}
	if da == dc {
		t.Error("another seed gave the same bytes")
	}
	if !reflect.DeepEqual(a.Truth(), b.Truth()) {
		t.Error("the same seed gave another truth")
	}
}

// What is told besides must not change what happens.
func TestVendorAndNoiseDoNotTouchTheTruth(t *testing.T) {
	plain, loud := morning(3, Everything()), morning(3, Everything())
	plain.Vendor.Every = 0
	a, b := New(plain), New(loud)
	a.All()
	b.All()
	ta, tb := a.Truth(), b.Truth()
	if len(ta.Calls) < 400 {
		t.Fatalf("only %d calls", len(ta.Calls))
	}
	ta.Emitted, tb.Emitted, ta.Orphans, tb.Orphans = nil, nil, nil, nil // ids of events differ
	if !reflect.DeepEqual(ta.Intervals, tb.Intervals) {
		t.Error("publishing changed the truth")
	}
}

func TestEventsComeInOrderWithUniqueIDs(t *testing.T) {
	_, events := everything()
	seen := map[[16]byte]bool{}
	for i, ev := range events {
		if i > 0 && ev.At < events[i-1].At {
			t.Fatalf("event %d at %v comes after %v", i, ev.At.Go(), events[i-1].At.Go())
		}
		if seen[ev.ID] {
			t.Fatalf("id %v twice", ev.ID)
		}
		seen[ev.ID] = true
		if !bytes.Contains(ev.JSON, []byte(ev.ID.String())) || !bytes.Contains(ev.JSON, []byte(`"`+ev.Type.String()+`"`)) {
			t.Fatalf("event %d does not carry its own id and type: %s", i, ev.JSON)
		}
	}
}

func TestEverythingHappensDozensOfTimes(t *testing.T) {
	s, events := everything()
	types := map[ingest.Type]int{}
	for _, ev := range events {
		types[ev.Type]++
	}
	for typ := ingest.TypeUnknown + 1; typ < ingest.NumTypes; typ++ {
		if types[typ] == 0 {
			t.Errorf("no %v", typ)
		}
	}
	truth := s.Truth()
	outcomes, transfers, flags := map[aggregate.Outcome]int{}, map[aggregate.Transfer]int{}, map[aggregate.Flags]int{}
	seconds, directions := 0, map[aggregate.Direction]int{}
	for _, c := range truth.Calls {
		if !c.Settled {
			t.Errorf("not settled: %+v", c.Row)
		}
		directions[c.Row.Direction]++
		if c.Row.Direction != aggregate.Inbound {
			continue
		}
		outcomes[c.Row.Outcome]++
		transfers[c.Row.Transfer]++
		for f := aggregate.FlagClockSkew; f <= aggregate.FlagConsulted; f <<= 1 {
			if c.Row.Flags&f != 0 {
				flags[f]++
			}
		}
		if c.Row.Visit > 1 {
			seconds++
		}
	}
	for o := aggregate.Answered; o < aggregate.NumOutcomes; o++ {
		atLeast(t, "outcome "+o.String(), outcomes[o], 36)
	}
	for tr := aggregate.TransferNone; tr <= aggregate.TransferQueue; tr++ {
		atLeast(t, "transfer "+tr.String(), transfers[tr], 36)
	}
	for i, name := range aggregate.FlagNames {
		atLeast(t, "flag "+name, flags[1<<i], 24)
	}
	for d := aggregate.Inbound; d <= aggregate.Direct; d++ {
		atLeast(t, "direction "+d.String(), directions[d], 36)
	}
	atLeast(t, "second visits", seconds, 24)
	atLeast(t, "orphans", len(truth.Orphans), 36)
}

func atLeast(t *testing.T, what string, got, want int) {
	t.Helper()
	if got < want {
		t.Errorf("%s: %d, want at least %d", what, got, want)
	}
}

// Each rate alone must run to its end, with a consistent truth; and must do something.
func TestEachRateAlone(t *testing.T) {
	companions := map[string]string{ // rates that only say how another one looks
		"IVRHangUp": "IVR", "IVRLocal": "IVR,IVRHangUp", "PromptHangUp": "PromptAfter", "PromptNoRestart": "PromptAfter",
		"EarlyLocal": "HangUpEarly", "OverflowLateEvent": "OverflowImplicit", "Decline": "RingNoAnswer", "HoldBoth": "Hold",
		"HoldUserSide": "Hold", "ConsultTakeover": "Consult", "TransferUserSide": "TransferQueue", "TransferPending": "TransferQueue",
		"TransferSilent": "TransferQueue", "TransferLate": "TransferQueue",
	}
	plain := digest(New(morning(5, Rates{})).All())
	fields := reflect.TypeFor[Rates]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		r := Rates{}
		set(&r, name)
		for _, c := range bytes.Split([]byte(companions[name]), []byte(",")) {
			if len(c) > 0 {
				set(&r, string(c))
			}
		}
		c := morning(5, r)
		if name == "ZoneChange" {
			c.End = c.Start.Add(13 * time.Hour)
		}
		s := New(c)
		events := s.All()
		if digest(events) == plain {
			t.Errorf("%s does nothing", name)
		}
		checkIdentity(t, name, s.Truth())
	}
}

func set(r *Rates, name string) {
	f := reflect.ValueOf(r).Elem().FieldByName(name)
	if f.Kind() == reflect.Bool {
		f.SetBool(true)
		return
	}
	f.SetFloat(.4)
}

// The identity of METRICS.md section 3.
func checkIdentity(t *testing.T, what string, truth *Truth) {
	t.Helper()
	if len(truth.Intervals) == 0 {
		t.Errorf("%s: no windows", what)
	}
	for _, windows := range [][]Window{truth.Daily, truth.Intervals} {
		for _, w := range windows {
			o := &w.Sums.Outcomes
			sum := o[aggregate.ServiceClosed] + o[aggregate.Answered] + o[aggregate.Overflowed] + o[aggregate.Rejected] +
				o[aggregate.Abandoned] + o[aggregate.LeftEarly] + o[aggregate.CallbackRequested] + o[aggregate.Transferred] +
				o[aggregate.Lost] + o[aggregate.OutcomeOpen]
			if w.Sums.Total != sum {
				t.Errorf("%s: total %d, outcomes %d: %+v", what, w.Sums.Total, sum, w)
			}
			if int64(len(w.Waits)) != w.Sums.WaitCount || int64(len(w.AnsweredWaits)) != w.Sums.AnsweredWaitCount {
				t.Errorf("%s: waits and their count differ: %+v", what, w)
			}
		}
	}
}

func TestIdentityInTheMiddleOfTheDay(t *testing.T) {
	s := New(morning(9, Everything()))
	open := int64(0)
	for m := 1; m <= 20; m++ {
		s.Until(ingest.FromGo(s.cfg.Start.Add(time.Duration(m)*6*time.Minute)), nil)
		truth := s.Truth()
		checkIdentity(t, "while open", truth)
		for _, w := range truth.Daily {
			open += w.Sums.Outcomes[aggregate.OutcomeOpen]
		}
	}
	if open == 0 {
		t.Error("nobody was ever waiting")
	}
}

func TestDaysAndIntervalsAddUp(t *testing.T) {
	s, _ := everything()
	truth := s.Truth()
	var days, intervals aggregate.Sums
	for _, w := range truth.Daily {
		add(&days, &w.Sums, 1)
	}
	for _, w := range truth.Intervals {
		add(&intervals, &w.Sums, 1)
		if w.Start%(15*60*1_000_000) != 0 { // all zones used here lie whole quarters from UTC
			t.Errorf("interval at %d", w.Start)
		}
	}
	if days != intervals || days.Total < 2000 {
		t.Errorf("days %+v\nintervals %+v", days, intervals)
	}
}

func TestChangeOfClocks(t *testing.T) {
	for _, tc := range []struct {
		day   time.Time
		hours int
	}{
		{time.Date(2026, 3, 29, 0, 0, 0, 0, location("Europe/Helsinki")), 23},
		{time.Date(2026, 10, 25, 0, 0, 0, 0, location("Europe/Helsinki")), 25},
		{time.Date(2026, 6, 7, 0, 0, 0, 0, location("Europe/Helsinki")), 24},
	} {
		c := DefaultConfig(11)
		c.Start, c.End = tc.day, tc.day.AddDate(0, 0, 1)
		o := c.Organizations[0]
		q := o.Queues[6]
		q.Region, q.PerDay, q.Curve = "Europe/Helsinki", 5000, [24]float64{}
		o.Queues = []Queue{q}
		o.Agents = []Agent{{Name: "a@example.com", Queues: []int{0}}}
		c.Organizations, c.Rates, c.Vendor.Every = []Organization{o}, Rates{}, 0
		s := New(c)
		s.All()
		truth := s.Truth()
		if len(truth.Daily) != 1 {
			t.Errorf("%v: %d days", tc.day, len(truth.Daily))
		}
		if got := len(truth.Intervals); got != tc.hours*4 {
			t.Errorf("%v: %d intervals, want %d", tc.day, got, tc.hours*4)
		}
	}
}

func BenchmarkDay(b *testing.B) {
	n := 0
	for i := range b.N {
		s := New(DefaultConfig(uint64(i)))
		for {
			if _, ok := s.Next(); !ok {
				break
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
