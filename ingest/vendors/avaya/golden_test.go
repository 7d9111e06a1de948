package avaya

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"ringside/ingest"
	"ringside/ingest/vendors/vendortest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var _ ingest.Decoder = (*Decoder)(nil).Decode

// example returns the message of testdata with one event.
func example(t testing.TB, event string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", event+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// examples returns every message of testdata, by event.
func examples(t testing.TB) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	for event := range events {
		all[event] = example(t, event)
	}
	return all
}

func TestGolden(t *testing.T) {
	d := New() // one for all, as in production: nothing of one message may reach the next
	for event, message := range examples(t) {
		parts, err := vendortest.Decode(t, d.Decode, message)
		if err != nil {
			t.Errorf("%s: %v", event, err)
			continue
		}
		got := vendortest.Dump(parts...)
		path := filepath.Join("testdata", event+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", event, got, want)
		}
	}
}

// TestNothingElseInTestdata holds testdata to one message and one golden file per event.
func TestNothingElseInTestdata(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(events); len(files) != want {
		t.Errorf("%d files in testdata, want %d", len(files), want)
	}
}
