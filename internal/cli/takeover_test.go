package cli

import (
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"ringside/ingest/kafka/kafkatest"
)

// fleet are the processes of one group.
type fleet struct {
	t       *testing.T
	r       *rand.Rand
	config  string
	running []*engineProcess
	said    []*program
}

func (f *fleet) join() {
	p := runProcess(f.t, f.config)
	f.running, f.said = append(f.running, p), append(f.said, p.program)
}

// events are those that the present processes have taken in so far.
func (f *fleet) events() (n int64) {
	for _, p := range f.running {
		n += max(p.sum("ringside_events_total"), 0)
	}
	return n
}

// owned tells how many partitions the processes own, and whether they have all been read to their end.
func (f *fleet) owned() (partitions int64, done bool) {
	done = true
	for _, p := range f.running {
		n := p.sum("ringside_partitions_owned")
		partitions += max(n, 0)
		ready, _ := get(p.http + "/readyz/engine")
		done = done && ready == 200 && p.sum("ringside_consumer_lag") <= 0
	}
	return partitions, done
}

// disturb has one process leave, die, or stall for longer than the group waits for it, or another one join.
func (f *fleet) disturb() string {
	i := f.r.IntN(len(f.running))
	p := f.running[i]
	leave := func() { f.running = append(f.running[:i:i], f.running[i+1:]...) }
	switch what := f.r.IntN(4); {
	case len(f.running) < 2 || what == 0 && len(f.running) < 3:
		f.join()
		return "join"
	case what == 1:
		p.stop()
		leave()
		return "leave"
	case what == 2:
		p.kill()
		leave()
		return "kill"
	default:
		p.signal(syscall.SIGSTOP)
		time.Sleep(sessionTimeout + time.Duration(f.r.IntN(2000))*time.Millisecond)
		p.signal(syscall.SIGCONT)
		return "stall"
	}
}

// throttle has the broker hand out so many bytes a second to all processes together, so that a day lasts.
func throttle(t *testing.T, address string, rate float64) {
	t.Helper()
	client := &kafkago.Client{Addr: kafkago.TCP(address)}
	answer, err := client.AlterClientQuotas(t.Context(), &kafkago.AlterClientQuotasRequest{Entries: []kafkago.AlterClientQuotaEntry{{
		Entities: []kafkago.AlterClientQuotaEntity{{EntityType: "client-id", EntityName: "ringside"}},
		Ops:      []kafkago.AlterClientQuotaOps{{Key: "consumer_byte_rate", Value: rate}}}}})
	if err == nil {
		err = answer.Entries[0].Error
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sessionTimeout is that of the tests' configurations.
const sessionTimeout = 6 * time.Second

// TestFleetGivesTheRowsOfOne has up to three processes join, leave, die and stall at random while they read a day from a
// real Kafka: the rows are the truth, and nothing is left over.
func TestFleetGivesTheRowsOfOne(t *testing.T) {
	needStore(t)
	seed := uint64(1)
	if s := os.Getenv("RINGSIDE_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	const partitions, disturbances = 6, 7
	cluster := kafkatest.Start(t)
	kafkatest.CreateTopics(t, cluster.Addr(), partitions, map[string]string{"retention.ms": "-1"}, dayTopics...)
	d := simulateDay(dayOptions{seed: 80 + seed, organizations: 6, scale: .05, shuffled: true})
	dir := t.TempDir()
	store := sharedStore(t, dir)
	day := newProducing(t, cluster.Addr())
	day.batch = 50 // a fetch returns whole batches
	day.send(d.delivered)
	throttle(t, cluster.Addr(), 1<<20)

	f := &fleet{t: t, r: rand.New(rand.NewPCG(seed, 1)), config: d.configFile(t, dir, atServer(store, store.Host, cluster.Addr()))}
	t.Cleanup(func() {
		if t.Failed() {
			for i, p := range f.said {
				t.Logf("process %d: %s", i, p.err.String())
			}
		}
	})
	f.join()
	f.join()
	done := 0
	for i := range disturbances {
		last := f.running[len(f.running)-1]
		before := f.events()
		last.until("progress", func() bool {
			n, end := f.owned()
			if n == partitions && end {
				done++
				return true
			}
			return f.events() > before+int64(len(d.delivered)/(4*disturbances))
		})
		what := f.disturb()
		t.Logf("%d: %s, now %d processes", i, what, len(f.running))
	}
	if done > disturbances-2 {
		t.Errorf("the day was read after %d of %d disturbances: too quickly to be disturbed", disturbances-done, disturbances)
	}
	throttle(t, cluster.Addr(), 1<<30)
	calm := 0
	f.running[0].until("the end of the topics", func() bool {
		if n, end := f.owned(); n == partitions && end {
			calm++
		} else {
			calm = 0
		}
		return calm > 10
	})
	f.awaitSweeps()
	for _, p := range f.running {
		p.stop()
	}
	q := dataDir(t, dir)
	d.compare(t, q)
	if got := q("SELECT sum(received) FROM accounting"); got != strconv.Itoa(day.sent) {
		t.Errorf("the accounts have %s events, %d were sent", got, day.sent)
	}
	if got := q("SELECT count() - uniqExact(event_id) FROM events"); got != "0" {
		t.Errorf("%s events are kept twice", got)
	}
}

// awaitSweeps waits until every partition has been swept twice: once after its takeover, and once after its former owner
// has been given up by the group.
func (f *fleet) awaitSweeps() {
	for _, p := range f.running {
		p.swept(int(p.sum("ringside_partitions_owned")), 2)
	}
}
