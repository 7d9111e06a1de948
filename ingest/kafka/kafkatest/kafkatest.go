// Package kafkatest runs a real Apache Kafka for tests: one node, KRaft, from the jars of Maven Central, no container.
//
// The jars are kept under .cache/kafka of the repository. A test that cannot have its Kafka is skipped, with the
// reason; with RINGSIDE_TEST_ALL=1 it fails, and jars that are missing are fetched.
package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	startTimeout = 90 * time.Second
	stopTimeout  = 30 * time.Second

	// User and Password are accepted at SASLAddr, by PLAIN and by SCRAM-SHA-256.
	User     = "ringside"
	Password = "ringside-secret"
)

// Cluster is a running Apache Kafka of one node. It ends with the test.
type Cluster struct {
	tb   testing.TB
	libs string
	dir  string

	port, controllerPort, saslPort int

	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// Start starts a Kafka on free ports of loopback with data of its own, and waits until it serves.
func Start(tb testing.TB) *Cluster {
	tb.Helper()
	if testing.Short() {
		tb.Skip("a real Kafka takes too long for -short")
	}
	libs, err := jars(tb)
	if err != nil {
		unavailable(tb, err)
	}
	c := &Cluster{tb: tb, libs: libs, dir: tb.TempDir()}
	for _, p := range []*int{&c.port, &c.controllerPort, &c.saslPort} {
		*p = freePort(tb)
	}
	c.configure()
	c.format()
	c.launch()
	tb.Cleanup(c.stop)
	return c
}

// Addr returns host:port of the plain listener.
func (c *Cluster) Addr() string { return addr(c.port) }

// SASLAddr returns host:port of the listener that wants User and Password.
func (c *Cluster) SASLAddr() string { return addr(c.saslPort) }

func addr(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Kill ends the process as kill -9 does.
func (c *Cluster) Kill() {
	_ = c.cmd.Process.Kill()
	<-c.done
}

// Restart starts a killed Kafka again, on the same ports and data, and waits until it serves.
func (c *Cluster) Restart() {
	c.tb.Helper()
	c.launch()
}

// Pause stops the process where it is, as a machine that hangs: connections stay open and nothing answers.
func (c *Cluster) Pause() { c.signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (c *Cluster) Resume() { c.signal(syscall.SIGCONT) }

func (c *Cluster) signal(s syscall.Signal) {
	c.tb.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.tb.Fatal(err)
	}
}

// unavailable skips the test, or fails it where all tests are asked for.
func unavailable(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("RINGSIDE_TEST_ALL") == "1" {
		tb.Fatalf("no Kafka to test with: %v", err)
	}
	tb.Skipf("no Kafka to test with: %v", err)
}

func freePort(tb testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (c *Cluster) path(name string) string { return filepath.Join(c.dir, name) }

// configure writes the server's settings. A node that was killed may register again only once its session has expired,
// so that is short.
func (c *Cluster) configure() {
	c.tb.Helper()
	config := fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:%[2]d
listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d,SASLP://127.0.0.1:%[3]d
advertised.listeners=PLAINTEXT://127.0.0.1:%[1]d,SASLP://127.0.0.1:%[3]d
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASLP:SASL_PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.name.saslp.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.saslp.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%[4]s="%[5]s";
listener.name.saslp.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs=%[6]s
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=true
num.network.threads=2
num.io.threads=2
log.retention.check.interval.ms=500
log.initial.task.delay.ms=500
broker.heartbeat.interval.ms=200
broker.session.timeout.ms=1000
`, c.port, c.controllerPort, c.saslPort, User, Password, c.path("log"))
	logging := `rootLogger.level=WARN
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %c{1} %m%n
`
	for name, text := range map[string]string{"server.properties": config, "log4j2.properties": logging} {
		if err := os.WriteFile(c.path(name), []byte(text), 0o644); err != nil {
			c.tb.Fatal(err)
		}
	}
}

// java returns the command of a Kafka class; compiling little makes it start in half the time.
func (c *Cluster) java(args ...string) *exec.Cmd {
	base := []string{
		"-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true",
		"-Dlog4j2.configurationFile=" + c.path("log4j2.properties"), "-cp", filepath.Join(c.libs, "*"),
	}
	return exec.Command("java", append(base, args...)...)
}

func (c *Cluster) format() {
	c.tb.Helper()
	scram := fmt.Sprintf("SCRAM-SHA-256=[name=%s,password=%s]", User, Password)
	out, err := c.java("kafka.tools.StorageTool", "format", "-t", "cmluZ3NpZGUtdGVzdHMhIQ",
		"-c", c.path("server.properties"), "-S", scram).CombinedOutput()
	if err != nil {
		c.tb.Fatalf("format Kafka's storage: %v\n%s", err, out)
	}
}

func (c *Cluster) launch() {
	c.tb.Helper()
	output, err := os.OpenFile(c.path("output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer output.Close()
	cmd := c.java("kafka.Kafka", c.path("server.properties"))
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.cmd, c.done = cmd, make(chan struct{})
	started := make(chan error, 1)
	done := c.done
	go func() {
		// The signal of the parent's death is that of the thread that started the child: keep it for as long.
		runtime.LockOSThread()
		defer close(done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		c.tb.Fatalf("start java: %v", err)
	}
	c.awaitReady()
}

// awaitReady waits until the node is in its own metadata, which it is once it may lead partitions.
func (c *Cluster) awaitReady() {
	c.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		if ready(ctx, c.Addr()) {
			return
		}
		select {
		case <-c.done:
			c.tb.Fatalf("Kafka ended as it started:\n%s", c.tail())
		case <-ctx.Done():
			c.tb.Fatalf("Kafka does not serve after %s:\n%s", startTimeout, c.tail())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func ready(ctx context.Context, addr string) bool {
	conn, err := (&kafka.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return false
	}
	brokers, err := conn.Brokers()
	return err == nil && len(brokers) > 0
}

func (c *Cluster) tail() string {
	b, err := os.ReadFile(c.path("output"))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

// stop asks the process to end and insists when it does not: its data goes with the test.
func (c *Cluster) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGCONT) // a test may have failed in a Pause
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(stopTimeout):
		c.Kill()
	}
}

// CreateTopics creates topics of any Kafka-protocol broker; config holds settings such as max.message.bytes.
func CreateTopics(tb testing.TB, addr string, partitions int, config map[string]string, topics ...string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tr := &kafka.Transport{}
	defer tr.CloseIdleConnections()
	req := &kafka.CreateTopicsRequest{}
	for _, t := range topics {
		tc := kafka.TopicConfig{Topic: t, NumPartitions: partitions, ReplicationFactor: 1}
		for name, value := range config {
			tc.ConfigEntries = append(tc.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: value})
		}
		req.Topics = append(req.Topics, tc)
	}
	client := &kafka.Client{Addr: kafka.TCP(addr), Transport: tr}
	for {
		err := createTopics(ctx, client, req)
		if err == nil {
			return
		}
		// A broker that was stopped for a while is fenced until its controller has heard from it again.
		fenced := errors.Is(err, kafka.InvalidReplicationFactor) || errors.Is(err, kafka.BrokerNotAvailable)
		if !fenced || ctx.Err() != nil {
			tb.Fatalf("create topics: %v", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func createTopics(ctx context.Context, client *kafka.Client, req *kafka.CreateTopicsRequest) error {
	res, err := client.CreateTopics(ctx, req)
	if err != nil {
		return err
	}
	for t, err := range res.Errors {
		if err != nil {
			return fmt.Errorf("topic %s: %w", t, err)
		}
	}
	return nil
}
