package wallboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is one page. It notes what a page must not do: errors, and requests to anyone else.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	lossy    bool // the server goes away in this test, which the browser reports as an error
	problems []string
}

// visit opens an address of the site in a new tab of the given size.
func visit(t *testing.T, browser context.Context, site *site, address string, width, height int64) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	ctx, expire := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(expire)
	p := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			p.problem("exception: " + e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			p.problem(fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err != nil || u.Host != site.address {
				p.problem("request to " + e.Request.URL)
			}
		}
	})
	p.run(network.Enable(), log.Enable(), chromedp.EmulateViewport(width, height), chromedp.Navigate("http://"+site.address+address))
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, text := range p.problems {
			t.Error(text)
		}
	})
	return p
}

func (p *tab) problem(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lossy && strings.Contains(text, "ERR_") {
		return
	}
	p.problems = append(p.problems, text)
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns the value of an expression.
func eval[T any](p *tab, expression string, a ...any) (v T) {
	p.t.Helper()
	for i := range a { // as JSON, which is JavaScript
		text, err := json.Marshal(a[i])
		if err != nil {
			p.t.Fatal(err)
		}
		a[i] = string(text)
	}
	p.run(chromedp.Evaluate(fmt.Sprintf(expression, a...), &v, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return v
}

// until waits for an expression to be true.
func (p *tab) until(what, expression string, a ...any) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		b := append([]any(nil), a...)
		if eval[bool](p, expression, b...) {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("waiting for %s: not within %s; the page says\n%s", what, patience, eval[string](p, "document.body.innerText"))
		}
	}
}

// cell returns the text of a queue's cell, as it can be read.
func (p *tab) cell(queue, column string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector('tr[data-queue="' + %s + '"] [data-col="' + %s + '"] .value, tr[data-queue="' + %[1]s + '"] [data-col="' + %[2]s + '"] .name').textContent`, queue, column)
}

// site is a server that can go away and come back at the same address.
type site struct {
	t       *testing.T
	board   *Board
	address string
	server  *http.Server
}

func newSite(t *testing.T, b *Board) *site {
	t.Helper()
	s := &site{t: t, board: b, address: "127.0.0.1:0"}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *site) start() {
	s.t.Helper()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.server = &http.Server{Handler: s.board.Handler()}
	go func() { _ = s.server.Serve(listener) }() // always ends with ErrServerClosed
}

func (s *site) stop() { _ = s.server.Close() }
