package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"ringside/ingest"
)

// prefix is what all addresses begin with.
const prefix = "/webhooks/"

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	g.inFlight.Add(1)
	defer g.inFlight.Add(-1)
	e := g.endpoint(r.URL.Path)
	if e == nil {
		g.nowhere.count(unknownEndpoint, begin)
		refuse(w, http.StatusNotFound, "there is no such endpoint")
		return
	}
	e.metrics.count(g.serve(e, w, r, begin), begin)
}

// endpoint finds the endpoint of a path; a slash at the end makes no difference, since the vendor's own examples have one.
func (g *Gateway) endpoint(path string) *endpoint {
	name, ok := strings.CutPrefix(path, prefix)
	if !ok {
		return nil
	}
	return g.endpoints[strings.TrimSuffix(name, "/")]
}

func (g *Gateway) serve(e *endpoint, w http.ResponseWriter, r *http.Request, received time.Time) outcome {
	switch r.Method {
	case http.MethodPost:
		e.cors(w, r)
	case http.MethodOptions:
		e.preflight(w, r)
		return preflighted
	default:
		w.Header().Set("Allow", "POST, OPTIONS")
		refuse(w, http.StatusMethodNotAllowed, "events are posted")
		return wrongMethod
	}
	if !e.tokens.admit(r.Header) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, "the token is missing or wrong")
		return unauthorized
	}
	if wait := e.rate.take(received); wait > 0 {
		retryAfter(w, wait)
		refuse(w, http.StatusTooManyRequests, "more events than the endpoint takes")
		return rateLimited
	}
	// Vendors do not compress, and what is not inflated cannot be a bomb.
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		w.Header().Set("Accept-Encoding", "identity")
		refuse(w, http.StatusUnsupportedMediaType, "send the body uncompressed")
		return encoded
	}
	body, release, err := readBody(r, &g.budget)
	defer release()
	if err != nil {
		return refuseBody(w, err)
	}
	v := g.classifier.classify(e, r.Header.Get(HeaderEvent), body)
	if v.forbidden {
		refuse(w, http.StatusForbidden, "the endpoint is not for this organization")
		return forbidden
	}
	if !v.decoded {
		e.metrics.undecodable.Inc()
	}
	if v.misnamed {
		e.metrics.misnamed.Inc()
	}
	v.receivedAt = ingest.FromGo(received)
	return g.deliver(w, r.Context(), &v.event)
}

// deliver answers when the event is safe.
func (g *Gateway) deliver(w http.ResponseWriter, ctx context.Context, e *event) outcome {
	o, err := g.delivery.accept(ctx, e)
	if err == nil {
		w.WriteHeader(http.StatusOK)
		return o
	}
	retryAfter(w, time.Second)
	refuse(w, http.StatusServiceUnavailable, "the event cannot be kept at present")
	return o
}

func refuseBody(w http.ResponseWriter, err error) outcome {
	switch {
	case errors.Is(err, errTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "the body is longer than a MiB")
		return tooLarge
	case errors.Is(err, errBusy):
		retryAfter(w, time.Second)
		refuse(w, http.StatusServiceUnavailable, "too much is under way")
		return busy
	case errors.Is(err, os.ErrDeadlineExceeded):
		refuse(w, http.StatusRequestTimeout, "the body did not come in time")
		return clientTooSlow
	}
	refuse(w, http.StatusBadRequest, "the body did not come whole") // if anybody is there to read it
	return clientGone
}

// retryAfter tells the client when to come again, in whole seconds.
func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second))))
}

func refuse(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, why+"\n") // a client that is gone needs no answer
}
