package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Gateway takes events over HTTPS. New makes one, Start opens its port, Close ends it in order.
type Gateway struct {
	Options
	endpoints   map[string]*endpoint
	nowhere     *endpointMetrics // of requests to addresses that there are not
	classifier  *classifier
	delivery    *delivery
	certificate *certificate
	budget      budget

	connections        atomic.Int64
	inFlight           atomic.Int64
	refusedConnections *metrics.Counter
	failedConnections  *metrics.Counter
	reloadErrors       *metrics.Counter

	listener net.Listener
	server   *http.Server
	stop     context.CancelFunc
	running  sync.WaitGroup
	serving  atomic.Bool
}

// endpoint is an Endpoint in use.
type endpoint struct {
	Endpoint
	tokens  tokens
	rate    *bucket
	metrics *endpointMetrics
}

// New opens the spool, reads certificate and tokens, and sends what an earlier process left in the spool as soon as it is
// started.
func New(o Options) (*Gateway, error) {
	if o.habits == (habits{}) {
		o.habits = defaultHabits()
	}
	g := &Gateway{Options: o, endpoints: map[string]*endpoint{}, classifier: newClassifier(o.Decoders), budget: budget{limit: o.MaxBodyBytes},
		nowhere: newEndpointMetrics(o.Metrics, "")}
	known := o.Decoders()
	for _, e := range o.Endpoints {
		if known[e.Source] == nil {
			return nil, fmt.Errorf("webhook: endpoint %s: source %q is not known", e.Name, e.Source)
		}
		texts, err := e.Tokens()
		if err != nil {
			return nil, fmt.Errorf("webhook: tokens of endpoint %s: %w", e.Name, err)
		}
		of := &endpoint{Endpoint: e, rate: newBucket(e.Rate, e.Burst), metrics: newEndpointMetrics(o.Metrics, e.Name)}
		of.tokens.source = e.Source
		of.tokens.set(texts)
		g.endpoints[e.Name] = of
	}
	var err error
	if g.certificate, err = openCertificate(o.CertFile, o.KeyFile, o.Dir); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	if g.delivery, err = newDelivery(&g.Options); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	g.publish(o.Metrics)
	return g, nil
}

// Start listens and serves until Close.
func (g *Gateway) Start() error {
	l, err := net.Listen("tcp", g.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("webhook: %w", err), g.delivery.spool.Close())
	}
	g.listener = &listener{Listener: l, limit: int64(g.MaxConnections), open: &g.connections, refused: g.refusedConnections.Inc}
	h := &g.habits
	g.server = &http.Server{
		Handler:           g,
		ReadHeaderTimeout: h.readHeader, ReadTimeout: h.read, WriteTimeout: h.write, IdleTimeout: h.idle,
		MaxHeaderBytes: maxHeader,
		// What a client can have buffered without anybody having asked for it; the defaults are a MiB each.
		HTTP2:     &http.HTTP2Config{MaxConcurrentStreams: 100, MaxReceiveBufferPerConnection: 128 << 10, MaxReceiveBufferPerStream: 64 << 10},
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: g.certificate.get},
		ErrorLog:  log.New(&failures{g}, "", 0),
	}
	g.delivery.start()
	ctx, stop := context.WithCancel(context.Background())
	g.stop = stop
	g.running.Go(func() { g.look(ctx) })
	g.serving.Store(true)
	g.running.Go(func() {
		if err := g.server.ServeTLS(g.listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			g.Log.Error("webhook: the gateway has stopped", "error", err)
		}
		g.serving.Store(false)
	})
	return nil
}

// Addr returns host:port of the listener.
func (g *Gateway) Addr() string { return g.listener.Addr().String() }

// Spooled returns how many events wait in the spool.
func (g *Gateway) Spooled() int64 { return g.delivery.spool.Size().Records }

// Ready tells why the gateway can take no event; nil: it can. It is the check behind /readyz/gateway.
func (g *Gateway) Ready() error {
	if !g.serving.Load() {
		return errors.New("the gateway does not listen")
	}
	return g.delivery.ready()
}

// Close lets the requests under way finish, and ends. What is in the spool stays there.
func (g *Gateway) Close() error {
	g.serving.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), g.habits.shutdown)
	defer cancel()
	if g.server.Shutdown(ctx) != nil {
		_ = g.server.Close() // those that are left have had their time
	}
	g.stop()
	g.running.Wait()
	if err := g.delivery.close(); err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return nil
}

// look takes over certificates and tokens that have changed, until ctx ends.
func (g *Gateway) look(ctx context.Context) {
	t := time.NewTicker(g.habits.look)
	defer t.Stop()
	said := map[string]string{} // the last error of each, so that one is told once
	note := func(what string, changed bool, err error) {
		switch {
		case err != nil && said[what] != err.Error():
			said[what] = err.Error()
			g.reloadErrors.Inc()
			g.Log.Error("webhook: "+what+" cannot be read again; what was valid before stays", "error", err)
		case changed:
			g.Log.Info("webhook: " + what + " taken over")
		}
		if err == nil && changed {
			delete(said, what)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		changed, err := g.certificate.reload()
		note("the certificate", changed, err)
		for _, e := range g.endpoints {
			texts, err := e.Tokens()
			note("the tokens of endpoint "+e.Name, err == nil && e.tokens.set(texts), err)
		}
	}
}

// failures takes what net/http has to say: connections that fail before there is a request. Whoever scans the internet causes
// them, so they are counted, and told at debug level only; a handler's panic is a bug, and told.
type failures struct{ g *Gateway }

func (f *failures) Write(b []byte) (int, error) {
	text := strings.TrimSpace(string(b))
	if strings.Contains(text, "panic serving") {
		f.g.Log.Error("webhook: " + text)
		return len(b), nil
	}
	f.g.failedConnections.Inc()
	f.g.Log.Debug("webhook: " + text)
	return len(b), nil
}
