package recording

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"ringside/ingest"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	var b bytes.Buffer
	switch filepath.Ext(name) {
	case ".gz":
		z := gzip.NewWriter(&b)
		io.WriteString(z, text)
		z.Close()
	case ".zst":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(z, text)
		z.Close()
	default:
		b.WriteString(text)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// numberStamp reads a line's time from the number it begins with.
func numberStamp(b []byte) ingest.Time {
	n, _ := strconv.Atoi(strings.TrimRight(string(b), "abcdefghijklmnopqrstuvwxyz"))
	return ingest.Time(n)
}

func readAll(t *testing.T, o Options) (lines []string, offsets []int64, err error) {
	t.Helper()
	r, err := Open(o)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for {
		b, err := r.Next()
		if err == io.EOF {
			if size := r.Size(); size != 0 && r.BytesRead() != size {
				t.Errorf("at the end %d of %d bytes are counted as read", r.BytesRead(), size)
			}
			return lines, offsets, nil
		}
		if err != nil {
			return lines, offsets, err
		}
		for _, rec := range b.Records {
			lines = append(lines, string(rec.Value))
			offsets = append(offsets, rec.Offset)
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, c := range []struct {
		name, text string
		want       []string
		offsets    []int64
	}{
		{"empty.ndjson", "", nil, nil},
		{"no newline at the end.ndjson", "1\n2", []string{"1", "2"}, []int64{0, 1}},
		{"blank lines count.ndjson", "\n1\n  \n2\n\n", []string{"1", "2"}, []int64{1, 3}},
		{"crlf and bom.ndjson", "\xef\xbb\xbf1\r\n2\r\n", []string{"1", "2"}, []int64{0, 1}},
		{"cut.ndjson", "1\n" + long + "\n2\n", []string{"1", long[:101], "2"}, []int64{0, 1, 2}},
		{"gzip.gz", "1\n2\n", []string{"1", "2"}, []int64{0, 1}},
		{"zstd.zst", "1\n2\n", []string{"1", "2"}, []int64{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, offsets, err := readAll(t, Options{Files: []string{write(t, c.name, c.text)}, Limit: 100})
			if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) || fmt.Sprint(offsets) != fmt.Sprint(c.offsets) {
				t.Errorf("got %q at %v, %v; want %q at %v", got, offsets, err, c.want, c.offsets)
			}
		})
	}
}

func TestManyChunks(t *testing.T) {
	var b strings.Builder
	const n = 3*chunkEvents + 7
	for i := range n {
		fmt.Fprintf(&b, "%d %s\n", i, strings.Repeat("y", i%700))
	}
	got, _, err := readAll(t, Options{Files: []string{"-"}, Stdin: strings.NewReader(b.String()), Limit: 1 << 20})
	if err != nil || len(got) != n {
		t.Fatalf("%d lines, %v; want %d", len(got), err, n)
	}
	for i, line := range got {
		if want := strings.TrimSpace(fmt.Sprintf("%d %s", i, strings.Repeat("y", i%700))); line != want {
			t.Fatalf("line %d is %.40q, want %.40q", i, line, want)
		}
	}
}

func TestMergeByTime(t *testing.T) {
	a := write(t, "a.ndjson", "1a\n4a\nx\n5a\n9a\n")
	b := write(t, "b.gz", "2b\n3b\n4b\n8b\n3b\n")
	c := write(t, "c.ndjson", "")
	got, _, err := readAll(t, Options{Files: []string{a, b, c}, Limit: 100, Stamp: numberStamp})
	want := "[1a 2b 3b 4a x 4b 5a 8b 3b 9a]"
	if err != nil || fmt.Sprint(got) != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}

func TestCutArchive(t *testing.T) {
	path := write(t, "cut.gz", strings.Repeat("0123456789abcdef\n", 20000))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-12], 0o600); err != nil {
		t.Fatal(err)
	}
	got, _, err := readAll(t, Options{Files: []string{path}, Limit: 100})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want an unexpected end", err)
	}
	for i, line := range got {
		if line != "0123456789abcdef" {
			t.Fatalf("line %d of a cut archive is %q: half a line is not an event", i, line)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	for name, file := range map[string]string{"missing": filepath.Join(dir, "none"), "folder": dir} {
		if _, _, err := readAll(t, Options{Files: []string{file}, Limit: 100}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
