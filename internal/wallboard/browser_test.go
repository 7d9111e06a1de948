package wallboard

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the simulated centre names zones

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/chromiumtest"
	"ringside/internal/sim"
)

// centre is a simulated contact centre whose core feeds a board.
type centre struct {
	t     *testing.T
	sim   *sim.Sim
	core  *aggregate.Core
	board *Board
	event ingest.Event
	shown bool
}

func newCentre(t *testing.T) *centre {
	t.Helper()
	config := sim.DefaultConfig(7)
	return &centre{t: t, sim: sim.New(config), core: aggregate.New(config.Settings()), board: New(config.Names())}
}

// until takes in what happens up to an instant, as a pipeline does.
func (c *centre) until(at time.Time) {
	c.t.Helper()
	var d enreach.Decoder
	for _, e := range c.sim.Until(ingest.FromGo(at), nil) {
		if err := d.Decode(e.JSON, &c.event); err != nil {
			c.t.Fatal(err)
		}
		c.core.Apply(&c.event)
	}
	var rows aggregate.Rows
	if c.core.Drain(aggregate.DrainAll, &rows); !c.shown {
		c.shown, rows = true, aggregate.Rows{}
		c.core.Current(&rows)
	}
	c.board.Observe(0, &rows, c.core.Clock)
}

func (c *centre) figures() (figures []Figures, m message) {
	c.t.Helper()
	m = c.board.newView(selection{}).snapshot()
	return figuresOf(c.t, m), m
}

// TestPageShowsTheBoard compares every cell with the board, which the core of a simulated centre feeds, through an hour
// of the centre's day. Its clock stands between the steps, so that no figure may move meanwhile.
func TestPageShowsTheBoard(t *testing.T) {
	b := chromiumtest.Start(t)
	c := newCentre(t)
	begin := sim.DefaultConfig(7).Start.Add(10 * time.Hour)
	c.until(begin)
	p := visit(t, b, newSite(t, c.board), "/", 1920, 1080)
	p.until("the first figures", "document.querySelectorAll('#rows tr').length > 0")
	for step := range 12 {
		c.until(begin.Add(time.Duration(step) * 5 * time.Minute))
		figures, m := c.figures()
		if len(figures) < 9 || m.Organizations[0].Stands == 0 {
			t.Fatalf("the centre has %d queues, and its clock runs", len(figures))
		}
		present := m.Organizations[0].Stands
		want := map[string]map[string]string{}
		for i := range figures {
			want[figures[i].ID.String()] = cellsOf(&figures[i], present)
		}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		p.until(fmt.Sprintf("the figures of step %d: %s", step, text), differing, json.RawMessage(text))
		tiles := tilesOf(figures, m.Organizations[0].Agents, present)
		p.until(fmt.Sprintf("the totals %v", tiles), `Object.entries(%s).every(([k, v]) => document.querySelector('[data-tile=' + k + '] .value').textContent === v)`, tiles)
	}
	if got := eval[string](p, "document.getElementById('organization').textContent"); got != "Nordic Care Oy" {
		t.Errorf("the page is of %q", got)
	}
	p.until("queues with callers beyond the threshold to come first", `(([first, ...rest]) => first && rest.every((late, i) => !late || [first, ...rest][i]))(
		[...document.querySelectorAll('#rows tr')].map((r) => r.dataset.trouble === 'missed'))`)
}

// differing is true when every row has the wanted cells, and no row is there that should not be.
const differing = `((want) => { const rows = [...document.querySelectorAll('#rows tr')];
	return rows.length === Object.keys(want).length && rows.every((r) => Object.entries(want[r.dataset.queue] || {x: 1}).every(([k, v]) =>
		r.querySelector('[data-col=' + k + '] .value, [data-col=' + k + '] .name')?.textContent === v)); })(%s)`

// cellsOf writes a queue's figures as the page should.
func cellsOf(f *Figures, present int64) map[string]string {
	longest := "–"
	if f.Since != 0 {
		longest = minutes((present - f.Since) / 1_000_000)
	}
	return map[string]string{"name": f.Name, "waiting": fmt.Sprint(f.Waiting), "longest": longest, "ringing": fmt.Sprint(f.Ringing),
		"connected": fmt.Sprint(f.Connected), "agents": fmt.Sprintf("%d / %d", f.Free, f.Serving), "away": fmt.Sprint(f.Away),
		"level": percentText(f.Level(present)), "answered": fmt.Sprint(f.Answered), "abandoned": fmt.Sprint(f.Abandoned)}
}

func tilesOf(figures []Figures, agents Agents, present int64) map[string]string {
	var sum Figures
	longest := "–"
	sum.Threshold = 1
	for i := range figures {
		f := &figures[i]
		sum.Waiting += f.Waiting
		sum.Answered += f.Answered
		sum.Abandoned += f.Abandoned
		if f.Since != 0 && (sum.Since == 0 || f.Since < sum.Since) {
			sum.Since = f.Since
			longest = minutes((present - f.Since) / 1_000_000)
		}
		if f.Threshold > 0 {
			sum.Met += f.Met
			sum.Base += f.Base + int64(f.Overdue(present))
		}
	}
	if longest == "0:00" {
		longest = "–"
	}
	return map[string]string{"waiting": fmt.Sprint(sum.Waiting), "longest": longest, "free": fmt.Sprint(agents.Free),
		"level": percentText(sum.Level(present)), "answered": thousands(sum.Answered), "abandoned": thousands(sum.Abandoned)}
}

func minutes(s int64) string {
	s = max(s, 0)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func percentText(p float64, known bool) string {
	if !known {
		return "–"
	}
	if p == 100 {
		return "100%"
	}
	tenths := int64(p*10 + 1e-6) // cut, not rounded: 79.96 of 80 is not met
	return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10)
}

func thousands(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// TestPageIsLive looks at what moves: seconds, a service level that falls by itself, updates, a connection that is lost.
func TestPageIsLive(t *testing.T) {
	ctx := chromiumtest.Start(t)
	b := New(map[uuid.UUID]string{id('o', 1): "Nordic Care"})
	clock := func(uuid.UUID) aggregate.Clock {
		now := time.Now().UnixMicro()
		return aggregate.Clock{Now: now, Horizon: now}
	}
	observe := func(rows aggregate.Rows) { b.Observe(0, &rows, clock) }
	hostile := `<img src=x onerror="window.hacked=1"> & 'co'`
	d := daily(1, 1, day(time.Now()), "UTC", 9)
	d.Threshold = 4_000_000
	observe(aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, "Sales", 1, time.Now()), status(1, 2, hostile, 0), status(1, 3, "Calm", 0)},
		Daily: []aggregate.DailyRow{d, daily(1, 3, day(time.Now()), "UTC", 5)}})
	s := newSite(t, b)
	p := visit(t, ctx, s, "/?theme=light", 1280, 800)
	p.until("the figures", "document.querySelectorAll('#rows tr').length === 3")
	sales, other, calm := id('q', 1).String(), id('q', 2).String(), id('q', 3).String()

	t.Run("a hostile name is text", func(t *testing.T) {
		if got := p.cell(other, "name"); got != hostile {
			t.Errorf("the name reads %s", got)
		}
		if eval[bool](p, "'hacked' in window || document.querySelector('img, main script') !== null") {
			t.Error("the name has become markup")
		}
	})
	t.Run("waits and service level tick by themselves", func(t *testing.T) {
		if got := p.cell(sales, "level"); got != "100%" {
			t.Errorf("the level begins with %s", got)
		}
		for second := 1; second <= 5; second++ {
			p.until("the next second", `document.querySelector('tr[data-queue="' + %s + '"] [data-col=longest] .value').textContent === %s`, sales, minutes(int64(second)))
		}
		if got := p.cell(sales, "level"); got != "90.0%" { // 9 of 9, and one who waits longer than 4 s
			t.Errorf("after the threshold the level is %s", got)
		}
		if got := eval[string](p, `document.querySelector('tr[data-queue="' + %s + '"] [data-col=longest]').dataset.state`, sales); got != "missed" {
			t.Errorf("the wait is marked %s", got)
		}
	})
	t.Run("only what changes is touched", func(t *testing.T) {
		eval[bool](p, `window.touched = [], new MutationObserver((list) => list.forEach((m) => {
			const row = (m.target.closest ? m.target : m.target.parentElement).closest('#rows tr');
			if (row) touched.push(row.dataset.queue + ' ' + (m.target.closest ? m.target : m.target.parentElement).closest('td, th')?.dataset.col);
		})).observe(document.getElementById('rows'), {subtree: true, childList: true, characterData: true, attributes: true}), true`)
		changed := status(1, 2, hostile, 0)
		changed.NbrOfConnected = 3
		begin := time.Now()
		observe(aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{changed, status(1, 3, "Calm", 0)}})
		p.until("the update", `document.querySelector('tr[data-queue="' + %s + '"] [data-col=connected] .value').textContent === '3'`, other)
		if took := time.Since(begin); took > time.Second {
			t.Errorf("the update took %s", took)
		}
		touched := eval[[]string](p, "[...new Set(touched)]")
		for _, at := range touched {
			if at != other+" connected" && !strings.HasPrefix(at, sales) {
				t.Errorf("%s was touched", at)
			}
		}
		if strings.Contains(strings.Join(touched, " "), calm) {
			t.Errorf("an update without a difference touches the page: %q", touched)
		}
	})
	t.Run("a lost connection shows, and comes back", func(t *testing.T) {
		p.until("the badge to be live", "document.getElementById('badge').dataset.state === 'good'")
		p.mu.Lock()
		p.lossy = true
		p.mu.Unlock()
		s.stop()
		p.until("the badge to tell", "document.getElementById('badge').dataset.state === 'bad' && document.getElementById('badge-text').textContent.includes('connection lost')")
		if p.cell(calm, "answered") != "5" {
			t.Error("the last figures are gone")
		}
		observe(aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 3, "Calm", 8)}})
		s.start()
		p.until("the badge to be live again", "document.getElementById('badge').dataset.state === 'good'")
		p.until("what happened meanwhile", `document.querySelector('tr[data-queue="' + %s + '"] [data-col=waiting] .value').textContent === '8'`, calm)
	})
	t.Run("trouble shows", func(t *testing.T) {
		b.keep(Status{Trouble: "ClickHouse does not answer"})
		p.until("the badge to tell", "document.getElementById('badge-text').textContent === 'ClickHouse does not answer'")
		b.keep(Status{Behind: 3 * time.Minute})
		p.until("the badge to tell", "document.getElementById('badge-text').textContent === 'catching up, 3 min behind'")
		b.keep(Status{})
		p.until("the badge to be live", "document.getElementById('badge').dataset.state === 'good'")
		old := time.Now().Add(-2 * time.Minute).UnixMicro()
		b.Observe(0, &aggregate.Rows{Accounting: []aggregate.AccountingRow{{OrganizationID: id('o', 1)}}}, func(uuid.UUID) aggregate.Clock {
			return aggregate.Clock{Now: time.Now().UnixMicro(), Horizon: old}
		})
		p.until("the badge to tell", "document.getElementById('badge').dataset.state === 'bad' && document.getElementById('badge-text').textContent === 'newest event 2 min ago'")
	})
}

func newFilled(organizations, queues int) *Board {
	b := New(map[uuid.UUID]string{id('o', 0): "Nordic Care", id('o', 1): "Lumber"})
	var rows aggregate.Rows
	for o := range organizations {
		for q := range queues {
			r := status(byte(o), byte(o*queues+q), fmt.Sprintf("Queue with a rather long name %d", o*queues+q), int32(q%7))
			if r.NbrOfQueuingRequesters > 0 {
				r.LongestWaitSince = time.Now().Add(-time.Duration(q) * time.Second).UnixMicro()
				r.WaitingSince = []int64{r.LongestWaitSince}
			}
			r.NbrOfAgentsImmediatelyFree, r.NbrOfServingAgentsEstimate, r.NbrOfAgentsLongTermAway = 88, 288, 188
			rows.QueueStatus = append(rows.QueueStatus, r)
			rows.Daily = append(rows.Daily, daily(byte(o), byte(o*queues+q), day(time.Now()), "UTC", 12_345))
		}
	}
	b.Observe(0, &rows, func(uuid.UUID) aggregate.Clock {
		return aggregate.Clock{Now: time.Now().UnixMicro(), Horizon: time.Now().UnixMicro()}
	})
	return b
}

func TestPageFitsItsScreen(t *testing.T) {
	ctx := chromiumtest.Start(t)
	many, few := newSite(t, newFilled(1, 60)), newSite(t, newFilled(1, 9))
	for _, c := range []struct {
		name          string
		site          *site
		address       string
		width, height int64
		scrolls       bool
	}{
		{"phone", many, "/", 390, 844, true},
		{"small phone", few, "/?kiosk=1", 320, 568, true},
		{"tablet", few, "/", 820, 1180, false},
		{"laptop", few, "/", 1366, 768, false},
		{"desk", many, "/", 1920, 1080, true},
		{"wall", few, "/?kiosk=1", 1920, 1080, false},
		{"wall with many queues", many, "/?kiosk=1", 1920, 1080, false},
		{"large wall", few, "/?kiosk=1", 3840, 2160, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := visit(t, ctx, c.site, c.address, c.width, c.height)
			p.until("the figures", "document.querySelectorAll('#rows tr').length > 8")
			if w := eval[int64](p, "document.documentElement.scrollWidth"); w > c.width {
				t.Errorf("the page is %d wide on a screen of %d", w, c.width)
			}
			p.until("the page to take the height of the screen", "document.documentElement.scrollHeight > innerHeight === %s", c.scrolls)
			cut := eval[[]string](p, `[...document.querySelectorAll('#rows tr:not([hidden]) td .value, .figure .value')].filter((e) => getComputedStyle(e.closest('td, article')).display !== 'none')
				.filter((e) => { const box = e.getBoundingClientRect(), cell = e.closest('td, article').getBoundingClientRect();
					return !box.width || box.left < cell.left - 1 || box.right > cell.right + 1 || box.right > innerWidth; }).map((e) => e.closest('td, article').outerHTML.slice(0, 60))`)
			if len(cut) > 0 {
				t.Errorf("%d figures are cut off: %.200q", len(cut), cut)
			}
		})
	}
	p := visit(t, ctx, many, "/?kiosk=1", 1920, 1080)
	p.until("the note", "!document.getElementById('note').hidden && /^[0-9]+ calmer queues are not shown/.test(document.getElementById('note').textContent)")
	if eval[int](p, "[...document.querySelectorAll('#rows tr')].filter((r) => !r.hidden && r.getBoundingClientRect().bottom > innerHeight).length") > 0 {
		t.Error("a row hangs over the end of the screen")
	}
	if size := eval[float64](p, "parseFloat(getComputedStyle(document.querySelector('#rows [data-col=waiting]')).fontSize)"); size < 18 {
		t.Errorf("the figures of a wall are %.0f px high", size)
	}
}

func TestPageIsControlled(t *testing.T) {
	ctx := chromiumtest.Start(t)
	s := newSite(t, newFilled(2, 20))
	p := visit(t, ctx, s, "/?queues=name+7,name+33", 1280, 800)
	p.until("the chosen queues", "document.querySelectorAll('#rows tr').length === 2")
	p.run(chromedp.KeyEvent("/"), chromedp.Evaluate("filter.select()", nil), chromedp.KeyEvent("name 7"))
	p.until("the filter", "document.querySelectorAll('#rows tr').length === 1 && location.search === '?queues=name+7'")
	p.run(chromedp.Evaluate("filter.value = '', filter.dispatchEvent(new Event('input')), filter.blur()", nil))
	p.until("all queues", "document.querySelectorAll('#rows tr').length === 40 && document.getElementById('organization').textContent === '2 organizations'")
	p.run(chromedp.SetValue("#org", id('o', 1).String()), chromedp.Evaluate("org.dispatchEvent(new Event('change'))", nil))
	p.until("one organization", "document.querySelectorAll('#rows tr').length === 20 && document.getElementById('organization').textContent === 'Lumber'")
	p.run(chromedp.KeyEvent("k"))
	p.until("the kiosk", "document.body.hasAttribute('data-kiosk') && location.search.includes('kiosk=1') && !document.getElementById('controls').checkVisibility()")
	p.run(chromedp.KeyEvent("k"), chromedp.KeyEvent("t"))
	before := eval[string](p, "getComputedStyle(document.body).backgroundColor")
	p.run(chromedp.KeyEvent("t"))
	if after := eval[string](p, "getComputedStyle(document.body).backgroundColor"); after == before {
		t.Errorf("light and dark are both %s", after)
	}
	p.run(chromedp.KeyEvent("?"))
	p.until("the definitions", "document.getElementById('definitions').open && document.querySelectorAll('#definition-list dd').length >= 15")
	p.run(chromedp.KeyEvent("\x1b"))
	p.until("them to be closed", "!document.getElementById('definitions').open")
	if bare := eval[[]string](p, "[...document.querySelectorAll('#heads th, .tile, #rows td')].filter((e) => (e.title || '').length < 15).map((e) => e.outerHTML.slice(0, 80))"); len(bare) > 0 {
		t.Errorf("figures without definition: %q", bare)
	}
	for range 4 { // the controls can be reached and seen with the keyboard alone
		p.run(chromedp.KeyEvent("\t"))
	}
	if at := eval[string](p, "document.activeElement.tagName"); at == "BODY" {
		t.Error("Tab leads nowhere")
	}
}
