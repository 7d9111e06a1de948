package cli

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"ringside/internal/sim"
	"ringside/internal/soak"
)

// rushHour is part of a morning of many contact centres, whose messages are to be sent as they happen.
func rushHour(seed uint64, organizations int, lasts time.Duration) *day {
	c := sim.DefaultConfig(seed)
	c.Rates = sim.Everything()
	for len(c.Organizations) < organizations {
		c.Organizations = append(c.Organizations, sim.NordicCare())
	}
	c.Start = c.Start.Add(9 * time.Hour)
	c.End = c.Start.Add(lasts)
	d := &day{sim: sim.New(c), config: c}
	d.delivered = d.sim.All()
	d.settling = len(d.delivered) - len(c.Organizations)
	return d
}

// asItHappens sends events by the clock until done, and returns how many there were in how long.
func asItHappens(day *producing, events []sim.Event, done func() bool) (sent int, took time.Duration) {
	begin, first := time.Now(), events[0].At
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		n := sent
		for due := first.Add(time.Since(begin)); n < len(events) && events[n].At <= due; n++ {
		}
		day.send(events[sent:n])
		if sent = n; sent == len(events) {
			break
		}
		<-tick.C
	}
	return sent, time.Since(begin)
}

// outagePause is how long things go well before each outage.
const outagePause = 30 * time.Second

// TestOutageSoak takes the store away for as many minutes as RINGSIDE_SOAK_OUTAGE says, and makes it slow for a sixth of
// that, while a hundred contact centres go on: nothing is lost, and what has piled up is caught up with at three times the
// rate at which more comes in, at least. It reports to RINGSIDE_SOAK_REPORT.
func TestOutageSoak(t *testing.T) {
	minutes, err := strconv.ParseFloat(os.Getenv("RINGSIDE_SOAK_OUTAGE"), 64)
	if err != nil {
		t.Skip("for `make soak`: RINGSIDE_SOAK_OUTAGE says how many minutes the store is away")
	}
	needStore(t)
	const partitions, organizations = 4, 100
	lasts := time.Duration(minutes * float64(time.Minute))
	d := rushHour(76, organizations, lasts*7/6+10*time.Minute)
	dir, broker := t.TempDir(), ownBroker(t, partitions)
	store := sharedStore(t, dir)
	slow := newSlowLine(t, store.Host)
	between := newProxy(t, slow.addr)
	p := runProcess(t, d.configFile(t, dir, atServer(store, between.addr, broker)))
	day := newProducing(t, broker)
	begin, sent, report := time.Now(), 0, ""
	goOn := func(done func() bool) (n int, took time.Duration) {
		n, took = asItHappens(day, d.delivered[sent:d.settling], done)
		if sent += n; sent == d.settling {
			t.Fatal("the morning is over too early")
		}
		return n, took
	}
	lasting := func(d time.Duration) func() bool {
		end := time.Now().Add(d)
		return func() bool { return time.Now().After(end) }
	}
	for _, trouble := range []struct {
		name       string
		lasts      time.Duration
		begin, end func()
	}{
		{"slow", lasts / 6, func() { slow.slow.Store(true) }, func() { slow.slow.Store(false) }},
		{"away", lasts, between.cut, between.heal},
	} {
		goOn(lasting(outagePause))
		trouble.begin()
		came, took := goOn(lasting(trouble.lasts))
		trouble.end()
		before, looked, caughtUp := stored(t, dir), time.Now(), false
		behind, from := sent-before, time.Now()
		goOn(func() bool {
			if time.Since(looked) < time.Second {
				return false
			}
			// What has come within the last seconds may be on its way.
			caughtUp, looked = sent-stored(t, dir) < 2*came/int(took.Seconds()), time.Now()
			return caughtUp || time.Since(from) > trouble.lasts+patience
		})
		if !caughtUp {
			t.Errorf("%s: %d behind after %s", trouble.name, sent-stored(t, dir), time.Since(from))
		}
		recovery, live := float64(stored(t, dir)-before)/time.Since(from).Seconds(), float64(came)/took.Seconds()
		if recovery < 3*live {
			t.Errorf("%s: %.0f events a second caught up with, %.0f come", trouble.name, recovery, live)
		}
		report += fmt.Sprintf("; %s for %s at %.0f events a second: %d behind, caught up with at %.0f a second, %.0f times as fast", trouble.name,
			took.Round(time.Second), live, behind, recovery, recovery/live)
	}
	t.Log(report[2:])
	day.readers = []*engineProcess{p}
	day.send(d.delivered[sent:])
	p.caughtUp(partitions)
	p.stop()
	differences := d.differences(t, dataDir(t, dir))
	for _, line := range differences {
		t.Error(line)
	}
	failed := len(differences)
	if t.Failed() {
		failed = max(failed, 1)
	}
	err = soak.Append(os.Getenv("RINGSIDE_SOAK_REPORT"), soak.Row{Proof: "outages of the store", Tried: fmt.Sprintf("%d events%s", len(d.delivered), report),
		Differences: failed, Took: time.Since(begin), Ended: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
}
