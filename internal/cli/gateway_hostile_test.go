package cli

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// mostForAHostileClient is how much memory an attack may cost the gateway.
const mostForAHostileClient = 64 << 20

var peak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory is the most memory that a process has had since it was last reset.
func (p *program) peakMemory() int64 {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	m := peak.FindSubmatch(text)
	if m == nil {
		p.t.Fatalf("no VmHWM in %s", text)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return n << 10
}

// resetPeak makes peakMemory begin anew, and returns the present size.
func (p *program) resetPeak() int64 {
	p.t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0); err != nil {
		p.t.Fatal(err)
	}
	return p.peakMemory()
}

func (p *gatewayProcess) dial(protocol string) (*tls.Conn, error) {
	return tls.Dial("tcp", strings.TrimPrefix(p.https, "https://"), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
}

const hostileHead = "POST /webhooks/enreach HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: " + gatewayToken + "\r\n"

// flood writes more or less endless bytes behind a head, until the server hangs up or has had n of them, and returns what it answered.
func flood(p *gatewayProcess, head string, chunk []byte, n int64) (answer string, err error) {
	c, err := p.dial("http/1.1")
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	answered := make(chan string, 1)
	go func() {
		b := make([]byte, 512)
		n, _ := io.ReadAtLeast(c, b, 12)
		answered <- string(b[:n])
	}()
	if _, err := c.Write([]byte(head)); err != nil {
		return "", err
	}
	for sent := int64(0); sent < n; sent += int64(len(chunk)) {
		if _, err := c.Write(chunk); err != nil {
			break // it has hung up, as it should
		}
	}
	return <-answered, nil
}

// Slow clients, bombs, endless bodies and endless headers each cost the gateway less than 64 MiB, and it serves others meanwhile.
func TestHostileClientsCostLittle(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	p := runGatewayProcess(t, yamlFile(t, gatewayYAML(dir, ownBroker(t, 4), port)))
	client := &nethttp.Client{Transport: &nethttp.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: patience}
	defer client.CloseIdleConnections()
	post := func(encoding string, body io.Reader) (int, error) {
		r, err := nethttp.NewRequestWithContext(t.Context(), nethttp.MethodPost, p.https+"/webhooks/enreach", body)
		if err != nil {
			return 0, err
		}
		r.Header.Set("X-Benemen-Token", gatewayToken)
		if encoding != "" {
			r.Header.Set("Content-Encoding", encoding)
		}
		answer, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	serves := func() {
		t.Helper()
		if code, err := post("", strings.NewReader(event("UserSetting", "000000000001", "10:00:00", ""))); code != 200 || err != nil {
			t.Errorf("an event is answered %d, %v", code, err)
		}
	}
	for range 50 {
		serves()
	}
	for name, attack := range map[string]func(t *testing.T){
		"a thousand slow clients": func(t *testing.T) { slowClients(t, p, serves) },
		"a compressed bomb": func(t *testing.T) {
			var bomb bytes.Buffer
			z := gzip.NewWriter(&bomb)
			zeros := make([]byte, 1<<20)
			for range 1000 { // a gigabyte in a megabyte
				_, _ = z.Write(zeros)
			}
			_ = z.Close()
			for range 20 {
				if code, err := post("gzip", bytes.NewReader(bomb.Bytes())); code != 415 && err == nil {
					t.Errorf("answered %d", code)
				}
			}
		},
		"a body of a gigabyte": func(t *testing.T) {
			for _, head := range []string{"Content-Length: 1073741824\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"} {
				chunk := bytes.Repeat([]byte("x"), 64<<10)
				if strings.HasPrefix(head, "Transfer") {
					chunk = []byte(fmt.Sprintf("%x\r\n%s\r\n", len(chunk), chunk))
				}
				if answer, err := flood(p, hostileHead+head, chunk, 1<<30); err != nil || !strings.HasPrefix(answer, "HTTP/1.1 413") {
					t.Errorf("answered %.40q, %v", answer, err)
				}
			}
		},
		"100,000 headers": func(t *testing.T) {
			var lines bytes.Buffer
			for i := range 1000 {
				fmt.Fprintf(&lines, "X-Header-%d: value\r\n", i)
			}
			if answer, err := flood(p, hostileHead, lines.Bytes(), int64(lines.Len())*100); err != nil || !strings.HasPrefix(answer, "HTTP/1.1 431") {
				t.Errorf("answered %.40q, %v", answer, err)
			}
		},
		"a header line without an end": func(t *testing.T) {
			if answer, err := flood(p, hostileHead+"X-Long: ", bytes.Repeat([]byte("x"), 64<<10), 1<<28); err != nil || !strings.HasPrefix(answer, "HTTP/1.1 431") {
				t.Errorf("answered %.40q, %v", answer, err)
			}
		},
		"endless headers of HTTP/2": func(t *testing.T) { endlessHeaders(t, p) },
	} {
		t.Run(name, func(t *testing.T) {
			before := p.resetPeak()
			attack(t)
			serves()
			if cost := p.peakMemory() - before; cost > mostForAHostileClient {
				t.Errorf("it costs %d MiB", cost>>20)
			} else {
				t.Logf("it costs %.1f MiB", float64(cost)/(1<<20))
			}
		})
	}
	if n := p.sum("ringside_webhook_body_bytes"); n != 0 {
		t.Errorf("%d bytes of bodies are not given back", n)
	}
}

// slowClients opens as many connections as there may be, but a few, each with half a header or half a body, and waits until all of
// them were hung up on.
func slowClients(t *testing.T, p *gatewayProcess, serves func()) {
	const clients = 980
	begin := time.Now()
	var wait sync.WaitGroup
	var mu sync.Mutex
	var held []net.Conn
	for worker := range 20 {
		wait.Go(func() {
			for i := range clients / 20 {
				c, err := p.dial("http/1.1")
				if err != nil {
					t.Error(err)
					return
				}
				text := hostileHead
				if (worker+i)%2 == 0 {
					text += "Content-Length: 1000000\r\n\r\n{"
				}
				if _, err := c.Write([]byte(text)); err != nil {
					t.Error(err)
				}
				mu.Lock()
				held = append(held, c)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	serves()
	for _, c := range held {
		_ = c.SetReadDeadline(begin.Add(patience))
		if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "EOF") {
			t.Errorf("a slow client is not hung up on: %v", err)
			break
		}
		_ = c.Close()
	}
}

// endlessHeaders sends a header block of HTTP/2 that goes on and on.
func endlessHeaders(t *testing.T, p *gatewayProcess) {
	c, err := p.dial("h2")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	go func() { _, _ = io.Copy(io.Discard, c) }()
	frame := func(kind byte, payload []byte) []byte {
		return append([]byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, 0, 0, 0, 0, 1}, payload...)
	}
	field := func(name, value string) []byte { // of HPACK: literal, not indexed
		return slices.Concat([]byte{0x10, byte(len(name))}, []byte(name), []byte{byte(len(value))}, []byte(value))
	}
	block := slices.Concat(field(":method", "POST"), field(":scheme", "https"), field(":path", "/webhooks/enreach"), field(":authority", "x"))
	settings := []byte{0, 0, 0, 4, 0, 0, 0, 0, 0}
	if _, err := c.Write(append(append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings...), frame(1, block)...)); err != nil {
		t.Fatal(err)
	}
	for i := range 100_000 {
		if _, err := c.Write(frame(9, field(fmt.Sprintf("x-%d", i), strings.Repeat("v", 100)))); err != nil {
			return // it has hung up
		}
	}
	t.Error("it takes 100,000 headers")
}

// Tokens and passwords are in no log, at debug level, in no error, metric, dump of all goroutines or output of check-config.
func TestSecretsOfTheGatewayAreShownNowhere(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	canaries := []string{"canary-in-the-config-0001", "canary-in-a-file-00000002", "canary-of-the-variable-03", "canary-sasl-password-0004", "canary-that-is-wrong-0005"}
	tokens := dir + "/tokens"
	if err := os.WriteFile(tokens, []byte(canaries[1]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("RINGSIDE_WEBHOOK_TOKENS_C", canaries[2])
	text := fmt.Sprintf(`
data_dir: %q
kafka: {brokers: ["127.0.0.1:%d"], sasl: {mechanism: PLAIN, username: gateway, password: %s}}
http: {listen: "127.0.0.1:0"}
privacy: {numbers: keep}
log: {level: debug}
webhook: {listen: "127.0.0.1:%d", broker_timeout: 100ms, endpoints: [{name: a, source: enreach, tokens: [%s]}, {name: b, source: enreach, tokens_file: %q}, {name: c, source: enreach}]}
`, dir+"/data", freePort(t), canaries[3], port, canaries[0], tokens)
	config := yamlFile(t, text)
	var shown strings.Builder
	out, errs, code := ringside(t, "check-config", "--config", config)
	if code != exitDone {
		t.Fatalf("check-config: exit %d, %s", code, errs)
	}
	shown.WriteString(out + errs)
	out, errs, _ = ringside(t, "check-config", "--config", yamlFile(t, text+"log: x\n"+"  :\n"))
	shown.WriteString(out + errs)
	p := runGatewayProcess(t, config)
	client := &nethttp.Client{Transport: &nethttp.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: patience}
	for i, endpoint := range []string{"a", "b", "c", "a", "nowhere"} {
		for _, presented := range []string{canaries[i%3], canaries[4]} {
			r, err := nethttp.NewRequestWithContext(t.Context(), nethttp.MethodPost, p.https+"/webhooks/"+endpoint, strings.NewReader(event("UserSetting", "000000000001", "10:00:00", "")))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Benemen-Token", presented)
			answer, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(answer.Body)
			if want := map[bool]int{true: 200, false: 401}[presented != canaries[4]]; err != nil || answer.StatusCode != want && i < 3 {
				t.Errorf("endpoint %s answers %d %s, %v; want %d", endpoint, answer.StatusCode, text, err, want)
			}
			_ = answer.Body.Close()
			shown.Write(text)
		}
	}
	for _, garbage := range []string{"POST /" + canaries[0], "GET /?token=" + canaries[0] + " HTTP/1.1\r\nX-Benemen-Token: " + canaries[0] + "\r\nContent-Length: x\r\n\r\n"} {
		if c, err := p.dial("http/1.1"); err == nil {
			_, _ = c.Write([]byte(garbage))
			_ = c.CloseWrite()
			answer, _ := io.ReadAll(c)
			shown.Write(answer)
			_ = c.Close()
		}
	}
	if err := os.WriteFile(tokens, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.until("the tokens that cannot be used to be told of", func() bool { return strings.Contains(p.err.String(), "cannot be read again") })
	_, metrics := get(p.http + "/metrics")
	shown.WriteString(metrics)
	for _, path := range []string{"/readyz", "/readyz/gateway", "/debug/pprof/", "/debug/pprof/heap?debug=1", "/debug/pprof/goroutine?debug=2", "/debug/vars"} {
		_, text := get(p.http + path)
		shown.WriteString(text)
	}
	p.signal(syscall.SIGQUIT) // dumps all goroutines
	p.end(patience)
	shown.WriteString(p.out.String() + p.err.String())
	if !strings.Contains(p.err.String(), "goroutine ") || !strings.Contains(p.err.String(), "they go to the spool") {
		t.Errorf("there is no dump, or no log:\n%.2000s", p.err.String())
	}
	for _, c := range canaries {
		if at := strings.Index(shown.String(), c); at >= 0 {
			t.Errorf("%s is shown: …%s…", c, shown.String()[max(0, at-200):at+50])
		}
	}
}
