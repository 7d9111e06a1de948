package forwarders

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ringside/internal/chromiumtest"
)

const patience = time.Minute

// launched is a Chromium for all tests that takes the gateway's self-signed certificate. Each test has pages of an origin
// of its own, so that none sees what another has stored.
var launched struct {
	once sync.Once
	ctx  context.Context
	stop func() error
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if launched.stop != nil {
		if err := launched.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func browser(t *testing.T) context.Context {
	t.Helper()
	b := &launched
	b.once.Do(func() { b.ctx, b.stop, b.err = chromiumtest.Launch(chromedp.Flag("ignore-certificate-errors", true)) })
	chromiumtest.SkipOrFail(t, b.err)
	return b.ctx
}

// desktop is an agent's desktop: all of it that is not real is the vendor's API object, which hands over what the test fires.
var desktop = template.Must(template.New("page").Parse(`<!doctype html><meta charset="utf-8"><title>desk</title>
<script>
  {{.Before}}
  window.RingsideConfig = {{.Config}};
  window.handlers = {};
  window.api = { onDataEvent: (name, callback) => { handlers[name] = callback; } };
  window.adApi = {
    on: (name, handler) => { handlers[name] = handler; },
    getLoginState: () => Promise.resolve({ status: 'success', data: { isLoggedIn: true, agentId: 'bp-7', username: 'ann' } }),
  };
  window.bus = { subscribe: (callback) => { handlers.message = callback; } };
  window.fire = (name, data) => handlers[name](data);
</script>
<script src="/buffer.js"></script><script src="/forwarder.js"></script><script src="/{{.Vendor}}.js"></script>
<script>window.forwarder = Ringside[{{.Vendor}}]({{.Source}});</script>
`))

// vendorSources are the objects that the snippets are given.
var vendorSources = map[string]template.JS{"avaya": "api", "brightpattern": "adApi", "openmethods": "bus"}

// site serves desktops of one origin, which is not the gateway's.
type site struct {
	t      *testing.T
	server *httptest.Server
	config map[string]any
	before string // JavaScript that runs first
}

// newSite makes desktops that send to url, with more settings if need be.
func newSite(t *testing.T, url string, more map[string]any) *site {
	t.Helper()
	s := &site{t: t, config: map[string]any{"url": url, "token": token, "organization": "acme", "agent": "1001",
		"firstDelayMs": 20, "longestDelayMs": 200}}
	for name, value := range more {
		s.config[name] = value
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{file}", http.FileServer(http.Dir(".")))
	mux.HandleFunc("GET /desk/{vendor}", s.desk)
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	return s
}

func (s *site) desk(w http.ResponseWriter, r *http.Request) {
	vendor := r.PathValue("vendor")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := desktop.Execute(w, map[string]any{"Vendor": vendor, "Source": vendorSources[vendor], "Config": s.config, "Before": template.JS(s.before)})
	if err != nil {
		s.t.Error(err)
	}
}

// desk is one tab.
type desk struct {
	t       *testing.T
	ctx     context.Context
	crashed atomic.Bool
}

// open opens a vendor's desktop in a new tab.
func (s *site) open(browser context.Context, vendor string) *desk {
	s.t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	s.t.Cleanup(stop)
	ctx, expire := context.WithTimeout(ctx, 3*time.Minute)
	s.t.Cleanup(expire)
	d := &desk{t: s.t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			s.t.Errorf("the page threw: %v", e.ExceptionDetails)
		case *inspector.EventTargetCrashed:
			d.crashed.Store(true)
		}
	})
	d.run(chromedp.Navigate(s.server.URL + "/desk/" + vendor))
	return d
}

func (d *desk) run(actions ...chromedp.Action) {
	d.t.Helper()
	if err := chromedp.Run(d.ctx, actions...); err != nil {
		d.t.Fatal(err)
	}
}

// eval returns the value of a function, in JavaScript, of the values a.
func eval[T any](d *desk, function string, a ...any) (v T) {
	d.t.Helper()
	arguments, err := json.Marshal(append([]any{}, a...))
	if err != nil {
		d.t.Fatal(err)
	}
	expression := "(" + function + ")(..." + string(arguments) + ")"
	d.run(chromedp.Evaluate(expression, &v, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return v
}

// fire has the vendor's API tell an event.
func (d *desk) fire(name string, data any) {
	d.t.Helper()
	if got := eval[any](d, "fire", name, data); got != nil {
		d.t.Fatalf("the handler of %s returned %v, not null", name, got)
	}
}

// interactions fires events that are numbered from first on, as an Avaya desktop.
func (d *desk) interactions(first, n int) {
	d.t.Helper()
	eval[any](d, `(first, n) => {
		for (let i = first; i < first + n; i++) fire('onAnyInteractionEvent', { id: String(i), state: 'ALERTING' });
		return null;
	}`, first, n)
}

// stats are the figures of the page's forwarder, as soon as all events of the page are kept.
func (d *desk) stats() (s stats) {
	d.t.Helper()
	return eval[stats](d, "() => forwarder.stats()")
}

// statsAfter are the figures once that many events were sent and are in the buffer no more.
func (d *desk) statsAfter(sent int) (s stats) {
	d.t.Helper()
	until(d.t, "the page to know what was sent", func() bool { s = d.stats(); return s.Sent == sent && s.Waiting == 0 })
	return s
}

type stats struct {
	Waiting, Taken, Sent, Repeated, Refused, Dropped int
	Halted                                           bool
	Wrong, LastError                                 string
}

// reload loads the page anew once its events are kept.
func (d *desk) reload() {
	d.t.Helper()
	d.stats()
	d.run(chromedp.Reload())
}

// until waits for something to hold.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waiting for %s: not within %s", what, patience)
		}
	}
}

// contains tells whether any text occurs in body.
func contains(body string, texts ...string) string {
	for _, text := range texts {
		if strings.Contains(body, text) {
			return text
		}
	}
	return ""
}
