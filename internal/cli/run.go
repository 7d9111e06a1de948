package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/spf13/cobra"

	"ringside/ingest/broker"
	"ringside/internal/config"
	"ringside/internal/engine"
)

func newRun(s Streams) *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the engine: consume from Kafka, aggregate, store",
		Long: "Consumes the configured topics, keeps the figures, and writes them to the store, until SIGTERM or SIGINT: it then\n" +
			"writes what is due, saves its state and leaves the group within 10 seconds. A second signal ends it at once.\n" +
			"More processes in the same group share the partitions.",
		Example: "  ringside check-config --config ringside.yaml && ringside run --config ringside.yaml",
		Args:    args(cobra.NoArgs, "no arguments, but --config FILE"),
		RunE: func(c *cobra.Command, _ []string) error {
			if t.configFile == "" {
				return usagef("run needs --config FILE; to try Ringside without one, use ringside demo")
			}
			cfg, err := t.load()
			if err != nil {
				return err
			}
			log := newLog(s.Err, &cfg.Log)
			for _, w := range cfg.Warnings() {
				log.Warn(w)
			}
			return runEngine(c.Context(), cfg, log)
		},
	}
	c.Flags().StringVar(&t.configFile, "config", "", "configuration file")
	return c
}

func runEngine(ctx context.Context, cfg *config.Config, log *slog.Logger) (err error) {
	p, err := startProcess(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if cfg.Webhook.Listen != "" {
		if p.gateway, err = startGateway(ctx, cfg, p.brokers, engine.ConfiguredTopics(cfg), p.metrics, log); err != nil {
			return err
		}
	}
	board := newBoard(cfg.HTTP.Listen, nil)
	e, err := engine.New(engine.Options{Config: cfg, Brokers: p.brokers, Store: p.store, Metrics: p.metrics, Log: log, Observer: board.observer()})
	if err != nil {
		return err
	}
	if err := p.serve(ctx, cfg.HTTP.Listen, e, board); err != nil {
		return err
	}
	log.Info("ringside is running", "http", p.http, "brokers", p.brokers, "https", p.https())
	return p.run(ctx, e)
}

// process is what an engine needs around it: a broker and a store where they are embedded, metrics and health.
type process struct {
	broker  *broker.Broker
	brokers []string
	store   *engine.Store
	metrics *engine.Metrics
	gateway *gateway // nil: none is configured

	http     string // the address that is served, "" for none
	stopHTTP context.CancelFunc
	waitHTTP func()
}

// https is where the gateway listens, "" for nowhere.
func (p *process) https() string {
	if p.gateway == nil {
		return ""
	}
	return p.gateway.Addr()
}

// startProcess starts what is embedded; more are topics beside those of the configuration. The store comes first: it tells that the data folder is in use.
func startProcess(ctx context.Context, cfg *config.Config, log *slog.Logger, more ...config.Topic) (*process, error) {
	p := &process{brokers: cfg.Kafka.Brokers, metrics: engine.NewMetrics()}
	var err error
	if p.store, err = engine.OpenStore(ctx, cfg, engine.StoreOwn, log); err != nil {
		return nil, err
	}
	if !cfg.Kafka.Embedded {
		return p, nil
	}
	topics := make([]string, 0, 3)
	for _, t := range append(cfg.Kafka.Topics.List(), more...) {
		topics = append(topics, t.Name)
	}
	p.broker, err = broker.Start(ctx, broker.Options{DataDir: filepath.Join(cfg.DataDir, "kafka"), Port: cfg.Kafka.Port,
		Topics: topics, Partitions: cfg.Kafka.Partitions, Logf: func(format string, a ...any) { log.Warn(fmt.Sprintf(format, a...)) }})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.brokers = []string{p.broker.Addr()}
	return p, nil
}

// serve answers /metrics and the health checks, and shows the wallboard, from now on until close.
func (p *process) serve(ctx context.Context, address string, e *engine.Engine, board *board) error {
	if address == "" {
		return nil
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	health := engine.NewHealth(p.metrics, e.Ready, p.gateway.check())
	board.mount(health, p.metrics)
	var err error
	p.http, p.waitHTTP, err = health.Serve(ctx, address)
	if err != nil {
		stop()
		return httpError(err)
	}
	p.stopHTTP = stop
	go board.run(ctx, e)
	return nil
}

// httpError says what to do where the address is taken.
func httpError(err error) error {
	var inUse *engine.AddressInUseError
	if errors.As(err, &inUse) {
		return fmt.Errorf("%w: stop it, or choose another address with --http (http.listen in the configuration)", err)
	}
	return err
}

// run runs the engine until ctx ends, or until the embedded store has ended.
func (p *process) run(ctx context.Context, e *engine.Engine) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-p.store.Ended():
			cancel(fmt.Errorf("the embedded store has ended: %w", p.store.Err()))
		case <-ctx.Done():
		}
	}()
	err := e.Run(ctx)
	if cause := context.Cause(ctx); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// close ends everything, in the order that lets each write what it has.
func (p *process) close() (err error) {
	if p.gateway != nil {
		err = p.gateway.close()
	}
	if p.stopHTTP != nil {
		p.stopHTTP()
		p.waitHTTP()
	}
	if p.broker != nil {
		p.broker.Close()
	}
	return errors.Join(err, p.store.Close())
}
