package wallboard

import (
	"io"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"

	"ringside/aggregate"
)

func fetch(t *testing.T, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestPageIsServed(t *testing.T) {
	b := newBench()
	s := serve(t, b.Board)
	for _, c := range []struct {
		path, kind string
		code       int
	}{
		{"/", "text/html; charset=utf-8", 200},
		{"/wallboard/style.css", "text/css; charset=utf-8", 200},
		{"/wallboard/app.js", "text/javascript; charset=utf-8", 200},
		{"/wallboard/icon.svg", "image/svg+xml", 200},
		{"/wallboard/state", "application/json", 200},
		{"/wallboard/state?queues=" + strings.Repeat("a", 300), "text/plain; charset=utf-8", 400},
		{"/wallboard/events?org=" + strings.Repeat("a", 300), "text/plain; charset=utf-8", 400},
		{"/wallboard/..%2fboard.go", "text/plain; charset=utf-8", 404},
		{"/wallboard/", "text/plain; charset=utf-8", 404},
		{"/other", "text/plain; charset=utf-8", 404},
	} {
		response, text := fetch(t, http.MethodGet, s.URL+c.path)
		h := response.Header
		if response.StatusCode != c.code || h.Get("Content-Type") != c.kind || text == "" {
			t.Errorf("%.60s: %d %s", c.path, response.StatusCode, h.Get("Content-Type"))
		}
		if h.Get("Content-Security-Policy") != policy || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Set-Cookie") != "" {
			t.Errorf("%.60s: headers %v", c.path, h)
		}
		if tag := h.Get("ETag"); tag != "" {
			if again, _ := fetch(t, http.MethodGet, s.URL+c.path, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
				t.Errorf("%s: asked for again: %d", c.path, again.StatusCode)
			}
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		for _, at := range []string{"/", "/wallboard/state", "/wallboard/events"} {
			if response, _ := fetch(t, method, s.URL+at); response.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, at, response.StatusCode)
			}
		}
	}
}

var (
	elsewhere = regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]{2,}`)
	inline    = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style|\son[a-z]+=|\sstyle=|javascript:`)
	asMarkup  = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|document\.cookie`)
)

// The page must work without any other server, run no script that is not a file of its own, and never read a value as
// markup.
func TestPageKeepsToItself(t *testing.T) {
	if len(assets) < 8 {
		t.Fatalf("only %d files are embedded", len(assets))
	}
	for name, a := range assets {
		if a.kind == "" {
			t.Errorf("%s has no content type", name)
		}
		text := strings.ReplaceAll(string(a.body), "http://www.w3.org/", "") // names of XML's languages, never fetched
		if found := elsewhere.FindString(text); found != "" {
			t.Errorf("%s names another server: %s", name, found)
		}
		if found := inline.FindString(text); found != "" && path.Ext(name) == ".html" {
			t.Errorf("%s has an inline script or style: %s", name, found)
		}
		if found := asMarkup.FindString(text); found != "" {
			t.Errorf("%s uses %s", name, found)
		}
	}
}

func TestStateIsJSONWhateverTheNames(t *testing.T) {
	b := newBench()
	hostile := "</script><img src=x onerror=alert(1)>\n\nevent: snapshot\ndata: {}\n\n\u2028\xff\x00"
	b.observe(0, aggregate.Rows{QueueStatus: []aggregate.QueueStatusRow{status(1, 1, hostile, 3)}})
	s := serve(t, b.Board)
	r := open(t, s.URL)
	kind, m := r.next()
	f := figuresOf(t, m)
	if want := strings.ToValidUTF8(hostile, "\ufffd"); kind != kindSnapshot || len(f) != 1 || f[0].Name != want || f[0].Waiting != 3 {
		t.Errorf("the stream has %s %+v", kind, f)
	}
	if response, text := fetch(t, http.MethodGet, s.URL+"/wallboard/state"); strings.Contains(text, "<img") || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the state is %s", text)
	}
}
