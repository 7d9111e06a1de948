package forwarders

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// inOrder checks that the events are those numbered from 0 on.
func inOrder(t *testing.T, events []request) {
	t.Helper()
	for i := range events {
		if n := events[i].number(t); n != i {
			t.Fatalf("event %d came in place %d", n, i)
		}
	}
}

// TestGatewayAway loses nothing, and no order, while the gateway is away and the page is loaded anew meanwhile.
func TestGatewayAway(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	d := newSite(t, r.url(), nil).open(b, "avaya")
	d.interactions(0, 20)
	r.want(20)
	r.stop()
	d.interactions(20, 20)
	until(t, "a try to fail", func() bool { return d.stats().Repeated > 1 })
	d.reload()
	if s := d.stats(); s.Waiting != 20 || s.Taken != 0 {
		t.Fatalf("after the page was loaded anew: %+v", s)
	}
	d.interactions(40, 20)
	d.stats()
	r.start()
	inOrder(t, r.want(60))
	until(t, "the buffer to be empty", func() bool { return d.stats().Waiting == 0 })
}

// TestAnswers has the gateway give every answer that means "later": the same event comes again until it is accepted.
func TestAnswers(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	statuses := []int{500, 503, 429, 502, 507, 504, 200, 503, 200}
	r.setAnswer(func(n int, _ *envelope) (int, string) { return statuses[min(n, len(statuses)-1)], "" })
	d := newSite(t, r.url(), nil).open(b, "avaya")
	d.interactions(0, 3)
	inOrder(t, r.want(3))
	var ids []string
	for _, req := range r.all() {
		ids = append(ids, req.ID)
	}
	if got := len(slices.Compact(slices.Clone(ids))); got != 3 || len(ids) != 10 {
		t.Errorf("ids of the tries %q: want one event for 7, one for 2 and one for 1", ids)
	}
	if s := d.statsAfter(3); s.Repeated != 7 || s.Refused != 0 || s.Dropped != 0 {
		t.Errorf("%+v", s)
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	b := browser(t)
	for name, retryAfter := range map[string]func() string{
		"seconds": func() string { return "2" },
		"a date":  func() string { return time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		r := newReceiver(t)
		r.setAnswer(func(n int, _ *envelope) (int, string) {
			if n == 0 {
				return http.StatusTooManyRequests, retryAfter()
			}
			return http.StatusOK, ""
		})
		newSite(t, r.url(), nil).open(b, "avaya").interactions(0, 1)
		r.want(1)
		tries := r.all()
		if waited := tries[1].at.Sub(tries[0].at); len(tries) != 2 || waited < time.Second || waited > 20*time.Second {
			t.Errorf("Retry-After in %s: %d tries, the second %s after the first", name, len(tries), waited)
		}
	}
}

// TestRefusedIsNotRepeated lets go what the gateway will never take, and goes on with the next.
func TestRefusedIsNotRepeated(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	statuses := []int{400, 413, 422, 403, 200}
	r.setAnswer(func(n int, _ *envelope) (int, string) { return statuses[min(n, len(statuses)-1)], "" })
	d := newSite(t, r.url(), nil).open(b, "avaya")
	d.interactions(0, 6)
	events := r.want(2)
	if events[0].number(t) != 4 || events[1].number(t) != 5 || len(r.all()) != 6 {
		t.Errorf("%d tries, the first accepted is %d", len(r.all()), events[0].number(t))
	}
	if s := d.statsAfter(2); s.Refused != 4 || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}

// TestWrongToken keeps the events until the page has the right one.
func TestWrongToken(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	s := newSite(t, r.url(), map[string]any{"token": "of last year"})
	d := s.open(b, "avaya")
	d.interactions(0, 5)
	until(t, "the forwarder to stop", func() bool { return d.stats().Halted })
	d.interactions(5, 5)
	if got := d.stats(); got.Waiting != 10 || got.Refused != 0 || len(r.all()) != 1 {
		t.Errorf("after %d tries: %+v", len(r.all()), got)
	}
	s.config["token"] = token
	d.reload()
	inOrder(t, r.want(10))
}

// TestTwoTabs has two desktops of an agent share a buffer: one sends at a time, and each tab's order is kept.
func TestTwoTabs(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	r.delay = 5 * time.Millisecond
	s := newSite(t, r.url(), nil)
	tabs := []*desk{s.open(b, "avaya"), s.open(b, "avaya")}
	for i := range 10 {
		for n, d := range tabs {
			d.interactions(1000*n+5*i, 5)
		}
		if i == 4 {
			r.stop()
		}
		if i == 7 {
			tabs[0].reload()
			r.start()
		}
	}
	next := [2]int{0, 1000}
	for _, e := range r.want(100) {
		n := e.number(t)
		if next[n/1000] != n {
			t.Fatalf("event %d came before %d", n, next[n/1000])
		}
		next[n/1000]++
	}
	if r.together != 1 {
		t.Errorf("%d requests at a time", r.together)
	}
	until(t, "the buffer to be empty", func() bool { return tabs[0].stats().Waiting == 0 })
}

// TestLimit lets the oldest go, and counts them.
func TestLimit(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	r.stop()
	d := newSite(t, r.url(), map[string]any{"limit": 10, "maxBytes": 2000}).open(b, "avaya")
	d.interactions(0, 30)
	d.fire("onAnyInteractionEvent", map[string]any{"id": string(make([]byte, 3000))})
	if s := d.stats(); s.Waiting != 10 || s.Dropped != 21 {
		t.Fatalf("%+v", s)
	}
	r.start()
	for i, e := range r.want(10) {
		if e.number(t) != 20+i {
			t.Errorf("event %d in place %d: want the last ten", e.number(t), i)
		}
	}
}

// TestOldIsDropped does not send what nobody needs any more.
func TestOldIsDropped(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	s := newSite(t, r.url(), map[string]any{"maxAgeHours": 0.0001}) // 0.36 s
	r.stop()
	d := s.open(b, "avaya")
	d.interactions(0, 3)
	until(t, "the events to be dropped", func() bool { return d.stats().Dropped == 3 })
	r.start()
	d.interactions(3, 1)
	if got := r.want(1)[0].number(t); got != 3 {
		t.Errorf("event %d came, want 3", got)
	}
}

// TestOtherStores runs where a browser, or its settings, has no IndexedDB, no Web Locks, or nothing at all.
func TestOtherStores(t *testing.T) {
	const noDatabase = `Object.defineProperty(window, 'indexedDB', { get() { throw new Error('no'); } });`
	const noLocks = `Object.defineProperty(navigator, 'locks', { value: undefined });`
	const noStorage = `Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });`
	b := browser(t)
	for _, c := range []struct {
		name, before string
		survives     int // of 20 events, how many are there after a reload
		most         int // of 1,100 events, how many wait
	}{
		{"localStorage", noDatabase, 20, 1000},
		{"localStorage with a lease", noDatabase + noLocks, 20, 1000},
		{"IndexedDB with a lease", noLocks, 20, 1100},
		{"nothing", noDatabase + noLocks + noStorage, 0, 1100},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newReceiver(t)
			r.stop()
			s := newSite(t, r.url(), nil)
			s.before = c.before
			d := s.open(b, "avaya")
			d.interactions(0, 20)
			if got := d.stats().Waiting; got != 20 {
				t.Fatalf("%d events wait, want 20", got)
			}
			d.reload()
			if got := d.stats().Waiting; got != c.survives {
				t.Fatalf("after the page was loaded anew %d events wait, want %d", got, c.survives)
			}
			d.interactions(20, 20)
			r.start()
			events := r.want(20 + c.survives)
			for i := range events {
				if n := events[i].number(t); n != i+20-c.survives {
					t.Fatalf("event %d in place %d", n, i)
				}
			}
			r.stop()
			until(t, "the buffer to be empty", func() bool { return d.stats().Waiting == 0 })
			d.interactions(40, 1100)
			if got := d.stats(); got.Waiting != c.most || got.Dropped != 1100-c.most {
				t.Errorf("of 1,100 events: %+v, want %d to wait", got, c.most)
			}
		})
	}
}

// TestTabsWithLease has two tabs agree without Web Locks.
func TestTabsWithLease(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	s := newSite(t, r.url(), nil)
	s.before = `Object.defineProperty(navigator, 'locks', { value: undefined });`
	tabs := []*desk{s.open(b, "avaya"), s.open(b, "avaya")}
	for i := range 10 {
		for n, d := range tabs {
			d.interactions(1000*n+2*i, 2)
		}
	}
	r.want(40)
	until(t, "the buffer to be empty", func() bool { return tabs[1].stats().Waiting == 0 })
}

// TestTabCrashes has the tab die of its own, without the events that a page gets when it is closed.
func TestTabCrashes(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	r.stop()
	s := newSite(t, r.url(), nil)
	d := s.open(b, "avaya")
	d.interactions(0, 20)
	d.stats()
	other := s.open(b, "avaya") // waits for the first to let it send
	other.interactions(20, 20)
	other.stats()
	go func() { _ = chromedp.Run(d.ctx, page.Crash()) }() // is never answered
	until(t, "the tab to be gone", func() bool { return d.crashed.Load() })
	r.start()
	inOrder(t, r.want(40))
}

// TestDatabaseGone goes on where somebody clears the site's data.
func TestDatabaseGone(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	d := newSite(t, r.url(), nil).open(b, "avaya")
	d.interactions(0, 1)
	r.want(1)
	eval[any](d, `() => new Promise((resolve) => { indexedDB.deleteDatabase(forwarder.name).onsuccess = () => resolve(null); })`)
	d.interactions(1, 3)
	inOrder(t, r.want(4))
}

// TestLargeEvent is longer than what a browser lets outlive its page.
func TestLargeEvent(t *testing.T) {
	b := browser(t)
	r := newReceiver(t)
	d := newSite(t, r.url(), nil).open(b, "avaya")
	d.fire("onAnyInteractionEvent", map[string]any{"id": "0", "topic": strings.Repeat("ä", 100_000)})
	if e := r.want(1)[0]; len(e.body) < 200_000 {
		t.Errorf("%d bytes arrived", len(e.body))
	}
}
