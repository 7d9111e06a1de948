package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringside/ingest"
	"ringside/internal/config"
	"ringside/internal/engine"
	"ringside/internal/engine/feed"
	"ringside/internal/sim"
)

type demoFlags struct {
	dataDir, http string
	webhookPort   string
	kafkaPort     int
	storePort     int
	seed          uint64
	speed         float64
}

func newDemo(s Streams) *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole system on this machine with a simulated contact centre",
		Long: "Starts an embedded Kafka broker, an embedded ClickHouse, a simulated contact centre and the engine, with nothing\n" +
			"installed. The hours so far are sent through the same path at full speed first, then the centre goes live. Ctrl-C\n" +
			"stops everything; the next start goes on where this one stopped. Delete the data folder to begin anew.",
		Example: "  ringside demo\n  ringside demo --speed 10 --http 127.0.0.1:9000\n  ringside top                # in another terminal",
		Args:    args(cobra.NoArgs, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if f.speed <= 0 || f.speed > 1000 {
				return usagef("--speed %g must be more than 0 and at most 1000", f.speed)
			}
			if f.kafkaPort < 0 || f.kafkaPort > 65535 {
				return usagef("--kafka-port %d is no port; 0 takes a free one", f.kafkaPort)
			}
			if f.storePort < 0 || f.storePort > 65535 {
				return usagef("--clickhouse-port %d is no port; 0 takes a free one", f.storePort)
			}
			if _, err := f.gatewayPort(); err != nil {
				return err
			}
			return runDemo(c.Context(), s, &f, c.Flags().Changed)
		},
	}
	c.Flags().StringVar(&f.dataDir, "data-dir", "./ringside-data", "folder of the broker's and the store's data")
	c.Flags().StringVar(&f.http, "http", "127.0.0.1:8080", "address of the wallboard, /metrics and the health checks")
	c.Flags().IntVar(&f.kafkaPort, "kafka-port", 9092, "port of the embedded broker on 127.0.0.1; 0 takes a free one")
	c.Flags().IntVar(&f.storePort, "clickhouse-port", clickHousePort, "port of the embedded ClickHouse on 127.0.0.1, for Grafana; 0 takes a free one,\nand so does the default where it is taken")
	c.Flags().StringVar(&f.webhookPort, "webhook-port", strconv.Itoa(webhookPort), "port of the webhook gateway (HTTPS) on 127.0.0.1; 0 takes a free one, and so does the default\nwhere it is taken; off: none")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the simulated centre; kept in the data folder")
	c.Flags().Float64Var(&f.speed, "speed", 1, "simulated seconds per second once live; above 1 the centre's clock runs ahead")
	return c
}

// clickHousePort is where ClickHouse's HTTP interface usually is.
const clickHousePort = 8123

func runDemo(ctx context.Context, s Streams, f *demoFlags, given func(flag string) bool) (err error) {
	cfg, err := demoConfig(f)
	if err != nil {
		return err
	}
	log := quietLog(s.Err)
	p, err := startProcess(ctx, cfg, log, demoWebhookTopic)
	var taken *engine.StorePortError
	if errors.As(err, &taken) && !given("clickhouse-port") {
		cfg.Store.Port = 0
		p, err = startProcess(ctx, cfg, log, demoWebhookTopic)
	}
	if err != nil {
		return demoError(err)
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.startDemoGateway(ctx, cfg, f, given("webhook-port"), log); err != nil {
		return err
	}
	centre, err := openCentre(f, given("seed"), time.Now())
	if err != nil {
		return err
	}
	settings, err := cfg.Settings()
	if err != nil {
		return err
	}
	simulated := centre.Settings() // the rules under which the simulation works
	simulated.Limits = settings.Limits
	board := newBoard(f.http, centre.Names())
	e, err := engine.New(engine.Options{Config: cfg, Settings: simulated, Brokers: p.brokers, Store: p.store, Metrics: p.metrics, Log: log,
		Observer: board.observer(), Topics: []config.Topic{demoWebhookTopic}})
	if err != nil {
		return err
	}
	if err := p.serve(ctx, f.http, e, board); err != nil {
		return err
	}
	source, err := feed.New(ctx, feed.Options{Sim: centre, Brokers: p.brokers, Partitions: cfg.Kafka.Partitions, Speed: f.speed,
		Topics: demoTopics(cfg), Source: ingest.SourceEnreach, Logf: func(format string, a ...any) { log.Warn(fmt.Sprintf(format, a...)) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	announce(s, f, p)
	return runWithFeed(ctx, s, p, e, source)
}

// demoError names the flag where the settings' messages name the configuration.
func demoError(err error) error {
	text := strings.ReplaceAll(err.Error(), "kafka.port", "port with --kafka-port")
	text = strings.ReplaceAll(text, "store.port", "port with --clickhouse-port")
	return fmt.Errorf("demo: %s", text)
}

// runWithFeed runs engine and centre together; when one fails, the other is ended. The hours so far are in the topics
// before the engine begins to read: a day in seconds outruns what a consumer can know of the other topics' ends, by which
// it keeps their events in step.
func runWithFeed(ctx context.Context, s Streams, p *process, e *engine.Engine, source *feed.Feed) error {
	if err := catchUp(ctx, s, source); err != nil || ctx.Err() != nil {
		return err
	}
	feeding, stopFeed := context.WithCancelCause(ctx)
	defer stopFeed(nil)
	fed := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		err := goLive(feeding, s, e, source)
		if err != nil {
			stop()
		}
		fed <- err
	}()
	err := p.run(running, e)
	stopFeed(nil)
	return errors.Join(err, <-fed)
}

// catchUp sends the hours so far.
func catchUp(ctx context.Context, s Streams, source *feed.Feed) error {
	now, from := time.Now(), source.At()
	if !now.After(from) {
		return nil
	}
	defer progress(s.Err, "the hours so far", int64(now.Sub(from)), false, func() int64 { return int64(source.At().Sub(from)) })()
	if err := source.CatchUp(ctx, now); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// goLive waits until the engine has read what is there, then sends events as they happen.
func goLive(ctx context.Context, s Streams, e *engine.Engine, source *feed.Feed) error {
	if err := e.AwaitEnd(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	fmt.Fprintf(s.Out, "%d events of the hours so far are in; the centre is live. Ctrl-C stops it.\n", source.Sent())
	return source.Live(ctx)
}

func announce(s Streams, f *demoFlags, p *process) {
	folder := ""
	if f.dataDir != "./ringside-data" {
		folder = " --data-dir " + f.dataDir
	}
	user, password := p.store.Reader()
	instead := ""
	if f.storePort != 0 && p.store.Endpoint().Port() != strconv.Itoa(f.storePort) {
		instead = fmt.Sprintf(" (another program has port %d)", f.storePort)
	}
	fmt.Fprintf(s.Out, `Ringside demo
  wallboard   open http://%[2]s/
  terminal    ringside top%[1]s
  query       ringside sql%[1]s 'SELECT queue_name, inbound_total_calls FROM queue_daily_call_metrics WHERE queue_date = today()'
  metrics     http://%[2]s/metrics
  health      http://%[2]s/readyz
%[9]s  Kafka       %[3]s
  ClickHouse  %[5]s%[8]s, user %[6]s, password in %[7]s
              (what Grafana's data source asks for: docs/OPERATIONS.md, "Grafana")
  data        %[4]s
`, folder, p.http, p.brokers[0], f.dataDir, p.store.Endpoint(), user, password, instead, p.gatewayLines(f, folder))
}

func demoConfig(f *demoFlags) (*config.Config, error) {
	t := target{dataDir: f.dataDir}
	cfg, err := t.load()
	if err != nil {
		return nil, err
	}
	cfg.Kafka.Embedded, cfg.Kafka.Brokers, cfg.Kafka.Port = true, nil, f.kafkaPort
	cfg.Store.Port = f.storePort
	return cfg, nil
}

func demoTopics(c *config.Config) map[string]string {
	t := &c.Kafka.Topics
	return map[string]string{sim.TopicQueue: t.QueueEvents.Name, sim.TopicUser: t.UserEvents.Name, sim.TopicCallback: t.CallbackEvents.Name}
}

// centreFile remembers in the data folder which simulation its events are of.
const centreFile = "demo.json"

// centreModel numbers the simulation's design: the events of one cannot be gone on with by another.
const centreModel = 2

type centreRecord struct {
	Model int       `json:"model"`
	Seed  uint64    `json:"seed"`
	Start time.Time `json:"start"`
}

// openCentre returns the simulation of the data folder; a new folder gets one that has been running for half a day or
// longer, so that every site has had its morning.
func openCentre(f *demoFlags, seedGiven bool, now time.Time) (sim.Config, error) {
	path := filepath.Join(f.dataDir, centreFile)
	record := centreRecord{Model: centreModel, Seed: f.seed, Start: centreStart(now)}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if text, err = json.Marshal(record); err == nil {
			err = os.WriteFile(path, append(text, '\n'), 0o644)
		}
	case err == nil:
		record = centreRecord{}
		if err = json.Unmarshal(text, &record); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	switch {
	case err != nil:
		return sim.Config{}, fmt.Errorf("demo: %w", err)
	case record.Model != centreModel:
		return sim.Config{}, fmt.Errorf("demo: the data in %s are of another version's simulated centre: delete the folder, or choose another --data-dir", f.dataDir)
	case seedGiven && record.Seed != f.seed:
		return sim.Config{}, usagef("the data in %s are of --seed %d; leave --seed out, or choose another --data-dir", f.dataDir, record.Seed)
	}
	c := sim.DemoConfig(record.Seed)
	c.Start, c.End, c.Settle, c.Forget = record.Start.In(c.Start.Location()), time.Time{}, false, true
	return c, nil
}

// centreStart is the last midnight, where the simulated centre has its head office, that is half a day ago or longer.
func centreStart(now time.Time) time.Time {
	there := now.Add(-12 * time.Hour).In(sim.DefaultConfig(0).Start.Location())
	return time.Date(there.Year(), there.Month(), there.Day(), 0, 0, 0, 0, there.Location())
}
