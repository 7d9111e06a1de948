package benchmarks

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"ringside/ingest"
	"ringside/ingest/broker"
	"ringside/ingest/kafka"
	"ringside/ingest/kafka/kafkatest"
)

// BenchmarkFetch measures what it costs this process to get records from a broker's socket to a handler that looks at
// nothing but their lengths: CPU-seconds, user and system, per million records of 600 bytes. The brokers, the embedded
// one and Apache Kafka, are processes of their own, so that their work does not count. Compare the figures of one run
// with each other: they rise and fall together with the machine.
//
//	go test ./benchmarks -run '^$' -bench Fetch -benchtime 3x
func BenchmarkFetch(b *testing.B) {
	b.Run("embedded", func(b *testing.B) { fetchWays(b, fetchBroker(b)) })
	b.Run("apache", func(b *testing.B) {
		addr := kafkatest.Start(b).Addr()
		kafkatest.CreateTopics(b, addr, fetchPartitions, nil, fetchTopics...)
		fetchWays(b, addr)
	})
}

func fetchWays(b *testing.B, addr string) {
	b.Helper()
	fetchFill(b, addr)
	for _, way := range []struct {
		name string
		read func(ctx context.Context, addr string) (fetchCount, error)
	}{
		{"ringside", fetchRingside},
		{"kafkago-client", fetchClient},
		{"kafkago-conn-values-only", fetchConn},
		{"franz-go", fetchFranz},
	} {
		b.Run(way.name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			began := fetchCPU(b)
			records := 0
			for b.Loop() {
				got, err := way.read(b.Context(), addr)
				if err != nil {
					b.Fatal(err)
				}
				if got.records != fetchRecords || got.bytes != fetchRecords*fetchSize {
					b.Fatalf("%d records of %d bytes; %d of %d were written", got.records, got.bytes, fetchRecords, fetchRecords*fetchSize)
				}
				records += got.records
			}
			cpu := fetchCPU(b) - began
			runtime.ReadMemStats(&after)
			b.ReportMetric(cpu.Seconds()/float64(records)*1e6, "cpu-s/M")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(records), "allocs/record")
			b.ReportMetric(0, "ns/op") // wall time says more of the broker
		})
	}
}

const (
	fetchRecords    = 600_000
	fetchSize       = 600
	fetchPartitions = 4
	fetchBrokerEnv  = "RINGSIDE_BENCH_FETCH_BROKER"
)

var fetchTopics = []string{"queue-events", "user-events", "callback-events"}

type fetchCount struct{ records, bytes int }

func (c *fetchCount) add(d fetchCount) {
	c.records += d.records
	c.bytes += d.bytes
}

// fetchCPU is what this process has used.
func fetchCPU(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// TestFetchBroker is the broker's process; it ends with its standard input.
func TestFetchBroker(t *testing.T) {
	dir := os.Getenv(fetchBrokerEnv)
	if dir == "" {
		t.Skip("is the broker of BenchmarkFetch")
	}
	bk, err := broker.Start(t.Context(), broker.Options{DataDir: dir, Topics: fetchTopics, Partitions: fetchPartitions, RetentionBytes: 4 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer bk.Close()
	fmt.Printf("broker %s\n", bk.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// fetchBroker starts the broker's process and returns its address.
func fetchBroker(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestFetchBroker$", "-test.v")
	cmd.Env = append(os.Environ(), fetchBrokerEnv+"="+b.TempDir())
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if addr, ok := strings.CutPrefix(lines.Text(), "broker "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return addr
		}
	}
	b.Fatal("the broker does not start")
	return ""
}

// fetchFill writes the records, in batches as a producer under load makes them.
func fetchFill(b *testing.B, addr string) {
	b.Helper()
	p, err := kafka.NewProducer(kafka.ProducerOptions{Brokers: []string{addr}})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	orgs := make([]uuid.UUID, 200)
	for i := range orgs {
		orgs[i] = uuid.New()
	}
	value := []byte(strings.Repeat("v", fetchSize))
	const run = 20_000
	ms := make([]kafka.Message, run)
	for n := 0; n < fetchRecords; n += run {
		for i := range ms {
			ms[i] = kafka.Message{Topic: fetchTopics[n/run%len(fetchTopics)], OrganizationID: orgs[i%len(orgs)], Source: ingest.SourceEnreach, Value: value}
		}
		if err := p.Produce(b.Context(), ms); err != nil {
			b.Fatal(err)
		}
	}
}

// fetchRingside is the consumer as the engine uses it: group, pacing, headers and all.
func fetchRingside(ctx context.Context, addr string) (total fetchCount, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := kafka.Options{Brokers: []string{addr}, Group: uuid.NewString()}
	for _, t := range fetchTopics {
		o.Topics = append(o.Topics, kafka.Topic{Name: t, Source: ingest.SourceEnreach})
	}
	c, err := kafka.NewConsumer(o)
	if err != nil {
		return total, err
	}
	var mu sync.Mutex
	err = c.Run(ctx, func(ctx context.Context, p *kafka.Partition) error {
		if err := p.Start(ctx, nil); err != nil {
			return err
		}
		for {
			batch, err := p.Next(ctx)
			if err != nil {
				return err
			}
			var n fetchCount
			for i := range batch.Records {
				n.records++
				n.bytes += len(batch.Records[i].Value)
			}
			batch.Release()
			mu.Lock()
			total.add(n)
			if total.records >= fetchRecords {
				cancel()
			}
			mu.Unlock()
		}
	})
	return total, err
}

// fetchEach runs read for every topic and partition at the same time.
func fetchEach(read func(topic string, partition int) (fetchCount, error)) (total fetchCount, err error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, topic := range fetchTopics {
		for partition := range fetchPartitions {
			wg.Go(func() {
				n, e := read(topic, partition)
				mu.Lock()
				defer mu.Unlock()
				total.add(n)
				err = errors.Join(err, e)
			})
		}
	}
	wg.Wait()
	return total, err
}

// fetchClient is kafka-go's Client.Fetch with each value copied into a buffer that is used again.
func fetchClient(ctx context.Context, addr string) (fetchCount, error) {
	transport := &kafkago.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafkago.Client{Addr: kafkago.TCP(addr), Transport: transport}
	return fetchEach(func(topic string, partition int) (n fetchCount, err error) {
		buf := make([]byte, 1<<20)
		for offset := int64(0); ; {
			res, err := client.Fetch(ctx, &kafkago.FetchRequest{Topic: topic, Partition: partition, Offset: offset, MinBytes: 1, MaxBytes: 1 << 20, MaxWait: 100 * time.Millisecond})
			if err != nil {
				return n, err
			}
			for {
				r, err := res.Records.ReadRecord()
				if err != nil {
					break
				}
				if r.Offset >= offset {
					size, err := io.ReadFull(r.Value, buf[:r.Value.Len()])
					if err != nil {
						return n, err
					}
					n.add(fetchCount{1, size})
					offset = r.Offset + 1
				}
				r.Value.Close()
				r.Key.Close()
			}
			if offset >= res.HighWatermark {
				return n, nil
			}
		}
	})
}

// fetchConn is kafka-go's cheapest way, which gives neither keys nor headers.
func fetchConn(ctx context.Context, addr string) (fetchCount, error) {
	return fetchEach(func(topic string, partition int) (n fetchCount, err error) {
		c, err := kafkago.DialLeader(ctx, "tcp", addr, topic, partition)
		if err != nil {
			return n, err
		}
		defer c.Close()
		end, err := c.ReadLastOffset()
		if err != nil {
			return n, err
		}
		buf := make([]byte, 1<<20)
		for offset := int64(0); offset < end; {
			if _, err := c.Seek(offset, kafkago.SeekAbsolute); err != nil {
				return n, err
			}
			batch := c.ReadBatchWith(kafkago.ReadBatchConfig{MinBytes: 1, MaxBytes: 1 << 20, MaxWait: 100 * time.Millisecond})
			for {
				size, err := batch.Read(buf)
				if err != nil {
					break
				}
				if batch.Offset() > offset {
					n.add(fetchCount{1, size})
				}
			}
			offset = batch.Offset()
			if err := batch.Close(); err != nil && !errors.Is(err, io.EOF) {
				return n, err
			}
		}
		return n, nil
	})
}

// fetchFranz is franz-go's consumer.
func fetchFranz(ctx context.Context, addr string) (n fetchCount, err error) {
	k, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumeTopics(fetchTopics...), kgo.FetchMaxPartitionBytes(1<<20),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return n, err
	}
	defer k.Close()
	for n.records < fetchRecords {
		fetches := k.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return n, err
		}
		fetches.EachRecord(func(r *kgo.Record) { n.add(fetchCount{1, len(r.Value)}) })
	}
	return n, nil
}
