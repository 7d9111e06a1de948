package engine

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/ingest/vendors"
	"ringside/ingest/vendors/envelope"
	"ringside/ingest/webhook"
	"ringside/internal/config"
)

// GatewayDir is the folder of what a gateway makes for itself.
func GatewayDir(c *config.Config) string { return filepath.Join(c.DataDir, "webhook") }

// StartGateway starts the configured gateway, which sends to the brokers; topics says where to. It needs neither an engine
// nor a store.
func StartGateway(c *config.Config, brokers []string, topics webhook.Topics, m *Metrics, log *slog.Logger) (*webhook.Gateway, error) {
	w := &c.Webhook
	o := webhook.Options{
		Listen: w.Listen, CertFile: w.TLS.CertFile, KeyFile: w.TLS.KeyFile, Dir: GatewayDir(c), Topics: topics,
		BrokerTimeout: w.BrokerTimeout.Std(), SpoolDir: w.Spool.Dir, SpoolLimit: int64(w.Spool.Limit),
		MaxConnections: w.Limits.Connections, MaxBodyBytes: int64(w.Limits.BodyBytes),
		Decoders: vendors.Decoders, Metrics: m.set, Log: log,
	}
	if o.SpoolDir == "" {
		o.SpoolDir = filepath.Join(o.Dir, "spool")
	}
	var err error
	if o.Producer, err = producerOptions(c, brokers); err != nil {
		return nil, err
	}
	if o.Endpoints, err = gatewayEndpoints(w); err != nil {
		return nil, err
	}
	g, err := webhook.New(o)
	if err != nil {
		return nil, err
	}
	err = g.Start()
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &AddressInUseError{w.Listen}
	}
	return g, err
}

// CheckGateway finds what is wrong with a gateway's endpoints that a configuration alone does not know: vendors, and their ids.
func CheckGateway(c *config.Config) error {
	_, err := gatewayEndpoints(&c.Webhook)
	return err
}

func gatewayEndpoints(w *config.Webhook) (all []webhook.Endpoint, err error) {
	for i := range w.Endpoints {
		e, err := gatewayEndpoint(&w.Endpoints[i])
		if err != nil {
			return nil, fmt.Errorf("configuration: webhook.endpoints[%d].%w", i, err)
		}
		all = append(all, e)
	}
	return all, nil
}

// ConfiguredTopics are where a gateway's events go for the engines of a configuration.
func ConfiguredTopics(c *config.Config) webhook.Topics {
	t := &c.Kafka.Topics
	return webhook.Topics{Queue: t.QueueEvents.Name, User: t.UserEvents.Name, Callback: t.CallbackEvents.Name}
}

func producerOptions(c *config.Config, brokers []string) (kafka.ProducerOptions, error) {
	tls, err := c.Kafka.TLS.Client()
	if err != nil {
		return kafka.ProducerOptions{}, fmt.Errorf("kafka: %w", err)
	}
	mechanism, err := saslMechanism(&c.Kafka)
	if err != nil {
		return kafka.ProducerOptions{}, err
	}
	return kafka.ProducerOptions{Brokers: brokers, TLS: tls, SASL: mechanism}, nil
}

func gatewayEndpoint(c *config.WebhookEndpoint) (webhook.Endpoint, error) {
	e := webhook.Endpoint{Name: c.Name, Source: c.Source, AllowedOrigins: c.AllowedOrigins, Rate: c.Rate.EventsPerSecond, Burst: c.Rate.Burst}
	if !vendors.Known(c.Source) {
		return e, fmt.Errorf("source: %q is not known; use one of: %s", c.Source, vendors.Names())
	}
	for i, text := range c.Organizations {
		id, err := organizationID(c.Source, text)
		if err != nil {
			return e, fmt.Errorf("organizations[%d]: %w", i, err)
		}
		e.Organizations = append(e.Organizations, id)
	}
	e.Tokens = func() ([]string, error) {
		secrets, err := c.AllTokens()
		texts := make([]string, len(secrets))
		for i, s := range secrets {
			texts[i] = s.Reveal()
		}
		return texts, err
	}
	return e, nil
}

// organizationID returns the id that events of a vendor's organization have: those of forwarders may have any text as theirs.
func organizationID(source, text string) (uuid.UUID, error) {
	if id, err := uuid.Parse(text); err == nil {
		return id, nil
	}
	if source == ingest.SourceEnreach || text == "" {
		return uuid.Nil, fmt.Errorf("%q is no organization of %s; wanted is a GUID", text, source)
	}
	return envelope.NewReader(source).Name(envelope.Organization, []byte(text)), nil
}
