package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	kafkago "github.com/segmentio/kafka-go"

	"ringside/ingest"
	"ringside/ingest/kafka"
	"ringside/internal/sim"
)

const otherOrganization = "22222222-2222-4333-8444-555555555555"

// arrival is the beginning of one call.
func arrival() []string {
	return []string{event("QueueCallInComing", "000000000001", "10:00:00", ""), event("QueueCallInArrived", "000000000002", "10:00:05", "")}
}

func simEvents(t *testing.T, lines []string) (events []sim.Event) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, "2026-03-02T10:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		events = append(events, sim.Event{At: ingest.FromGo(at), Topic: sim.TopicQueue, Org: uuid.MustParse(organization), JSON: []byte(line)})
	}
	return events
}

func lines(t *testing.T, text ...string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte(strings.Join(text, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// produceTo sends a value to a partition whatever its key says.
func produceTo(t *testing.T, broker, topic string, partition int, key, value string) {
	t.Helper()
	w := &kafkago.Writer{Addr: kafkago.TCP(broker), Topic: topic, BatchBytes: 8 << 20, BatchTimeout: time.Millisecond, RequiredAcks: kafkago.RequireAll,
		Balancer: kafkago.BalancerFunc(func(kafkago.Message, ...int) int { return partition })}
	defer w.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.WriteMessages(ctx, kafkago.Message{Key: []byte(key), Value: []byte(value)}); err != nil {
		t.Fatal(err)
	}
}

// An engine has just met an organization: nothing but its first rows is written, and the histories wait for minutes.
func TestReplayIsRefusedFromTheFirstRowOn(t *testing.T) {
	needStore(t)
	dir, address := t.TempDir(), ownBroker(t, 1)
	config := filepath.Join(dir, "ringside.yaml")
	text := "data_dir: " + dir + "\nkafka: {brokers: [\"" + address + "\"]}\nhttp: {listen: \"127.0.0.1:0\"}\nstore: {flush: {history: 1m}, checkpoint: {interval: 10m}}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := runProcess(t, config)
	newProducing(t, address).send(simEvents(t, arrival()))
	p.until("the first row", func() bool { return selects(t, dir, "SELECT count() FROM calls") == "1" })
	file := lines(t, append(arrival(), event("QueueCallInDisconnected", "000000000003", "10:00:35", `,"Reason":"remote"`))...)
	out, errs, code := ringside(t, "replay", file, "--data-dir", dir)
	if code != exitFailed || !strings.Contains(errs, "reads Kafka into this store; replay into another store") || strings.Count(errs, "\n") != 1 {
		t.Errorf("the replay ends with %d, %s%s", code, out, errs)
	}
	if got := selects(t, dir, "SELECT outcome FROM calls"); got != "open" {
		t.Errorf("the refused replay has made the call %q", got)
	}
	p.stop()
}

// Events that name an organization at a place that is not its own must not touch the account of its own place.
func TestAccountsAddUpAcrossPlaces(t *testing.T) {
	needStore(t)
	const partitions = 2
	dir, address := t.TempDir(), ownBroker(t, partitions)
	config := simulateDay(dayOptions{seed: 1, scale: .01}).configFile(t, dir, outside(address))
	p := runProcess(t, config)
	own := int(kafka.PartitionFor(uuid.MustParse(organization), partitions))
	newProducing(t, address).send(simEvents(t, arrival()))
	p.until("the account", func() bool { return selects(t, dir, "SELECT received FROM accounting") == "2" })

	produceTo(t, address, sim.TopicQueue, 1-own, organization, event("QueueCallInDisconnected", "000000000004", "10:00:40", ""))
	produceTo(t, address, sim.TopicQueue, own, "?", "not JSON")
	produceTo(t, address, sim.TopicQueue, 1-own, "?", "nor this")
	unfinished := `{"EventType":"QueueCallInArrived","Id":"00000000-0000-4000-8000-000000000009","OrganizationId":"` + organization + `","Timestamp":`
	elsewhere := strings.ReplaceAll(event("QueueCallInComing", "000000000010", "10:00:00", ""), organization, otherOrganization)
	if got := must(t, "replay", lines(t, unfinished, elsewhere), "--data-dir", dir); got != "received=2 accepted=1 duplicate=0 late=0 rejected=1 orphan=0" {
		t.Errorf("the replay counts %s", got)
	}
	p.until("all accounts", func() bool { return selects(t, dir, "SELECT sum(received) FROM accounting") == "7" })
	p.stop()
	keepOpen(t, dir)
	for name, c := range map[string]struct{ sql, want string }{
		"the organization's account": {"SELECT received, accepted, rejected FROM accounting WHERE organization_id = '" + organization + "'", "4\t2\t2"},
		"of nobody":                  {"SELECT received, rejected FROM accounting WHERE organization_id = '00000000-0000-0000-0000-000000000000'", "2\t2"},
		"all":                        {"SELECT sum(received), sum(accepted + duplicate + late + rejected + orphan) FROM accounting", "7\t7"},
		"reasons": {"SELECT groupArray(reason) FROM (SELECT toString(reason) AS reason FROM rejects ORDER BY reason)",
			"['malformed','malformed','malformed','wrong_partition']"},
	} {
		if got := selects(t, dir, c.sql); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
