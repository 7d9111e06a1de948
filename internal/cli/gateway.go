package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/spf13/cobra"

	"ringside/ingest/webhook"
	"ringside/internal/config"
	"ringside/internal/engine"
)

func newGateway(s Streams) *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "gateway",
		Short: "Run the webhook gateway alone: HTTPS to Kafka",
		Long: "Takes events over HTTPS as `ringside run` does where webhook.listen is set, without an engine and without a store: for\n" +
			"endpoints that are to stay when the engine is restarted or the store is away, and for several behind a load balancer.\n" +
			"Each needs a data_dir of its own.",
		Example: "  ringside gateway --config ringside.yaml",
		Args:    args(cobra.NoArgs, "no arguments, but --config FILE"),
		RunE: func(c *cobra.Command, _ []string) error {
			if t.configFile == "" {
				return usagef("gateway needs --config FILE")
			}
			cfg, err := t.load()
			if err != nil {
				return err
			}
			switch {
			case cfg.Webhook.Listen == "":
				return usagef("webhook.listen is not set: there is nothing to do for a gateway")
			case cfg.Kafka.Embedded:
				return usagef("the embedded broker runs within ringside run: name kafka.brokers")
			}
			log := newLog(s.Err, &cfg.Log)
			for _, w := range cfg.Warnings() {
				log.Warn(w)
			}
			return runGateway(c.Context(), cfg, log)
		},
	}
	c.Flags().StringVar(&t.configFile, "config", "", "configuration file")
	return c
}

func runGateway(ctx context.Context, cfg *config.Config, log *slog.Logger) (err error) {
	metrics := engine.NewMetrics()
	g, err := startGateway(ctx, cfg, cfg.Kafka.Brokers, engine.ConfiguredTopics(cfg), metrics, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	served := ""
	if cfg.HTTP.Listen != "" {
		http, stop := context.WithCancel(context.WithoutCancel(ctx))
		address, wait, err := engine.NewHealth(metrics, nil, g.Ready).Serve(http, cfg.HTTP.Listen)
		if err != nil {
			stop()
			return httpError(err)
		}
		served = address
		defer func() { stop(); wait() }()
	}
	log.Info("ringside gateway is running", "https", g.Addr(), "http", served, "brokers", cfg.Kafka.Brokers)
	<-ctx.Done()
	return nil
}

// gateway is a process's gateway. It begins to end with the process's context, beside an engine that hands over.
type gateway struct {
	*webhook.Gateway
	once sync.Once
	err  error
}

// startGateway starts the configured gateway.
func startGateway(ctx context.Context, cfg *config.Config, brokers []string, topics webhook.Topics, m *engine.Metrics, log *slog.Logger) (*gateway, error) {
	started, err := engine.StartGateway(cfg, brokers, topics, m, log)
	var inUse *engine.AddressInUseError
	if errors.As(err, &inUse) {
		return nil, fmt.Errorf("%w: stop it, or choose another webhook.listen", err)
	}
	if err != nil {
		return nil, err
	}
	g := &gateway{Gateway: started}
	context.AfterFunc(ctx, func() { _ = g.close() }) // the error is told by whoever closes it, too
	return g, nil
}

func (g *gateway) close() error {
	g.once.Do(func() { g.err = g.Close() })
	return g.err
}

// check is the gateway's, for /readyz/gateway; nil where there is none.
func (g *gateway) check() engine.Check {
	if g == nil {
		return nil
	}
	return g.Ready
}
