package benchmarks

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
)

// decodeExamples is where the messages of every event type are.
const decodeExamples = "../ingest/vendors/enreach/testdata"

// decodeCall is one message of 671 bytes, with 18 members: the kind that a call makes most of.
const decodeCall = `{"RootEntityType":"Organization","RootEntityId":"24422850-abc3-4525-9567-e2fd4bd0adcb",` +
	`"EventType":"QueueCallInUserAllocated","EntityType":"Queue","EntityId":"3509fdd4-0775-4cc1-9bef-0d65bd416a08",` +
	`"CallId":"2aa4dd00-ffff-4507-a8a2-1391d2a18a86","LegId":"201cb5f7","QueueId":"3509fdd4-0775-4cc1-9bef-0d65bd416a08",` +
	`"OrganizationId":"24422850-abc3-4525-9567-e2fd4bd0adcb","QueueName":"Invoices","QueueNumber":"+35894245102",` +
	`"UserId":"d494b8b9-3601-489e-82f7-b088a98afd0a","UserName":"aino@nordvik.example","DetailedReason":"",` +
	`"CallerNumber":"+358405512873","TargetNumber":"+35894245102","Id":"a6d991cb-282c-45de-97cc-95bf9ea3cba9",` +
	`"Timestamp":"2026-03-02T11:08:41.1659154Z"}`

// decodeStruct is what a straightforward program would decode into: the common members and those of calls, as text.
type decodeStruct struct {
	RootEntityType, RootEntityId, EventType, EntityType, EntityId, OrganizationId, Id string
	CallId, LegId, AgentLegId, QueueId, QueueName, UserId, UserName                   string
	CallerNumber, TargetNumber, Reason, DetailedReason, OverflowReason, OverflowType  string
	Timestamp                                                                         string
}

// decodeMix returns messages of calls in the proportions of a queue's traffic, with different names, ids and lengths.
func decodeMix(b *testing.B) [][]byte {
	b.Helper()
	var all [][]byte
	counts := map[string]int{
		"QueueCallInComing": 2, "QueueCallInArrived": 2, "QueueCallBlockingPromptStarted": 1, "QueueCallInIvrSelection": 1,
		"QueueCallInUserAllocated": 3, "QueueCallInUserCancelled": 1, "QueueCallInUserConnected": 2, "QueueCallInDisconnected": 2,
		"QueueCallInOverflow": 1, "UserCallInUserConnected": 1, "UserCallInDisconnected": 1, "UserWrapUpStarted": 1,
		"UserWrapUpTerminated": 1, "UserStatus": 6, "QueueStatus": 2, "QueueAttachedUsers": 1, "CallbackChanged": 1,
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		message, err := os.ReadFile(filepath.Join(decodeExamples, name+".json"))
		if err != nil {
			b.Fatal(err)
		}
		for i := range 20 * counts[name] {
			// Other ids, and texts of other lengths.
			text := strings.NewReplacer("4525", "45"+string(rune('0'+i%10))+"f", "nordvik", "nordvik"[:3+i%5]).Replace(string(message))
			all = append(all, []byte(strings.TrimSpace(text)))
		}
	}
	// A fixed shuffle: what comes next should be as hard to foresee as it is in a topic.
	seed := uint64(1)
	for i := len(all) - 1; i > 0; i-- {
		seed = seed*6364136223846793005 + 1442695040888963407
		j := int((seed >> 33) % uint64(i+1))
		all[i], all[j] = all[j], all[i]
	}
	return all
}

func decodeAll(b *testing.B, messages [][]byte, decode func([]byte) error) {
	total := 0
	for _, m := range messages {
		total += len(m)
	}
	b.SetBytes(int64(total / len(messages)))
	b.ReportAllocs()
	i := 0
	start := decodeCPU()
	for b.Loop() {
		if err := decode(messages[i]); err != nil {
			b.Fatal(err)
		}
		if i++; i == len(messages) {
			i = 0
		}
	}
	perEvent := float64(decodeCPU()-start) / float64(b.N)
	b.ReportMetric(perEvent, "cpu-ns/op")
	b.ReportMetric(perEvent*600*float64(len(messages))/float64(total), "cpu-ns/600B")
}

// decodeCPU returns the CPU time that this process has used. Unlike the time on the wall it does not count the time in
// which other processes had the CPU.
func decodeCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDecode decodes one message of a call again and again, and a shuffled mix of messages, with the decoder and
// with encoding/json.
func BenchmarkDecode(b *testing.B) {
	for _, set := range []struct {
		name     string
		messages [][]byte
	}{{"call", [][]byte{[]byte(decodeCall)}}, {"mix", decodeMix(b)}} {
		b.Run(set.name+"/enreach", func(b *testing.B) {
			var d enreach.Decoder
			var e ingest.Event
			decodeAll(b, set.messages, func(m []byte) error { return d.Decode(m, &e) })
		})
		b.Run(set.name+"/encoding-json", func(b *testing.B) {
			decodeAll(b, set.messages, func(m []byte) error {
				var s decodeStruct
				return json.Unmarshal(m, &s)
			})
		})
		b.Run(set.name+"/json-valid", func(b *testing.B) {
			decodeAll(b, set.messages, func(m []byte) error {
				if !json.Valid(m) {
					return &json.SyntaxError{}
				}
				return nil
			})
		})
	}
}

// BenchmarkDecodeRatio reports how many times as long encoding/json takes for the mix. Both run in turns, in slices of a
// few milliseconds, so that a busy machine slows down both.
func BenchmarkDecodeRatio(b *testing.B) {
	messages := decodeMix(b)
	var d enreach.Decoder
	var e ingest.Event
	var ours, theirs time.Duration
	for b.Loop() {
		start := decodeCPU()
		for _, m := range messages {
			if err := d.Decode(m, &e); err != nil {
				b.Fatal(err)
			}
		}
		ours += decodeCPU() - start
		start = decodeCPU()
		for _, m := range messages {
			var s decodeStruct
			if err := json.Unmarshal(m, &s); err != nil {
				b.Fatal(err)
			}
		}
		theirs += decodeCPU() - start
	}
	b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N)/float64(len(messages)), "cpu-ns/event")
}

// BenchmarkDecodeBad mixes in one message in a hundred that is cut short, which must cost little.
func BenchmarkDecodeBad(b *testing.B) {
	messages := decodeMix(b)
	var d enreach.Decoder
	var e ingest.Event
	for _, c := range []struct {
		name  string
		every int
	}{{"none", 0}, {"1-percent", 100}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			start := decodeCPU()
			for b.Loop() {
				m := messages[i%len(messages)]
				if i++; c.every > 0 && i%c.every == 0 {
					m = m[:len(m)-5]
				}
				_ = d.Decode(m, &e)
			}
			b.ReportMetric(float64(decodeCPU()-start)/float64(b.N), "cpu-ns/op")
		})
	}
}
