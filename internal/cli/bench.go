package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/ingest/broker"
	"ringside/ingest/kafka"
	"ringside/ingest/vendors"
	"ringside/internal/config"
	"ringside/internal/engine"
	"ringside/internal/sim"
)

const benchTopic = "bench-events"

func newBench(s Streams) *cobra.Command {
	var events int
	var asJSON, serve, queriesOnly, gatewayOnly bool
	gateway := gatewayLoad{rate: 5000, seconds: 20, connections: 64}
	queries := engine.QueryLoad{Quarters: 36}
	load := sim.LoadConfig{Seed: 1, Start: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), Step: time.Millisecond}
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine's capacity",
		Long: "Measures decoding, the core, Kafka to windows, and Kafka to ClickHouse on a simulated load, then what wallboards and\n" +
			"dashboards ask of a year of figures, which it makes up first (13 million quarters of an hour, about 2 GB). CPU time is that of the\n" +
			"engine's process (the broker runs in a process of its own, ClickHouse's time is a column of its own): compare CPU\n" +
			"seconds rather than wall time on a machine that does other work.",
		Example: "  ringside bench\n  ringside bench --events 1000000 --json\n  ringside bench --organizations 1000 --calls 20000\n  ringside bench --gateway",
		Args:    args(cobra.NoArgs, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if serve {
				return serveBenchBroker(c.Context(), s)
			}
			if gatewayOnly {
				if gateway.rate < 1 || gateway.seconds < 1 || gateway.connections < 1 || gateway.connections > 900 {
					return usagef("--gateway-rate and --gateway-seconds must be 1 or more, --gateway-connections 1 to 900")
				}
				return runGatewayBench(c.Context(), s, gateway)
			}
			if events < 1000 {
				return usagef("--events %d is too few to measure; use 1000 or more", events)
			}
			if queries.Queues > 0 && (queries.Days < 1 || queries.Days > 3660 || queries.Queues > 100_000) {
				return usagef("--query-days must be 1 to 3660 and --query-queues at most 100000, or 0 to leave the queries out")
			}
			if queries.Runs < 1 {
				return usagef("--query-runs must be 1 or more")
			}
			if !queriesOnly {
				if err := runBench(c.Context(), s, events, load, asJSON); err != nil {
					return err
				}
			}
			return runQueryBench(c.Context(), s, queries, asJSON)
		},
	}
	c.Flags().IntVar(&events, "events", 200_000, "simulated events, held in memory (about 600 bytes each)")
	c.Flags().IntVar(&load.Organizations, "organizations", 20, "organizations")
	c.Flags().IntVar(&load.Queues, "queues", 20, "queues of each organization")
	c.Flags().IntVar(&load.Agents, "agents", 200, "agents of each organization")
	c.Flags().IntVar(&load.Calls, "calls", 4000, "calls under way at once, over all organizations")
	c.Flags().IntVar(&queries.Queues, "query-queues", 1000, "queues whose figures are queried; 0 leaves the queries out")
	c.Flags().IntVar(&queries.Days, "query-days", 365, "days of figures that are queried")
	c.Flags().IntVar(&queries.Runs, "query-runs", 100, "how often each is asked")
	c.Flags().BoolVar(&queriesOnly, "queries-only", false, "measure the queries alone")
	c.Flags().BoolVar(&gatewayOnly, "gateway", false, "measure the webhook gateway alone: how long its answers take")
	c.Flags().IntVar(&gateway.rate, "gateway-rate", gateway.rate, "requests per second to the gateway")
	c.Flags().IntVar(&gateway.seconds, "gateway-seconds", gateway.seconds, "how long it is measured")
	c.Flags().IntVar(&gateway.connections, "gateway-connections", gateway.connections, "connections to it")
	c.Flags().BoolVar(&asJSON, "json", false, "print the measurements as JSON, one a line")
	c.Flags().BoolVar(&serve, "serve-broker", false, "")
	_ = c.Flags().MarkHidden("serve-broker") // the child's part
	return c
}

func runBench(ctx context.Context, s Streams, n int, load sim.LoadConfig, asJSON bool) error {
	dir, err := os.MkdirTemp("", "ringside-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	events, settings := benchLoad(ctx, s, n, load), aggregate.DefaultSettings()
	if ctx.Err() != nil {
		return errors.New("bench: interrupted")
	}
	brokers, stopBroker, err := startBenchBroker(ctx)
	if err != nil {
		return err
	}
	defer stopBroker()
	if err := produceAll(ctx, s, brokers, events); err != nil {
		return err
	}
	total := int64(n)
	steps := []func(done *atomic.Int64) (engine.Measurement, error){
		func(d *atomic.Int64) (engine.Measurement, error) { return engine.BenchDecode(events, d) },
		func(d *atomic.Int64) (engine.Measurement, error) { return engine.BenchApply(events, settings, d) },
		func(d *atomic.Int64) (engine.Measurement, error) {
			return engine.BenchWindows(ctx, brokers, benchTopic, "bench-windows", total, settings, d)
		},
		func(d *atomic.Int64) (engine.Measurement, error) {
			return engine.BenchStore(ctx, engine.Options{Settings: settings, Brokers: brokers, Log: quietLog(s.Err)}, benchConfig(dir), total, d)
		},
	}
	var results []engine.Measurement
	for i, step := range steps {
		var done atomic.Int64
		finish := progress(s.Err, fmt.Sprintf("step %d of %d", i+1, len(steps)), total, false, done.Load)
		m, err := step(&done)
		finish()
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		results = append(results, m)
	}
	return printBench(s.Out, results, asJSON)
}

// benchLoad simulates n events of many queues.
func benchLoad(ctx context.Context, s Streams, n int, load sim.LoadConfig) [][]byte {
	stream := sim.Load(load)
	var made atomic.Int64
	defer progress(s.Err, "simulate", int64(n), false, made.Load)()
	events := make([][]byte, 0, n)
	for len(events) < n && ctx.Err() == nil {
		_, body := stream.Next(nil)
		events = append(events, body)
		made.Store(int64(len(events)))
	}
	return events
}

func benchConfig(dir string) *config.Config {
	c := config.Default()
	c.DataDir = dir
	topic := config.Topic{Name: benchTopic, Source: ingest.SourceEnreach}
	c.Kafka.Topics = config.Topics{QueueEvents: topic, UserEvents: topic, CallbackEvents: topic}
	c.Kafka.Group = "bench-store"
	return c
}

// startBenchBroker runs a broker in a child process, so that its CPU time is not the engine's.
func startBenchBroker(ctx context.Context) (brokers []string, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("bench: %w", err)
	}
	child := exec.CommandContext(ctx, program, "bench", "--serve-broker")
	in, err := child.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("bench: %w", err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("bench: %w", err)
	}
	if err := child.Start(); err != nil {
		return nil, nil, fmt.Errorf("bench: start the broker: %w", err)
	}
	stop = func() {
		_ = in.Close() // the child ends with its input
		_ = child.Wait()
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("bench: the broker did not start: %w", err)
	}
	return []string{strings.TrimSpace(address)}, stop, nil
}

// serveBenchBroker is the child: it prints its address and serves until its input ends.
func serveBenchBroker(ctx context.Context, s Streams) error {
	b, err := broker.Start(ctx, broker.Options{Topics: []string{benchTopic}, Partitions: 1, RetentionBytes: 64 << 30})
	if err != nil {
		return err
	}
	defer b.Close()
	fmt.Fprintln(s.Out, b.Addr())
	_, err = io.Copy(io.Discard, s.In)
	return err
}

func produceAll(ctx context.Context, s Streams, brokers []string, events [][]byte) error {
	p, err := kafka.NewProducer(kafka.ProducerOptions{Brokers: brokers})
	if err != nil {
		return err
	}
	var sent atomic.Int64
	finish := progress(s.Err, "produce", int64(len(events)), false, sent.Load)
	defer finish()
	decode := vendors.EventTime(ingest.SourceEnreach)
	for len(events) > 0 && err == nil {
		n := min(len(events), 5000)
		batch := make([]kafka.Message, n)
		for i, e := range events[:n] {
			at, organization := decode(e)
			batch[i] = kafka.Message{Topic: benchTopic, OrganizationID: organization, Value: e, ReceivedAt: at}
		}
		err = p.Produce(ctx, batch)
		sent.Add(int64(n))
		events = events[n:]
	}
	return errors.Join(err, p.Close())
}

func printBench(w io.Writer, results []engine.Measurement, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		for _, m := range results {
			if err := e.Encode(m); err != nil {
				return fmt.Errorf("bench: %w", err)
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "step\tevents\tevents/s\tCPU s per million\tClickHouse's\tallocations/event\tbytes/event\tstate bytes/held call\t")
	for _, m := range results {
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%.2f\t%.2f\t%.3f\t%.1f\t%.0f\t\n", m.Step, m.Events, m.EventsPerSecond, m.CPUSecondsPerM,
			m.StoreCPUPerM, m.AllocationsPer, m.AllocatedBytesPer, m.StateBytesPerVisit)
	}
	return t.Flush()
}
