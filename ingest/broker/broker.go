// Package broker is Kafka's protocol embedded in the process: a single-node broker on loopback with its log on disk,
// built on franz-go's kfake. It serves `ringside demo` and development, and tests; it has no replication and no
// authentication, and it is not a substitute for Apache Kafka in production.
package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	defaultRetention  = 256 << 20
	defaultPartitions = 4
	// maxMessage lets an event of 1 MiB, the most that the gateway takes, through with its key and headers.
	maxMessage = 4 << 20

	minSegment        = 1 << 20
	maxSegment        = 16 << 20
	retentionInterval = 10 * time.Second
)

// Options configure an embedded broker.
type Options struct {
	DataDir        string        // created if absent; "" keeps everything in memory
	Port           int           // on 127.0.0.1; 0 takes a free one
	Topics         []string      // created where they do not exist yet
	Partitions     int           // of each topic; 0 means 4
	RetentionBytes int64         // the oldest segments of a partition go beyond it; 0 means 256 MiB
	RetentionEvery time.Duration // how often that is looked at; 0 means 10 s
	Sync           bool          // fsync each write: survives a power cut, at the cost of throughput

	Logf func(format string, args ...any) // warnings; nil drops them
}

// Broker is a running embedded broker.
type Broker struct {
	cluster *kfake.Cluster
	addr    string
	lock    *os.File

	stop      chan struct{}
	done      sync.WaitGroup
	closeOnce sync.Once
}

// Start opens DataDir, listens and creates the topics that do not exist yet. ctx bounds the start only; end the broker
// with Close. It fails where the port is occupied, where another process uses DataDir, and where a topic exists with
// another number of partitions.
func Start(ctx context.Context, o Options) (*Broker, error) {
	o = o.withDefaults()
	b := &Broker{stop: make(chan struct{})}
	if o.DataDir != "" {
		lock, err := lockDir(o.DataDir)
		if err != nil {
			return nil, err
		}
		b.lock = lock
	}
	cluster, err := kfake.NewCluster(o.clusterOptions()...)
	if err != nil {
		b.unlock()
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("embedded broker: port %d of 127.0.0.1 is in use by another program; stop it or choose another kafka.port", o.Port)
		}
		return nil, fmt.Errorf("embedded broker: start: %w", err)
	}
	b.cluster = cluster
	b.addr = cluster.ListenAddrs()[0]
	if err := ensureTopics(ctx, b.addr, o.Topics, o.Partitions); err != nil {
		b.Close()
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	b.done.Add(1)
	go b.retain(o.RetentionEvery)
	return b, nil
}

func (o Options) withDefaults() Options {
	if o.Partitions == 0 {
		o.Partitions = defaultPartitions
	}
	if o.RetentionBytes == 0 {
		o.RetentionBytes = defaultRetention
	}
	if o.RetentionEvery == 0 {
		o.RetentionEvery = retentionInterval
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	return o
}

func (o Options) clusterOptions() []kfake.Opt {
	// Only closed segments can go, so they are a fraction of what is retained.
	segment := min(max(o.RetentionBytes/8, minSegment), maxSegment)
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID("ringside-embedded"),
		kfake.DefaultNumPartitions(o.Partitions),
		kfake.WithLogger(logger{o.Logf}),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.bytes": strconv.FormatInt(o.RetentionBytes, 10),
			"log.retention.ms":    "-1", // only size bounds the log: an event of last year that is sent today is new here
			"log.segment.bytes":   strconv.FormatInt(segment, 10),
			"message.max.bytes":   strconv.Itoa(maxMessage),
		}),
	}
	if o.Port != 0 {
		opts = append(opts, kfake.Ports(o.Port))
	}
	if o.DataDir != "" {
		opts = append(opts, kfake.DataDir(filepath.Join(o.DataDir, "log")))
	}
	if o.Sync {
		opts = append(opts, kfake.SyncWrites())
	}
	return opts
}

// Addr returns host:port of the listener.
func (b *Broker) Addr() string { return b.addr }

// Close stops serving, writes what is buffered and frees DataDir. It may be called more than once.
func (b *Broker) Close() {
	b.closeOnce.Do(func() {
		close(b.stop)
		b.done.Wait()
		b.cluster.Close()
		b.unlock()
	})
}

// retain applies the retention: kfake knows the settings but looks at them only when told to.
func (b *Broker) retain(every time.Duration) {
	defer b.done.Done()
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-t.C:
			b.cluster.ApplyRetention()
		}
	}
}

func (b *Broker) unlock() {
	if b.lock != nil {
		b.lock.Close()
	}
}

// lockDir takes the folder for this process; the lock goes with the process, however it ends.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return nil, fmt.Errorf("embedded broker: %s is in use by another process", dir)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("embedded broker: lock %s: %w", f.Name(), err)
	}
	return f, nil
}

// ensureTopics creates what is missing and refuses a topic with another number of partitions, since the partition of
// an organization would not be the same in all topics.
func ensureTopics(ctx context.Context, addr string, topics []string, partitions int) error {
	if len(topics) == 0 {
		return nil
	}
	tr := &kafka.Transport{DialTimeout: 5 * time.Second, Dial: (&net.Dialer{}).DialContext}
	defer tr.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(addr), Timeout: 10 * time.Second, Transport: tr}

	req := &kafka.CreateTopicsRequest{}
	for _, t := range topics {
		req.Topics = append(req.Topics, kafka.TopicConfig{Topic: t, NumPartitions: partitions, ReplicationFactor: 1})
	}
	res, err := client.CreateTopics(ctx, req)
	if err != nil {
		return fmt.Errorf("create topics: %w", err)
	}
	for _, t := range topics {
		if err := res.Errors[t]; err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
			return fmt.Errorf("create topic %s: %w", t, err)
		}
	}
	meta, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
	if err != nil {
		return fmt.Errorf("read topics: %w", err)
	}
	for _, t := range meta.Topics {
		if t.Error != nil {
			return fmt.Errorf("read topic %s: %w", t.Name, t.Error)
		}
		if n := len(t.Partitions); n != partitions {
			return fmt.Errorf("topic %s has %d partitions on disk, not %d: the number cannot change once organizations have their places; keep kafka.partitions at %d or start with another data folder", t.Name, n, partitions, n)
		}
	}
	return nil
}

type logger struct {
	logf func(string, ...any)
}

func (l logger) Logf(level kfake.LogLevel, format string, args ...any) {
	if level <= kfake.LogLevelWarn {
		l.logf("embedded broker: "+format, args...)
	}
}
