package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"ringside/ingest/kafka/kafkatest"
	"ringside/internal/soak"
)

// killsOfADay is how often a day's engine is killed.
const killsOfADay = 10

// killAtRandom runs a day by pieces and kills its engine, and with it its ClickHouse, at instants that have nothing to do
// with what it is doing: while it starts, restores, is silent, writes, saves, sweeps. It returns the differences from the
// truth.
func killAtRandom(t *testing.T, seed uint64, address string, partitions int) []string {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	d := simulateDay(dayOptions{seed: 1000 + seed, organizations: 2, scale: .08, shuffled: seed%2 == 0})
	dir := t.TempDir()
	config := d.configFile(t, dir, outside(address))
	day := newProducing(t, address)
	part := d.settling / (killsOfADay + 1)
	for i := range killsOfADay {
		day.send(d.delivered[i*part : (i+1)*part])
		p := start(t, nil, "run", "--config", config)
		if r.IntN(4) > 0 {
			p.until("it to restore", func() bool { return strings.Contains(p.err.String(), "msg=restored") })
		}
		select {
		case <-p.done:
			t.Fatalf("seed %d: the engine ended by itself: %s", seed, p.err.String())
		case <-time.After(time.Duration(r.Float64() * r.Float64() * float64(2*time.Second))):
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.done
		evict(t, address)
	}
	day.send(d.delivered[killsOfADay*part:])
	p := runProcess(t, config)
	p.caughtUp(partitions)
	p.stop()
	p = runProcess(t, config) // once more, so that whoever is left to be swept is
	p.caughtUp(partitions)
	p.swept(partitions, 1)
	p.stop()
	keepOpen(t, dir)
	q := dataDir(t, dir)
	differences := d.differences(t, q)
	if got, want := q("SELECT sum(received) FROM accounting"), strconv.Itoa(day.sent); got != want {
		differences = append(differences, fmt.Sprintf("the accounts have %s events, %s were sent", got, want))
	}
	if got := q("SELECT count() - uniqExact(event_id) FROM events"); got != "0" {
		differences = append(differences, got+" events are kept twice")
	}
	return differences
}

// evict has the group forget its dead members, for which it would wait.
func evict(t *testing.T, address string) {
	t.Helper()
	client := &kafkago.Client{Addr: kafkago.TCP(address)}
	groups, err := client.DescribeGroups(t.Context(), &kafkago.DescribeGroupsRequest{GroupIDs: []string{"ringside"}})
	if err != nil {
		t.Fatal(err)
	}
	var dead []kafkago.LeaveGroupRequestMember
	for _, m := range groups.Groups[0].Members {
		dead = append(dead, kafkago.LeaveGroupRequestMember{ID: m.MemberID})
	}
	if len(dead) == 0 {
		return
	}
	if _, err := client.LeaveGroup(t.Context(), &kafkago.LeaveGroupRequest{GroupID: "ringside", Members: dead}); err != nil {
		t.Fatal(err)
	}
}

// TestKillsAtRandom is the sample of each run of the tests.
func TestKillsAtRandom(t *testing.T) {
	needStore(t)
	const partitions = 2
	for _, line := range killAtRandom(t, 1, ownBroker(t, partitions), partitions) {
		t.Error(line)
	}
}

// TestKillsSoak kills as often as RINGSIDE_SOAK_KILLS says, by turns with the embedded broker and a real Kafka, and
// reports each day to RINGSIDE_SOAK_REPORT.
func TestKillsSoak(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("RINGSIDE_SOAK_KILLS"))
	if err != nil {
		t.Skip("for `make soak`: RINGSIDE_SOAK_KILLS says how many kills")
	}
	needStore(t)
	report := os.Getenv("RINGSIDE_SOAK_REPORT")
	const partitions = 2
	for done := 0; done < kills; done += killsOfADay {
		t.Run(fmt.Sprintf("%d kills", done+killsOfADay), func(t *testing.T) {
			const proof = "kill -9 of the engine and its ClickHouse"
			seed, err := soak.Next(report, proof, 1)
			if err != nil {
				t.Fatal(err)
			}
			address, broker := "", "Apache Kafka"
			if seed%4 == 0 {
				cluster := kafkatest.Start(t)
				kafkatest.CreateTopics(t, cluster.Addr(), partitions, map[string]string{"retention.ms": "-1"}, dayTopics...)
				address = cluster.Addr()
			} else {
				address, broker = ownBroker(t, partitions), "embedded broker"
			}
			begin := time.Now()
			differences := killAtRandom(t, seed, address, partitions)
			for _, line := range differences {
				t.Errorf("seed %d: %s", seed, line)
			}
			err = soak.Append(report, soak.Row{Proof: proof, First: seed, Last: seed, Tried: fmt.Sprintf("%d kills, %s", killsOfADay, broker),
				Differences: len(differences), Took: time.Since(begin), Ended: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
