package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// collector keeps what reaches the sink.
type collector struct {
	discard
	rejects []ingest.Reject
	events  int
	parts   []int
	places  map[uuid.UUID]int32
	rows    aggregate.Rows
}

func (c *collector) AddEvent(_ int32, _ string, e *ingest.Event, _ []byte) {
	c.events++
	c.parts = append(c.parts, e.Part)
}
func (c *collector) AddReject(r ingest.Reject) { c.rejects = append(c.rejects, r) }
func (c *collector) AddOrganization(p int32, _ uint64, id uuid.UUID, _ int64) {
	c.places[id] = p
}
func (c *collector) Add(_ int32, _ uint64, r *aggregate.Rows) {
	c.rows.Accounting = append(c.rows.Accounting, r.Accounting...)
}

func testPipeline(partition int32, s *aggregate.Settings, at *places) (*Pipeline, *collector) {
	c := &collector{places: map[uuid.UUID]int32{}}
	return newPipeline(partition, s, c, NewMetrics(), &versions{epoch: 1}, 1000, at), c
}

func testEvent(organization byte, n int) string {
	return fmt.Sprintf(`{"EventType":"UserSetting","Id":"00000000-0000-4000-8000-%012d","OrganizationId":"000000%02x-0000-4000-8000-000000000001",`+
		`"Timestamp":"2026-03-02T10:00:00Z"}`, n, organization)
}

func testBatch(partition int32, first int64, values ...string) *ingest.Batch {
	b := &ingest.Batch{Topic: "queue-events", Partition: partition, NextOffset: first + int64(len(values))}
	for i, v := range values {
		b.Records = append(b.Records, ingest.Record{Offset: first + int64(i), Value: []byte(v), Source: ingest.SourceEnreach})
	}
	return b
}

func TestPipelineKeepsRejectsAndAccounts(t *testing.T) {
	at := newPlaces(map[uuid.UUID]int32{uuid.MustParse("00000002-0000-4000-8000-000000000001"): 7})
	p, c := testPipeline(3, aggregate.DefaultSettings(), at)
	b := testBatch(3, 100, testEvent(1, 1), testEvent(1, 1), testEvent(2, 2), "{", strings.Repeat(" ", 1000)+testEvent(1, 3), testEvent(1, 4))
	b.Records[5].Source = "nobody"
	b.Rejects = []ingest.Reject{{Position: ingest.Position{Topic: "queue-events", Partition: 3, Offset: 99}, Reason: ingest.RejectTooLarge}}
	n, err := p.Process(b, 0)
	if err != nil || n != 6 || p.positions["queue-events"] != 106 {
		t.Fatalf("processed %d, position %d, %v", n, p.positions["queue-events"], err)
	}
	p.Drain(aggregate.DrainAll)
	want := Counts{Received: 7, Accepted: 1, Duplicate: 1, Rejected: 5}
	if got := p.Counts(); got != want || got.Check() != nil {
		t.Errorf("counts %s, want %s", got, want)
	}
	var reasons []string
	for _, r := range c.rejects {
		reasons = append(reasons, fmt.Sprintf("%d %s", r.Position.Offset, r.Reason))
	}
	if got := strings.Join(reasons, ", "); got != "99 too_large, 102 wrong_partition, 103 malformed, 104 too_large, 105 unknown_source" {
		t.Errorf("rejects: %s", got)
	}
	var account Counts
	for _, a := range c.rows.Accounting {
		account = account.plus(Counts{a.Received, a.Accepted, a.Duplicate, a.Late, a.Rejected, a.Orphan})
	}
	if account != want {
		t.Errorf("the core's accounts are %s, want %s", account, want)
	}
	if c.events != 1 || c.places[uuid.MustParse("00000001-0000-4000-8000-000000000001")] != 3 {
		t.Errorf("%d events are kept, places %v", c.events, c.places)
	}
}

func TestPipelineStopsWhereTheCoreIsFull(t *testing.T) {
	s := aggregate.DefaultSettings()
	s.Limits.Bytes = 1
	p, _ := testPipeline(0, s, newPlaces(nil))
	b := testBatch(0, 10, testEvent(1, 1), testEvent(1, 2), testEvent(1, 3))
	n, err := p.Process(b, 0)
	if !errors.Is(err, ErrFull) || n == 3 {
		t.Fatalf("taken in %d, %v; want ErrFull", n, err)
	}
	if p.positions["queue-events"] > 10+int64(n) {
		t.Errorf("position %d is beyond record %d, which was not taken in", p.positions["queue-events"], n)
	}
	s.Limits.Bytes = 0
	if n, err = p.Process(b, n); err != nil || n != 3 || p.positions["queue-events"] != 13 || p.Counts().Accepted != 3 {
		t.Errorf("after there is room: %d, position %d, %s, %v", n, p.positions["queue-events"], p.Counts(), err)
	}
}

// visits decodes "n": a message of n events.
func visits(message []byte, part int, e *ingest.Event) (more bool, err error) {
	e.Reset()
	n := int(message[0] - '0')
	e.Type, e.Timestamp = ingest.UserSetting, ingest.FromGo(time.Date(2026, 3, 2, 8, 0, part, 0, time.UTC))
	e.OrganizationID, e.ID = uuid.UUID{1}, uuid.UUID{message[0], 15: byte(part + 1)}
	return part+1 < n, nil
}

// TestPipelineTakesInEachPart goes through messages of several events; where the core is full amidst one, it goes on there.
func TestPipelineTakesInEachPart(t *testing.T) {
	s := aggregate.DefaultSettings()
	p, c := testPipeline(0, s, newPlaces(nil))
	stops := 0
	p.decoders["several"] = func(message []byte, part int, e *ingest.Event) (bool, error) {
		if s.Limits.Bytes = 0; part == 2 && stops < 3 {
			stops++
			s.Limits.Bytes = 1
		}
		return visits(message, part, e)
	}
	b := testBatch(0, 10, "1", "4", "4", "2")
	for i := range b.Records {
		b.Records[i].Source = "several"
	}
	for at := 0; at < len(b.Records); {
		var err error
		if at, err = p.Process(b, at); err != nil && !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
	}
	if stops != 3 {
		t.Errorf("the core was full %d times", stops)
	}
	if want := (Counts{Received: 11, Accepted: 7, Duplicate: 4}); p.Counts() != want || c.events != 7 {
		t.Errorf("%s, want %s; %d events are kept", p.Counts(), want, c.events)
	}
	if want := []int{0, 0, 1, 2, 3, 0, 1}; !slices.Equal(c.parts, want) {
		t.Errorf("parts %v, want %v", c.parts, want)
	}
}

func TestReplayRefusesAnOrganizationOfKafka(t *testing.T) {
	at := newPlaces(map[uuid.UUID]int32{uuid.MustParse("00000001-0000-4000-8000-000000000001"): 2})
	p, _ := testPipeline(noPartition, aggregate.DefaultSettings(), at)
	var owned *OwnedError
	if _, err := p.Process(testBatch(0, 0, testEvent(1, 1)), 0); !errors.As(err, &owned) {
		t.Errorf("error %v, want an OwnedError", err)
	}
	live, c := testPipeline(2, aggregate.DefaultSettings(), newPlaces(map[uuid.UUID]int32{uuid.MustParse("00000001-0000-4000-8000-000000000001"): noPartition}))
	if _, err := live.Process(testBatch(2, 0, testEvent(1, 1)), 0); err != nil || live.Counts().Accepted != 1 || len(c.places) != 1 {
		t.Errorf("an organization that was replayed does not go live: %v, %s", err, live.Counts())
	}
}

// An event of no visit is an orphan in the counts as soon as it is one in the account, not only when its call is let go.
func TestOrphansAreCountedAtOnce(t *testing.T) {
	p, _ := testPipeline(3, aggregate.DefaultSettings(), newPlaces(nil))
	lonely := `{"EventType":"QueueCallInDisconnected","Id":"00000000-0000-4000-8000-000000000001","OrganizationId":"00000001-0000-4000-8000-000000000001",` +
		`"QueueId":"99999999-0000-4000-8000-000000000001","CallId":"77777777-0000-4000-8000-000000000001","LegId":"A","Timestamp":"2026-03-02T10:00:00Z"}`
	if _, err := p.Process(testBatch(3, 0, lonely, testEvent(1, 2)), 0); err != nil {
		t.Fatal(err)
	}
	p.Drain(aggregate.DrainAll)
	want := Counts{Received: 2, Accepted: 1, Orphan: 1}
	if got := p.Counts(); got != want {
		t.Errorf("counts %s, want %s", got, want)
	}
	for _, a := range p.accounts {
		if a != want {
			t.Errorf("account %s, want %s", a, want)
		}
	}
}

// A batch that is taken in by halves has each of its rejects counted once, before the records that follow it.
func TestRejectsGoInOrder(t *testing.T) {
	s := aggregate.DefaultSettings()
	p, c := testPipeline(3, s, newPlaces(nil))
	b := testBatch(3, 10, testEvent(1, 1), testEvent(2, 2), testEvent(1, 3))
	b.Records[1].Offset, b.Records[2].Offset, b.NextOffset = 12, 14, 16
	for _, at := range []int64{11, 13, 15} {
		b.Rejects = append(b.Rejects, ingest.Reject{Position: ingest.Position{Topic: b.Topic, Partition: 3, Offset: at}, Reason: ingest.RejectTooLarge})
	}
	if _, err := p.Process(b, 0); err != nil {
		t.Fatal(err)
	}
	q, d := testPipeline(3, s, newPlaces(nil))
	s.Limits.Bytes = 2000 // room for one organization
	n, err := q.Process(b, 0)
	if !errors.Is(err, ErrFull) || n != 1 || q.positions[b.Topic] != 12 || len(d.rejects) != 1 {
		t.Fatalf("at the limit: record %d, position %d, %d rejects, %v", n, q.positions[b.Topic], len(d.rejects), err)
	}
	s.Limits.Bytes = 0
	if _, err := q.Process(b, n); err != nil {
		t.Fatal(err)
	}
	if len(c.rejects) != 3 || len(d.rejects) != 3 || p.Counts() != q.Counts() || q.positions[b.Topic] != 16 {
		t.Errorf("%d and %d rejects, %s and %s, position %d", len(c.rejects), len(d.rejects), p.Counts(), q.Counts(), q.positions[b.Topic])
	}
}
