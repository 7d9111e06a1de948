package enreach

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// example returns the message of testdata of one event type.
func example(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// examples returns every message of testdata, by event type.
func examples(t testing.TB) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	for typ := ingest.TypeUnknown + 1; typ < ingest.NumTypes; typ++ {
		all[typ.String()] = example(t, typ.String())
	}
	return all
}

func TestGolden(t *testing.T) {
	var d Decoder // one for all, as in production: nothing of one message may reach the next
	var e ingest.Event
	for name, message := range examples(t) {
		if err := d.Decode(message, &e); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := dump(&e)
		path := filepath.Join("testdata", name+".golden")
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
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		if e.Type.String() != name {
			t.Errorf("%s: decoded as %s", name, e.Type)
		}
	}
}

// TestNothingElseInTestdata holds testdata to one message and one golden file per event type.
func TestNothingElseInTestdata(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * (int(ingest.NumTypes) - 1); len(files) != want {
		t.Errorf("%d files in testdata, want %d", len(files), want)
	}
}

// dump writes e in text: each field that is set, one a line, in the order of the struct.
func dump(e *ingest.Event) string {
	var b strings.Builder
	dumpStruct(&b, "", reflect.ValueOf(e).Elem())
	return b.String()
}

func dumpStruct(b *strings.Builder, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		name := prefix + v.Type().Field(i).Name
		if name == "Published" {
			dumpPublished(b, v.Field(i).Interface().(ingest.Published), v.FieldByName("Type").Interface().(ingest.Type))
			continue
		}
		dumpValue(b, name, v.Field(i))
	}
}

func dumpValue(b *strings.Builder, name string, v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch x := v.Interface().(type) {
	case ingest.Time:
		if x == ingest.OpenEnded {
			fmt.Fprintf(b, "%s: open-ended\n", name)
			return
		}
		fmt.Fprintf(b, "%s: %s\n", name, x.Go().Add(timeRest(x)).Format("2006-01-02T15:04:05.0000000Z"))
	case []byte:
		fmt.Fprintf(b, "%s: %q\n", name, x)
	case ingest.OptInt:
		fmt.Fprintf(b, "%s: %d\n", name, x.Value)
	case uuid.UUID, ingest.Type:
		fmt.Fprintf(b, "%s: %s\n", name, x)
	default:
		switch v.Kind() {
		case reflect.Struct:
			dumpStruct(b, name+".", v)
		case reflect.Slice:
			for i := range v.Len() {
				fmt.Fprintf(b, "%s[%d]\n", name, i)
				dumpStruct(b, "  ", v.Index(i))
			}
		default:
			fmt.Fprintf(b, "%s: %v\n", name, x)
		}
	}
}

func dumpPublished(b *strings.Builder, p ingest.Published, t ingest.Type) {
	of, ok := map[ingest.Type]summary{
		ingest.QueueStatus: queueStatus, ingest.QueueDailyCallMetrics: queueDailyCallMetrics, ingest.CallbackListStatus: callbackListStatus,
	}[t]
	if !ok {
		if !reflect.ValueOf(p).IsZero() {
			fmt.Fprintf(b, "Published: %+v\n", p)
		}
		return
	}
	if len(p.QueueDate) > 0 {
		fmt.Fprintf(b, "Published.QueueDate: %q\n", p.QueueDate)
	}
	for i, name := range published[of] {
		if p.Null[i] {
			fmt.Fprintf(b, "Published.%s: null\n", name)
		} else {
			fmt.Fprintf(b, "Published.%s: %v\n", name, p.Figures[i])
		}
	}
}
