package privacy

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"ringside/ingest"
)

var key = []byte("0123456789abcdef")

func numbers(tb testing.TB, mode string) *Numbers {
	tb.Helper()
	n, err := New(mode, key)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestNumber(t *testing.T) {
	for _, c := range []struct{ mode, number, want string }{
		{Keep, "+358401234567", "+358401234567"},
		{Drop, "+358401234567", ""},
		{Drop, "h_AAAAAAAAAAAAAAAA", ""},
		{Last4, "+358401234567", "*4567"},
		{Last4, "sip:+358401234567@10.1.2.3", "*4567"},
		{Last4, "123456", "*456"},
		{Last4, "1234", "*34"},
		{Last4, "7", "*"},
		{Last4, "anonymous", "*"},
		{Last4, "*4567", "*4567"},
		{Last4, "", ""},
		{Hash, "", ""},
		{Hash, "h_AAAAAAAAAAAAAAAA", "h_AAAAAAAAAAAAAAAA"},
		{Hash, "*4567", "*4567"},
		// The hash must be the same in every version: stored numbers are compared with new ones.
		{Hash, "+358401234567", "h_7fGYDyVYLR6oJRXt"},
	} {
		n := numbers(t, c.mode)
		for range 2 {
			if got := string(n.Number([]byte(c.number))); got != c.want {
				t.Errorf("%s of %q: %q, want %q", c.mode, c.number, got, c.want)
			}
		}
		once := n.Number([]byte(c.number))
		if again := n.Number(once); c.mode != Drop && !bytes.Equal(again, once) {
			t.Errorf("%s of %q: %q became %q the second time", c.mode, c.number, once, again)
		}
	}
	if _, err := New("none", key); err == nil || !strings.Contains(err.Error(), "hash, last4, keep or drop") {
		t.Errorf("an unknown mode: %v", err)
	}
	if _, err := New(Hash, nil); err == nil {
		t.Error("a hash without a key")
	}
}

// A repeat caller is one caller in whatever form the number comes; other numbers and other keys give other hashes.
func TestHashTellsCallersApart(t *testing.T) {
	n := numbers(t, Hash)
	same := string(n.Number([]byte("+358401234567")))
	for _, form := range []string{"358401234567", "00358401234567", "+358 40 123-4567", "tel:+358401234567", " +358 (40) 123.45/67 "} {
		if got := string(n.Number([]byte(form))); got != same {
			t.Errorf("%q is another caller than +358401234567", form)
		}
	}
	other, err := New(Hash, []byte("another key, of an other store"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{string(other.Number([]byte("+358401234567"))): "another key", same: "the first"}
	// More numbers than the cache remembers, twice: what is forgotten comes out the same again.
	hashes := map[int]string{}
	for i := range 10 * cached {
		number := i % (5 * cached)
		got := string(n.Number(fmt.Appendf(nil, "+35840%07d", number)))
		if before, known := hashes[number]; known {
			if got != before {
				t.Fatalf("number %d: %s, before %s", number, got, before)
			}
			continue
		}
		if whose, taken := seen[got]; taken {
			t.Fatalf("number %d has the hash of %s", number, whose)
		}
		hashes[number], seen[got] = got, fmt.Sprint(number)
		if !isReplacement([]byte(got)) {
			t.Fatalf("%s is not recognized", got)
		}
	}
	for _, pair := range [][2]string{{"anonymous", "unknown"}, {"sip:1@a", "sip:1@b"}, {"0", "00"}} {
		if bytes.Equal(n.Number([]byte(pair[0])), n.Number([]byte(pair[1]))) {
			t.Errorf("%q and %q are one caller", pair[0], pair[1])
		}
	}
}

// A result stays what it is: the core keeps it.
func TestNumberIsNotChangedLater(t *testing.T) {
	n := numbers(t, Hash)
	number := []byte("+358401234567")
	first := n.Number(number)
	want := string(first)
	copy(number, "+000000000000")
	for i := range 3 * cached {
		n.Number(fmt.Appendf(nil, "+%d", i))
	}
	if string(first) != want || string(n.Number([]byte("+358401234567"))) != want {
		t.Errorf("%s became %s", want, first)
	}
}

func TestEvent(t *testing.T) {
	for typ, wantTarget := range map[ingest.Type]string{
		ingest.QueueCallInArrived: "+35810000", ingest.UserCallInComing: "+35810000", ingest.UserCallOutGoing: "", ingest.QueueUserCallOutGoing: "",
		ingest.CallbackUserCallOutConnected: "", ingest.UserCallRecorded: "", ingest.TypeUnknown: "",
	} {
		e := ingest.Event{Type: typ, CallerNumber: []byte("+358401234567"), TargetNumber: []byte("+35810000"), TransferTarget: []byte("+35820000")}
		e.Callback.ContactNumber, e.Callback.ContactName = []byte("+358407654321"), []byte("Virtanen, Matti")
		numbers(t, Drop).Event(&e)
		if len(e.CallerNumber) > 0 || len(e.Callback.ContactNumber) > 0 || len(e.Callback.ContactName) > 0 || string(e.TargetNumber) != wantTarget || string(e.TransferTarget) != "+35820000" {
			t.Errorf("%s: %q, %q, %q, %q", typ, e.CallerNumber, e.Callback.ContactNumber, e.TargetNumber, e.TransferTarget)
		}
	}
	back := ingest.Event{Type: ingest.QueueCallInTransferStarted, CallerNumber: []byte("+358401234567"), TransferTarget: []byte("+358401234567")}
	numbers(t, Last4).Event(&back)
	if string(back.TransferTarget) != "*4567" {
		t.Errorf("a transfer back to the caller: %q", back.TransferTarget)
	}
	kept := ingest.Event{CallerNumber: []byte("+358401234567"), Callback: ingest.Callback{ContactName: []byte("Matti")}}
	numbers(t, Keep).Event(&kept)
	if string(kept.CallerNumber) != "+358401234567" || string(kept.Callback.ContactName) != "Matti" {
		t.Errorf("keep: %q", kept.CallerNumber)
	}
}
