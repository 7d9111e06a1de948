package webhook

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	forgeries   = 100_000
	pipelined   = 200 // requests on the wire before their answers are read
	forgerCount = 4
)

// forgery returns the headers of a request that must be refused, and the endpoint it goes to.
func forgery(r *rand.Rand) (endpoint string, headers []string) {
	valid := []string{token, secondToken}[r.IntN(2)]
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	flip := func(s string) string {
		b := []byte(s)
		i := r.IntN(len(b))
		c := b[i]
		for c == b[i] {
			c = byte('!' + r.IntN('~'-'!'))
		}
		b[i] = c
		return string(b)
	}
	random := func() string {
		b := make([]byte, 1+r.IntN(64))
		for i := range b {
			b[i] = byte('!' + r.IntN('~'-'!'))
		}
		return string(b)
	}
	bearer := pick("Bearer ", "bearer ", "BEARER  ", "Basic ", "Bearer\t", "")
	switch r.IntN(12) {
	case 0:
		return pick("enreach", "pinned", "browser"), nil
	case 1:
		return "enreach", []string{"X-Benemen-Token: " + random()}
	case 2:
		return "enreach", []string{"X-Benemen-Token: " + flip(valid)}
	case 3:
		return "enreach", []string{"X-Benemen-Token: " + valid[:r.IntN(len(valid))]}
	case 4:
		return "enreach", []string{"X-Benemen-Token: " + valid + pick("x", "\x7f", ",", ", "+valid, "\t"+valid, valid)}
	case 5: // another endpoint's
		return "enreach", []string{"X-Benemen-Token: " + forwarder}
	case 6:
		return "pinned", []string{"X-Benemen-Token: " + secondToken}
	case 7: // the right one, where it does not belong
		return "enreach", []string{pick("Authorization: "+bearer, "X-Ringside-Token: ", "X-Benemen-Tokens: ", "X-Benemen_Token: ", "Cookie: token=", "X-Benemen-Event: ") + valid}
	case 8:
		return "browser", []string{"X-Benemen-Token: " + forwarder}
	case 9: // twice, or beside a wrong one
		return "enreach", []string{"X-Benemen-Token: " + valid, "X-Benemen-Token: " + pick(valid, random(), "")}
	case 10:
		return "browser", []string{"Authorization: " + pick("Basic ", "Bearer", "Digest ", "Bearer  ", "Bearer "+random()) + forwarder}
	}
	return "browser", []string{"Authorization: Bearer " + forwarder, "X-Ringside-Token: " + forwarder}
}

// A hundred thousand requests, each with another kind of wrong or missing token: none is accepted, none reaches Kafka or the disk.
func TestForgedRequests(t *testing.T) {
	s := newSite(t, nil)
	var answered sync.Map // status → count
	var wait sync.WaitGroup
	for f := range forgerCount {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(f), 7))
			conn, err := tls.Dial("tcp", s.gateway.Addr(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			in := bufio.NewReader(conn)
			counts := map[int]int{}
			for n := 0; n < forgeries/forgerCount; n += pipelined {
				var b bytes.Buffer
				for i := range pipelined {
					endpoint, headers := forgery(r)
					event := body("UserStatus", n+i)
					fmt.Fprintf(&b, "POST /webhooks/%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n", endpoint, len(event))
					for _, h := range headers {
						b.WriteString(strings.Map(printable, h) + "\r\n")
					}
					b.WriteString("\r\n")
					b.Write(event)
				}
				if _, err := conn.Write(b.Bytes()); err != nil {
					t.Error(err)
					return
				}
				for range pipelined {
					res, err := http.ReadResponse(in, nil)
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
					counts[res.StatusCode]++
				}
			}
			answered.Store(f, counts)
		})
	}
	wait.Wait()
	total := 0
	answered.Range(func(_, counts any) bool {
		for code, n := range counts.(map[int]int) {
			if code != 401 {
				t.Errorf("%d forgeries are answered %d", n, code)
			}
			total += n
		}
		return true
	})
	refused := 0
	for _, endpoint := range []string{"enreach", "pinned", "browser"} {
		n, err := strconv.Atoi(s.metric(`ringside_webhook_requests_total{endpoint="` + endpoint + `",outcome="unauthorized"}`))
		if err != nil || n == 0 {
			t.Errorf("%s: %d refused, %v", endpoint, n, err)
		}
		refused += n
	}
	if total != forgeries || refused != forgeries {
		t.Errorf("%d answered, %d counted as unauthorized, want %d", total, refused, forgeries)
	}
	s.empty()
	if n := s.gateway.Spooled(); n != 0 {
		t.Errorf("%d are in the spool", n)
	}
	s.takes(body("UserStatus", 1)) // while the right one is
	s.ends(1)
}

// printable leaves out what HTTP itself would refuse, so that every forgery gets as far as the token.
func printable(r rune) rune {
	if r == '\t' || r >= ' ' && r <= '~' {
		return r
	}
	return '.'
}
