package broker

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

func start(t *testing.T, o Options) *Broker {
	t.Helper()
	if o.Logf == nil {
		o.Logf = t.Logf
	}
	b, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func write(t *testing.T, b *Broker, topic string, values ...string) {
	t.Helper()
	tr := &kafka.Transport{}
	defer tr.CloseIdleConnections()
	w := &kafka.Writer{Addr: kafka.TCP(b.Addr()), Topic: topic, RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond, Transport: tr}
	defer w.Close()
	var ms []kafka.Message
	for _, v := range values {
		ms = append(ms, kafka.Message{Value: []byte(v)})
	}
	if err := w.WriteMessages(t.Context(), ms...); err != nil {
		t.Fatal(err)
	}
}

// first reads the first record of partition 0 and the offsets that it keeps.
func first(t *testing.T, b *Broker, topic string) (value string, from, to int64) {
	t.Helper()
	c, err := kafka.DialLeader(t.Context(), "tcp", b.Addr(), topic, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if from, to, err = c.ReadOffsets(); err != nil {
		t.Fatal(err)
	}
	if from == to {
		return "", from, to
	}
	if _, err := c.Seek(from, kafka.SeekAbsolute); err != nil {
		t.Fatal(err)
	}
	m, err := c.ReadMessage(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return string(m.Value), from, to
}

func TestRecordsOutliveTheBroker(t *testing.T) {
	o := Options{DataDir: t.TempDir(), Topics: []string{"a", "b"}, Partitions: 1}
	b := start(t, o)
	if !strings.HasPrefix(b.Addr(), "127.0.0.1:") {
		t.Errorf("it listens on %s", b.Addr())
	}
	write(t, b, "a", "one", "two")
	b.Close()
	b.Close() // a second time does nothing
	b = start(t, o)
	if value, from, to := first(t, b, "a"); value != "one" || from != 0 || to != 2 {
		t.Errorf("%q, %d to %d", value, from, to)
	}
	write(t, b, "b", "new topic is still there")
}

func TestRetentionBoundsTheLog(t *testing.T) {
	dir := t.TempDir()
	const retained = 8 << 20
	b := start(t, Options{DataDir: dir, Topics: []string{"a"}, Partitions: 1, RetentionBytes: retained, RetentionEvery: 20 * time.Millisecond})
	value := strings.Repeat("v", 100_000)
	for i := range 300 {
		write(t, b, "a", fmt.Sprint(i, " ", value))
	}
	deadline := time.Now().Add(30 * time.Second)
	for size(t, dir) > retained+2*minSegment {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are kept", size(t, dir))
		}
		time.Sleep(10 * time.Millisecond)
	}
	value, from, to := first(t, b, "a")
	if from == 0 || to != 300 || !strings.HasPrefix(value, fmt.Sprint(from, " ")) {
		t.Errorf("%d to %d, beginning with %.10q", from, to, value)
	}
	if kept := (to - from) * 100_000; kept < retained/2 {
		t.Errorf("only %d bytes are kept", kept)
	}
}

func size(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // segments go while we look
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStartSaysWhatIsInTheWay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	taken := t.TempDir()
	start(t, Options{DataDir: taken, Topics: []string{"a"}, Partitions: 2})
	filled := t.TempDir()
	start(t, Options{DataDir: filled, Topics: []string{"a"}, Partitions: 2}).Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		o    Options
		want []string
	}{
		{"port", Options{DataDir: t.TempDir(), Port: port}, []string{fmt.Sprint("port ", port), "in use", "kafka.port"}},
		{"folder", Options{DataDir: taken}, []string{taken, "in use by another process"}},
		{"partitions", Options{DataDir: filled, Topics: []string{"a"}, Partitions: 3}, []string{"topic a has 2 partitions", "not 3"}},
		{"no folder", Options{DataDir: file}, []string{file}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, err := Start(t.Context(), tc.o)
			if err == nil {
				b.Close()
				t.Fatal("it starts")
			}
			for _, text := range tc.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the error does not say %q: %v", text, err)
				}
			}
		})
	}
	// A start that failed holds nothing: neither folder nor port.
	start(t, Options{DataDir: filled, Topics: []string{"a"}, Partitions: 2})
}

const killedDir = "RINGSIDE_TEST_BROKER_DIR"

// TestKilledProcess is the child of TestRecordsOutliveAKill.
func TestKilledProcess(t *testing.T) {
	dir := os.Getenv(killedDir)
	if dir == "" {
		t.Skip("runs as a child process only")
	}
	b := start(t, Options{DataDir: dir, Topics: []string{"a"}, Partitions: 1})
	fmt.Println(b.Addr())
	select {}
}

func TestRecordsOutliveAKill(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	cmd.Env = append(os.Environ(), killedDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var addr string
	_, scanned := fmt.Fscanln(out, &addr)
	if scanned == nil {
		for i := range 20 {
			write(t, &Broker{addr: addr}, "a", fmt.Sprint(i))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if scanned != nil {
		t.Fatalf("the child tells no address: %v", scanned)
	}
	b := start(t, Options{DataDir: dir, Topics: []string{"a"}, Partitions: 1})
	if value, from, to := first(t, b, "a"); value != "0" || from != 0 || to != 20 {
		t.Errorf("%q, %d to %d", value, from, to)
	}
}
