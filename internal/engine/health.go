package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Check tells whether a part of the process can do its work: nil, or why not, for a person to read.
type Check func() error

// Health serves /metrics and the health checks. /healthz depends on nothing outside the process, so that an
// orchestrator does not restart it because the store is away.
type Health struct {
	metrics *Metrics
	engine  Check
	gateway Check // nil: none is configured
	mux     *http.ServeMux
}

// NewHealth returns a handler. A nil check means that the process has no such part.
func NewHealth(m *Metrics, engine, gateway Check) *Health {
	h := &Health{metrics: m, engine: engine, gateway: gateway, mux: http.NewServeMux()}
	h.mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		m.Write(w)
	})
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	h.mux.HandleFunc("GET /readyz/engine", func(w http.ResponseWriter, _ *http.Request) { answer(w, engine) })
	h.mux.HandleFunc("GET /readyz/gateway", func(w http.ResponseWriter, _ *http.Request) { answer(w, gateway) })
	ready := engine
	if gateway != nil {
		ready = gateway // a store outage must not take the gateway from its load balancer
	}
	h.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, ready) })
	return h
}

// Handle adds a page, such as the wallboard.
func (h *Health) Handle(pattern string, handler http.Handler) { h.mux.Handle(pattern, handler) }

func answer(w http.ResponseWriter, check Check) {
	if check == nil {
		http.Error(w, "not configured", http.StatusNotFound)
		return
	}
	if err := check(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// Serve listens on address and answers until ctx ends; the listener is bound when Serve returns. The returned address
// has the port that was chosen where address had none; wait returns when the server has stopped.
func (h *Health) Serve(ctx context.Context, address string) (addr string, wait func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return "", nil, &AddressInUseError{address}
		}
		return "", nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	server := &http.Server{Handler: h.mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }} // streams end with ctx
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(listener) }) // always ends with ErrServerClosed
	served.Go(func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(stop) != nil {
			_ = server.Close()
		}
	})
	return listener.Addr().String(), served.Wait, nil
}

// AddressInUseError says that another program listens where Ringside should.
type AddressInUseError struct{ Address string }

func (e *AddressInUseError) Error() string {
	return fmt.Sprintf("%s is in use by another program", strings.TrimSpace(e.Address))
}
