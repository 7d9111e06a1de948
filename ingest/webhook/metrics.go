package webhook

import (
	"fmt"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// outcome is how a request fared, as a label of ringside_webhook_requests_total.
type outcome uint8

const (
	accepted        outcome = iota // the brokers have it
	spooled                        // it is on disk
	preflighted                    // a browser asked whether it may post
	unknownEndpoint                // no such address
	wrongMethod
	unauthorized  // no valid token
	rateLimited   // more than the endpoint's rate
	encoded       // compressed
	tooLarge      // more than MaxBody
	forbidden     // of an organization that the endpoint is not for
	busy          // too many bytes of bodies under way
	spoolFull     // and the brokers are away
	spoolFailed   // and the brokers are away
	clientTooSlow // the body did not come in time
	clientGone    // the client went away
	numOutcomes
)

var outcomeNames = [numOutcomes]string{"accepted", "spooled", "preflight", "unknown_endpoint", "method", "unauthorized", "rate_limited",
	"encoded", "too_large", "forbidden", "busy", "spool_full", "spool_failed", "client_too_slow", "client_gone"}

// endpointMetrics are the figures of one endpoint.
type endpointMetrics struct {
	requests    [numOutcomes]*metrics.Counter
	duration    *metrics.Histogram
	undecodable *metrics.Counter
	misnamed    *metrics.Counter
}

func newEndpointMetrics(set *metrics.Set, endpoint string) *endpointMetrics {
	m := &endpointMetrics{
		duration:    set.GetOrCreateHistogram(fmt.Sprintf("ringside_webhook_request_duration_seconds{endpoint=%q}", endpoint)),
		undecodable: set.GetOrCreateCounter(fmt.Sprintf("ringside_webhook_undecodable_total{endpoint=%q}", endpoint)),
		misnamed:    set.GetOrCreateCounter(fmt.Sprintf("ringside_webhook_event_header_mismatches_total{endpoint=%q}", endpoint)),
	}
	for o := range numOutcomes {
		m.requests[o] = set.GetOrCreateCounter(fmt.Sprintf("ringside_webhook_requests_total{endpoint=%q,outcome=%q}", endpoint, outcomeNames[o]))
	}
	return m
}

func (m *endpointMetrics) count(o outcome, begin time.Time) {
	m.requests[o].Inc()
	if o == accepted || o == spooled {
		m.duration.UpdateDuration(begin)
	}
}

// publish publishes the sizes of everything that the gateway holds, with their limits.
func (g *Gateway) publish(set *metrics.Set) {
	for name, f := range map[string]func() float64{
		"ringside_webhook_connections":       func() float64 { return float64(g.connections.Load()) },
		"ringside_webhook_connections_limit": func() float64 { return float64(g.MaxConnections) },
		"ringside_webhook_requests_in_flight": func() float64 {
			return float64(g.inFlight.Load())
		},
		"ringside_webhook_body_bytes":       func() float64 { return float64(g.budget.used.Load()) },
		"ringside_webhook_body_bytes_limit": func() float64 { return float64(g.budget.limit) },
		"ringside_webhook_spool_records":    func() float64 { return float64(g.delivery.spool.Size().Records) },
		"ringside_webhook_spool_bytes":      func() float64 { return float64(g.delivery.spool.Size().Bytes) },
		"ringside_webhook_spool_limit_bytes": func() float64 {
			return float64(g.SpoolLimit)
		},
		"ringside_webhook_spool_damaged_records": func() float64 { return float64(g.delivery.spool.Size().Skipped) },
		"ringside_webhook_spooling": func() float64 {
			if g.delivery.behind.Load() {
				return 1
			}
			return 0
		},
		"ringside_webhook_certificate_expiry_timestamp_seconds": func() float64 { return float64(g.certificate.expiry().Unix()) },
	} {
		set.GetOrCreateGauge(name, f)
	}
	g.refusedConnections = set.GetOrCreateCounter("ringside_webhook_refused_connections_total")
	g.failedConnections = set.GetOrCreateCounter("ringside_webhook_failed_connections_total")
	g.reloadErrors = set.GetOrCreateCounter("ringside_webhook_reload_errors_total")
	g.delivery.cut = set.GetOrCreateCounter("ringside_webhook_cut_messages_total")
}
