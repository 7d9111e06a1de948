// Package sender posts recorded events to a gateway as the vendor would: for trying a set-up, and for tests.
package sender

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ringside/ingest"
	"ringside/ingest/vendors"
)

// Options say where to post, and how fast.
type Options struct {
	URL         string
	Source      string
	Token       string
	TLS         *tls.Config
	Connections int     // requests under way at once
	Rate        float64 // events/s; 0: as fast as they are answered
	Speed       float64 // seconds of the recording per second; 0: no regard to the events' times
	Retries     int     // of one event
	Timeout     time.Duration
}

// Counts are how the events fared.
type Counts struct {
	Sent     int64 // events that were tried
	Accepted int64 // answered 200
	Retried  int64 // requests that were repeated
	Refused  int64 // answered with what a retry does not mend
	Failed   int64 // given up on
}

func (c Counts) String() string {
	return fmt.Sprintf("sent=%d accepted=%d retried=%d refused=%d failed=%d", c.Sent, c.Accepted, c.Retried, c.Refused, c.Failed)
}

// Sender posts events.
type Sender struct {
	Options
	client                                   *http.Client
	sent, accepted, retried, refused, failed atomic.Int64
	mu                                       sync.Mutex
	first                                    string // the first answer that was a refusal or a failure
}

// New returns a Sender.
func New(o Options) *Sender {
	t := &http.Transport{TLSClientConfig: o.TLS, MaxIdleConnsPerHost: o.Connections, MaxConnsPerHost: o.Connections}
	return &Sender{Options: o, client: &http.Client{Transport: t, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Counts returns how the events fared so far. It may be called at any time.
func (s *Sender) Counts() Counts {
	return Counts{s.sent.Load(), s.accepted.Load(), s.retried.Load(), s.refused.Load(), s.failed.Load()}
}

// Trouble returns what the first event that was not accepted was answered, "" if all were.
func (s *Sender) Trouble() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// Close closes the connections.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// HopelessError is an answer that every event would get.
type HopelessError struct{ Answer string }

func (e *HopelessError) Error() string { return e.Answer }

// job is an event on its way.
type job struct {
	kind string
	body []byte
}

// Run posts what next returns, until that is io.EOF. It ends early, with an error, where every event would be refused.
func (s *Sender) Run(ctx context.Context, next func() (*ingest.Batch, error)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	jobs := make(chan job)
	var workers sync.WaitGroup
	for range s.Connections {
		workers.Go(func() {
			for j := range jobs {
				if err := s.post(ctx, j); err != nil {
					stop(err)
				}
			}
		})
	}
	err := s.feed(ctx, jobs, next)
	close(jobs)
	workers.Wait()
	if cause := context.Cause(ctx); cause != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return cause
	}
	return err
}

// feed hands out the events, no faster than is asked for.
func (s *Sender) feed(ctx context.Context, jobs chan<- job, next func() (*ingest.Batch, error)) error {
	decode, e := vendors.Decoders()[s.Source], ingest.Event{}
	p := pace{rate: s.Rate, speed: s.Speed}
	for {
		b, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range b.Records {
			body := bytes.Clone(b.Records[i].Value)
			_, _ = decode(body, 0, &e) // what was read up to an error stays in e
			if err := p.wait(ctx, e.Timestamp); err != nil {
				return err
			}
			select {
			case jobs <- job{string(e.TypeName), body}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// pace holds events back.
type pace struct {
	rate, speed float64
	begun       time.Time
	first       ingest.Time
	n           float64
}

func (p *pace) wait(ctx context.Context, at ingest.Time) error {
	now := time.Now()
	if p.begun.IsZero() {
		p.begun = now
	}
	if p.first == ingest.Unset {
		p.first = at
	}
	var due time.Duration
	if p.rate > 0 {
		due = time.Duration(p.n / p.rate * float64(time.Second))
	}
	if p.speed > 0 && at != ingest.Unset {
		due = max(due, time.Duration(float64(at.Go().Sub(p.first.Go()))/p.speed))
	}
	p.n++
	left := due - now.Sub(p.begun)
	if left <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// post posts one event until it is accepted or refused. An error says that the others need not be tried.
func (s *Sender) post(ctx context.Context, j job) error {
	s.sent.Add(1)
	pause := 200 * time.Millisecond
	for try := 0; ; try++ {
		code, text, after, err := s.once(ctx, j)
		answer := fmt.Sprintf("answers %d %s", code, text)
		var untrusted *tls.CertificateVerificationError
		switch {
		case errors.As(err, &untrusted):
			s.failed.Add(1)
			s.note(err.Error())
			return &HopelessError{"has a certificate that is not trusted: " + untrusted.Err.Error()}
		case err != nil:
			answer = err.Error()
		case code == http.StatusOK:
			s.accepted.Add(1)
			return nil
		case code == http.StatusUnauthorized || code == http.StatusNotFound || code == http.StatusMethodNotAllowed:
			s.refused.Add(1)
			s.note(answer)
			return &HopelessError{answer}
		case code < 500 && code != http.StatusTooManyRequests && code != http.StatusRequestTimeout:
			s.refused.Add(1)
			s.note(answer)
			return nil
		}
		if try >= s.Retries || ctx.Err() != nil {
			s.failed.Add(1)
			s.note(answer)
			return nil
		}
		s.retried.Add(1)
		select {
		case <-ctx.Done():
		case <-time.After(max(pause, after)):
		}
		pause = min(2*pause, 5*time.Second)
	}
}

func (s *Sender) note(answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == "" {
		s.first = answer
	}
}

// once sends one request.
func (s *Sender) once(ctx context.Context, j job) (code int, text string, after time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(j.body))
	if err != nil {
		return 0, "", 0, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if s.Source == ingest.SourceEnreach {
		r.Header.Set("X-Benemen-Event", j.kind)
		r.Header.Set("X-Benemen-Token", s.Token)
	} else {
		r.Header.Set("Authorization", "Bearer "+s.Token)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, "", 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 512))
	if err != nil {
		return 0, "", 0, err
	}
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // absent: 0
	return answer.StatusCode, strings.TrimSpace(string(b)), min(time.Duration(seconds)*time.Second, 30*time.Second), nil
}
