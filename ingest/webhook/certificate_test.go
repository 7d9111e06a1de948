package webhook

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serial is that of the certificate which a new connection is shown.
func (s *site) serial() string {
	s.t.Helper()
	c, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

func certificateFiles(t *testing.T) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := selfSign(cert, key, time.Now()); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// New connections get the new certificate, those that are open go on; a pair that does not fit is not taken over.
func TestCertificateIsExchangedWithoutARestart(t *testing.T) {
	cert, key := certificateFiles(t)
	s := newSite(t, func(o *Options) { quick(o); o.CertFile, o.KeyFile = cert, key })
	open, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	old := s.serial()
	if log := s.log.String(); strings.Contains(log, "the certificate taken over") {
		t.Errorf("the first certificate counts as exchanged: %s", log)
	}

	nextCert, nextKey := certificateFiles(t)
	move(t, nextCert, cert) // and the key is still the old one
	s.until("the trouble to be said", func() bool { return strings.Contains(s.log.String(), "the certificate cannot be read again") })
	if s.serial() != old || s.metric("ringside_webhook_reload_errors_total") != "1" {
		t.Errorf("with a key that does not fit: serial changed, or %s errors", s.metric("ringside_webhook_reload_errors_total"))
	}
	move(t, nextKey, key)
	s.until("the new certificate", func() bool { return s.serial() != old })
	s.takes(body("UserStatus", 1))
	if _, err := open.Write([]byte("POST /webhooks/enreach HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: " + token + "\r\nContent-Length: 2\r\n\r\n{}")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, len("HTTP/1.1 200"))
	if _, err := open.Read(answer); err != nil || string(answer) != "HTTP/1.1 200" {
		t.Errorf("the connection from before is answered %q, %v", answer, err)
	}
}

func TestSelfSignedCertificateIsMadeOnceAndKept(t *testing.T) {
	s := newSite(t, nil)
	first := s.serial()
	s.stop()
	s.start()
	if s.serial() != first {
		t.Error("each start makes another certificate: whoever has accepted the first one does not know it")
	}
	pem, err := os.ReadFile(filepath.Join(s.options.Dir, "tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	_, port, _ := strings.Cut(s.gateway.Addr(), ":")
	for _, host := range []string{"127.0.0.1", "localhost"} {
		c, err := tls.Dial("tcp", host+":"+port, &tls.Config{RootCAs: pool, ServerName: host})
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		_ = c.Close()
	}
	if info, err := os.Stat(filepath.Join(s.options.Dir, "tls.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v, %v", info, err)
	}
}

func TestTokensAreExchangedWithoutARestart(t *testing.T) {
	var texts atomic.Pointer[[]string]
	var failing atomic.Bool
	texts.Store(&[]string{"the-first-of-the-tokens"})
	s := newSite(t, func(o *Options) {
		quick(o)
		o.Endpoints = []Endpoint{{Name: "enreach", Source: "enreach", Tokens: func() ([]string, error) {
			if failing.Load() {
				return nil, errors.New("the file is gone")
			}
			return *texts.Load(), nil
		}}}
	})
	code := func(token string) int {
		res, _ := s.post("enreach", body("UserStatus", 1), headerBenemenToken, token)
		return res.StatusCode
	}
	const first, second = "the-first-of-the-tokens", "the-second-of-the-tokens"
	if code(first) != 200 || code(second) != 401 {
		t.Fatal("before the exchange")
	}
	texts.Store(&[]string{first, second})
	s.until("the second to be valid", func() bool { return code(second) == 200 })
	if code(first) != 200 {
		t.Error("the first is no longer valid beside the second")
	}
	texts.Store(&[]string{second})
	s.until("the first to be void", func() bool { return code(first) == 401 })
	failing.Store(true)
	s.until("the trouble to be said", func() bool { return strings.Contains(s.log.String(), "the file is gone") })
	if code(second) != 200 {
		t.Error("a file that is gone takes the valid token along")
	}
	if log := s.log.String(); strings.Contains(log, first) || strings.Contains(log, second) {
		t.Errorf("the log shows a token:\n%s", log)
	}
}

// Within the limit of connections everybody is served; those beyond are closed at once and hold up nobody.
func TestConnectionsAreLimited(t *testing.T) {
	s := newSite(t, func(o *Options) { o.MaxConnections = 5 })
	var held []*tls.Conn
	for range 4 {
		c, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	s.takes(body("UserStatus", 1)) // the fifth
	if c, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true}); err == nil {
		_ = c.Close()
		t.Error("a sixth is served")
	}
	s.wantMetric("ringside_webhook_refused_connections_total", "1")
	s.wantMetric("ringside_webhook_connections", "5")
	for _, c := range held {
		_ = c.Close()
	}
	s.until("them to be gone", func() bool { return s.metric("ringside_webhook_connections") == "1" })
	c, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

// Bodies under way take no more than their limit; what is announced and not sent takes nothing.
func TestBodiesUnderWayAreLimited(t *testing.T) {
	s := newSite(t, func(o *Options) { o.MaxBodyBytes = 2 << 20 })
	begin := func(announced, sent int) *tls.Conn {
		c, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		head := "POST /webhooks/enreach HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: " + token + "\r\nContent-Length: " + itoa(announced) + "\r\n\r\n"
		if _, err := c.Write(append([]byte(head), bytes.Repeat([]byte("x"), sent)...)); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for range 20 {
		begin(MaxBody, 10)
	}
	s.until("20 requests to be under way", func() bool { return s.metric("ringside_webhook_requests_in_flight") == "20" })
	s.takes(body("UserStatus", 1))
	for range 3 {
		begin(MaxBody, MaxBody-10)
	}
	s.until("a request to be refused", func() bool {
		return s.metric(`ringside_webhook_requests_total{endpoint="enreach",outcome="busy"}`) != "0"
	})
	if used := s.gateway.budget.used.Load(); used > 2<<20 {
		t.Errorf("%d bytes are in use", used)
	}
}
