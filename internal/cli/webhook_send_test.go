package cli

import (
	"encoding/pem"
	"io"
	nethttp "net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver is what webhook send posts to: it says what it is told to, and keeps what it got.
type receiver struct {
	mu     sync.Mutex
	answer func(n int, body string) int // to the n-th request
	got    []*nethttp.Request
	bodies []string
	at     []time.Time
}

func (r *receiver) ServeHTTP(w nethttp.ResponseWriter, q *nethttp.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.bodies, r.at = append(r.got, q), append(r.bodies, string(body)), append(r.at, time.Now())
	code := r.answer(len(r.got), string(body))
	if code != 200 {
		nethttp.Error(w, "because", code)
	}
}

func sendTo(t *testing.T, answer func(n int, body string) int, files []string, more ...string) (r *receiver, out, errs string, code int) {
	t.Helper()
	r = &receiver{answer: answer}
	server := httptest.NewTLSServer(r)
	defer server.Close()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("canary-of-the-sender-01\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code = ringside(t, append(append([]string{"webhook", "send", "--url", server.URL, "--token-file", token, "--insecure"}, more...), files...)...)
	if strings.Contains(out+errs, "canary") {
		t.Errorf("the token is shown: %s%s", out, errs)
	}
	return r, strings.TrimSpace(out), errs, code
}

func TestSendPostsAsTheVendorDoes(t *testing.T) {
	lines := event("QueueCallInArrived", "000000000001", "10:00:00", "") + "\n" + event("UserSetting", "000000000002", "10:00:01", "") + "\nno event\n"
	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	r, out, errs, code := sendTo(t, func(int, string) int { return 200 }, []string{file}, "--connections", "1")
	if code != exitDone || out != "sent=3 accepted=3 retried=0 refused=0 failed=0" {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	if strings.Join(r.bodies, "\n")+"\n" != lines {
		t.Errorf("posted was\n%s", strings.Join(r.bodies, "\n"))
	}
	for i, kind := range []string{"QueueCallInArrived", "UserSetting", ""} {
		h := r.got[i].Header
		if r.got[i].Method != "POST" || r.got[i].URL.Path != "/webhooks/enreach" || h.Get("X-Benemen-Event") != kind || h.Get("X-Benemen-Token") != "canary-of-the-sender-01" ||
			h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("Content-Encoding") != "" || r.got[i].ContentLength != int64(len(r.bodies[i])) {
			t.Errorf("request %d: %s %s %v", i, r.got[i].Method, r.got[i].URL, h)
		}
	}
	// What is answered 5xx or 429 comes again, the same; what is refused does not.
	r, out, _, code = sendTo(t, func(n int, body string) int {
		if strings.Contains(body, "UserSetting") {
			return 403
		}
		return []int{0, 503, 429, 200, 200, 200, 200}[n]
	}, []string{file}, "--connections", "1")
	if code != exitFailed || out != "sent=3 accepted=2 retried=2 refused=1 failed=0" || len(r.bodies) != 5 || r.bodies[0] != r.bodies[1] || r.bodies[1] != r.bodies[2] {
		t.Errorf("exit %d, %s; %d requests", code, out, len(r.bodies))
	}
	_, out, errs, code = sendTo(t, func(int, string) int { return 500 }, []string{file}, "--retries", "1", "--connections", "3")
	if code != exitFailed || out != "sent=3 accepted=0 retried=3 refused=0 failed=3" || !strings.Contains(errs, "3 of 3 events were not accepted; the first: answers 500 because") {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	// A wrong token is wrong for all.
	r, _, errs, code = sendTo(t, func(int, string) int { return 401 }, []string{file}, "--connections", "1")
	if code != exitFailed || !strings.Contains(errs, "answers 401 because") || len(r.bodies) != 1 {
		t.Errorf("exit %d, %s; %d requests", code, errs, len(r.bodies))
	}
	r, out, _, _ = sendTo(t, func(int, string) int { return 200 }, []string{file}, "--connections", "1", "--rate", "2")
	if out != "sent=3 accepted=3 retried=0 refused=0 failed=0" || r.at[2].Sub(r.at[0]) < 600*time.Millisecond { // the first waits for the handshake
		t.Errorf("%s; at 2 a second the third is posted %s after the first", out, r.at[2].Sub(r.at[0]))
	}
	r, _, _, _ = sendTo(t, func(int, string) int { return 200 }, []string{file}, "--connections", "1", "--speed", "0.5")
	if took := r.at[1].Sub(r.at[0]); took < time.Second || took > patience {
		t.Errorf("at half the speed a second takes %s", took)
	}
}

func TestSendRefusals(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for say, args := range map[string][]string{
		"expects at least one file":         {},
		"--source nobody is not known":      {"--source", "nobody", empty},
		"wanted is https://host":            {"--url", "http://x", empty},
		"name its file with --token-file":   {"--data-dir", dir, empty},
		"is empty":                          {"--token-file", empty, empty},
		"--connections 0":                   {"--connections", "0", empty},
		"--rate and --speed must not":       {"--rate", "-1", empty},
		"unknown flag: --spede; see ringsi": {"--spede", "1", empty},
	} {
		_, errs, code := ringside(t, append([]string{"webhook", "send"}, args...)...)
		if code != exitUsage || !strings.Contains(errs, say) {
			t.Errorf("%v: exit %d, %s; want %q", args, code, errs, say)
		}
	}
	server := httptest.NewTLSServer(nethttp.NotFoundHandler())
	defer server.Close()
	t.Setenv(tokenVariable, "of-the-environment-0123")
	file := eventsNow(t, 1)
	_, errs, code := ringside(t, "webhook", "send", "--url", server.URL, "--data-dir", dir, file)
	if code != exitFailed || !strings.Contains(errs, "certificate that is not trusted") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if err := os.MkdirAll(filepath.Join(dir, "webhook"), 0o700); err != nil {
		t.Fatal(err)
	}
	demos := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(dir, "webhook", "tls.crt"), demos, 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code = ringside(t, "webhook", "send", "--url", server.URL, "--data-dir", dir, file) // the demo's own certificate is trusted
	if code != exitFailed || !strings.Contains(errs, "answers 404") {
		t.Errorf("exit %d, %s", code, errs)
	}
}
