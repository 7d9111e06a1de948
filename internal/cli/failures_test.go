package cli

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"ringside/ingest/kafka"
	"ringside/internal/sim"

	"github.com/google/uuid"
)

// refused checks the end of a command that cannot do its work: the code, and one line that says each of these.
func refused(t *testing.T, what string, p *program, code int, say ...string) {
	t.Helper()
	got := p.end(patience)
	errs := strings.TrimSpace(p.err.String())
	last := errs[strings.LastIndex(errs, "\n")+1:]
	if got != code || !strings.HasPrefix(last, "ringside: ") {
		t.Errorf("%s: exit %d, %q; want %d and an error in the last line", what, got, errs, code)
	}
	for _, word := range say {
		if !strings.Contains(last, word) {
			t.Errorf("%s: %q does not say %q", what, last, word)
		}
	}
}

func occupied(t *testing.T) (address, port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return l.Addr().String(), port
}

func yamlFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringside.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunRefusals(t *testing.T) {
	needStore(t)
	address, port := occupied(t)
	dir := t.TempDir()
	keepOpen(t, dir)
	for what, c := range map[string]struct {
		yaml string
		code int
		say  []string
	}{
		"http port":   {"data_dir: " + t.TempDir() + "\nkafka: {port: 0}\nhttp: {listen: \"" + address + "\"}\n", exitFailed, []string{address, "in use", "http.listen"}},
		"kafka port":  {"data_dir: " + t.TempDir() + "\nkafka: {port: " + port + "}\nhttp: {listen: \"\"}\n", exitFailed, []string{port, "in use", "kafka.port"}},
		"data folder": {"data_dir: " + dir + "\nkafka: {port: 0}\nhttp: {listen: \"\"}\n", exitFailed, []string{dir, "in use by another Ringside", "choose another"}},
		"key":         {"kafka:\n  out_of_rage: latest\n", exitUsage, []string{"ringside.yaml:2", "kafka.out_of_range"}},
		"value":       {"kafka: {out_of_range: never}\n", exitUsage, []string{"kafka.out_of_range", "fail", "earliest", "latest"}},
		"session":     {"data_dir: " + t.TempDir() + "\nkafka: {port: 0, session_timeout: 2s}\nhttp: {listen: \"\"}\n", exitFailed, []string{"kafka.session_timeout", "6s"}},
	} {
		refused(t, what, start(t, nil, "run", "--config", yamlFile(t, c.yaml)), c.code, c.say...)
	}
}

// A message that is longer than the limit is kept with its position and its beginning, and the others go on.
func TestTooLargeThroughKafka(t *testing.T) {
	needStore(t)
	dir, address := t.TempDir(), ownBroker(t, 1)
	p := runProcess(t, yamlFile(t, "data_dir: "+dir+outside(address)))
	newProducing(t, address).send(simEvents(t, arrival()))
	huge := event("QueueCallInUserConnected", "000000000005", "10:00:08", `,"Padding":"`+strings.Repeat("x", 2<<20)+`"`)
	produceTo(t, address, sim.TopicQueue, int(kafka.PartitionFor(uuid.MustParse(organization), 1)), organization, huge)
	newProducing(t, address).send(simEvents(t, []string{event("QueueCallInDisconnected", "000000000009", "10:00:35", `,"Reason":"remote"`)}))
	p.until("the reject", func() bool { return selects(t, dir, "SELECT count() FROM rejects") == "1" })
	p.stop()
	if got, want := selects(t, dir, "SELECT organization_id, topic, kafka_partition, kafka_offset, reason, length(body) FROM rejects"),
		organization+"\tqueue-events\t0\t2\ttoo_large\t4096"; got != want {
		t.Errorf("the reject is %q, want %q", got, want)
	}
	if got := selects(t, dir, "SELECT outcome, (SELECT (received, accepted, rejected) FROM accounting) FROM calls"); got != "abandoned\t(4,3,1)" {
		t.Errorf("call and account: %s", got)
	}
}

func compressed(t *testing.T, name string, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var z io.WriteCloser = gzip.NewWriter(&b)
	if strings.HasSuffix(name, ".zst") {
		var err error
		if z, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRecordingsThatCannotBeRead(t *testing.T) {
	needStore(t)
	var text bytes.Buffer
	for i := range 20_000 {
		fmt.Fprintln(&text, event("UserSetting", fmt.Sprintf("%012d", i), "10:00:00", fmt.Sprintf(`,"Noise":"%x"`, uint64(i)*0x9e3779b97f4a7c15)))
	}
	file := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	half := func(name string) string {
		b := compressed(t, name, text.Bytes())
		return file(name, b[:len(b)/2])
	}
	wrong := func(name string) string {
		b := compressed(t, name, text.Bytes())
		copy(b[len(b)/2:], bytes.Repeat([]byte{0xff}, 64))
		return file(name, b)
	}
	dir := t.TempDir()
	for what, c := range map[string]struct {
		file string
		say  []string
	}{
		"a folder":      {t.TempDir(), []string{"is a folder; name the files in it"}},
		"missing":       {filepath.Join(dir, "none"), []string{"no such file"}},
		"unreadable":    {"/proc/self/mem", []string{"/proc/self/mem", "input/output error"}},
		"half a gzip":   {half("half.gz"), []string{"half.gz after line ", "unexpected EOF", "replay it again"}},
		"half a zstd":   {half("half.zst"), []string{"half.zst after line ", "unexpected EOF", "replay it again"}},
		"a wrong gzip":  {wrong("wrong.gz"), []string{"wrong.gz after line ", "replay it again"}},
		"a wrong zstd":  {wrong("wrong.zst"), []string{"wrong.zst after line ", "replay it again"}},
		"gzip in name ": {file("broken.gz", []byte{0x1f, 0x8b, 1, 2}), []string{"broken.gz"}},
	} {
		refused(t, what, start(t, nil, "replay", c.file, "--data-dir", dir), exitFailed, c.say...)
	}
	if got := must(t, "replay", file("whole.gz", compressed(t, "whole.gz", text.Bytes())), "--data-dir", dir); !strings.HasPrefix(got, "received=20000 ") {
		t.Errorf("the whole file: %s", got)
	}
	if got := selects(t, dir, "SELECT count(), uniqExact(event_id) FROM events"); got != "20000\t20000" {
		t.Errorf("after all, the store has %s events, different ones", got)
	}
}

// A replay that is interrupted has stored a beginning of the file; the second one completes it.
func TestInterruptedReplayIsAPrefix(t *testing.T) {
	needStore(t)
	d := simulateDay(dayOptions{seed: 61})
	file := record(t, d.delivered)
	for name, signal := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGKILL": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			config := d.configFile(t, dir, "store: {flush: {now: 50ms, figures: 50ms, history: 50ms}}\n")
			pipe, p := slowly(t, d.delivered, "replay", "-", "--config", config)
			p.until("rows", func() bool {
				out, _, _ := ringside(t, "sql", "--data-dir", dir, "SELECT count() > 1000 FROM events") // there may be no store yet
				return out == "1\n"
			})
			p.signal(signal)
			if signal == syscall.SIGINT {
				refused(t, name, p, exitFailed, "interrupted", "replay the same files again")
			} else {
				p.end(patience)
			}
			_ = pipe.Close()
			n := selects(t, dir, "SELECT count() FROM events")
			if signal == syscall.SIGINT {
				prefix(t, d, p, n)
			}
			must(t, "replay", file, "--config", config)
			keepOpen(t, dir)
			for _, line := range d.differences(t, dataDir(t, dir)) {
				// An interrupted replay has counted the events of its prefix; to the second one they are duplicates, or late.
				if signal == syscall.SIGINT && strings.HasPrefix(line, "accounts of ") {
					continue
				}
				t.Error(line)
			}
		})
	}
}

// prefix checks that exactly the first events are in the store.
func prefix(t *testing.T, d *day, p *program, n string) {
	t.Helper()
	counts := strings.TrimSpace(p.out.String())
	var received int
	if _, err := fmt.Sscanf(counts, "received=%d", &received); err != nil {
		t.Fatalf("counts %q: %v", counts, err)
	}
	if received == len(d.delivered) || received == 0 {
		t.Fatalf("%d of %d events were read: not interrupted in the middle", received, len(d.delivered))
	}
	if n != fmt.Sprint(received) {
		t.Errorf("%s events are stored, the replay says %s", n, counts)
	}
}

// slowly starts a command that is given the events bit by bit, until the test ends it.
func slowly(t *testing.T, events []sim.Event, args ...string) (io.Closer, *program) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, read, args...)
	_ = read.Close()
	go func() {
		for i := range events {
			if _, err := write.Write(append(events[i].JSON, '\n')); err != nil {
				return // the reader has ended
			}
			if i%4096 != 0 {
				continue
			}
			pause := 200 * time.Millisecond // gives the replay time to write what it has
			if i > len(events)*2/3 {
				pause = patience // and then it waits for more
			}
			select {
			case <-p.done:
				return
			case <-t.Context().Done():
				return
			case <-time.After(pause):
			}
		}
	}()
	return write, p
}
