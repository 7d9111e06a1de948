package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// FuzzSpool writes records, damages the file, and reads it again: whatever comes out is a beginning of what went in, and new
// records are taken and come out behind it.
func FuzzSpool(f *testing.F) {
	f.Add([]byte("some records of some lengths"), uint16(20), []byte{1}, uint16(0))
	f.Add([]byte("cut off"), uint16(5), []byte{}, uint16(9))
	f.Add([]byte(""), uint16(0), []byte(magic), uint16(100))
	f.Add([]byte("zeros at the end"), uint16(40), make([]byte, 64), uint16(60))
	f.Fuzz(func(t *testing.T, content []byte, at uint16, damage []byte, cut uint16) {
		var written []string
		file := []byte(magic)
		for i := 0; len(content) > 0 && i < 64; i++ {
			n := min(len(content), int(content[0])%32+1)
			file = appendRecord(file, uint64(i), content[:n])
			written = append(written, string(content[:n]))
			content = content[n:]
		}
		where := min(int(at), len(file))
		changed := append(append([]byte{}, file[:where]...), damage...)
		if where+len(damage) < len(file) {
			changed = append(changed, file[where+len(damage):]...)
		}
		if int(cut) < len(changed) && cut > 0 {
			changed = changed[:cut]
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%016x%s", 0, suffix)), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(Options{Dir: dir, Limit: 1 << 20, sync: func(*os.File) error { return nil }}) // no crash is simulated here
		if err != nil {
			if len(changed) >= len(magic) && string(changed[:len(magic)]) == magic {
				t.Fatal(err)
			}
			return // another format
		}
		defer func() { _ = s.Close() }()
		if err := s.Append(t.Context(), []byte("the last")); err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			b, err := s.Peek(50)
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Records) == 0 {
				break
			}
			for _, r := range b.Records {
				got = append(got, string(r))
			}
			if err := s.Drop(b); err != nil {
				t.Fatal(err)
			}
		}
		if len(got) == 0 || got[len(got)-1] != "the last" {
			t.Fatalf("what was appended behind it does not come out: %q", got)
		}
		if len(got)-1 > len(written) {
			t.Fatalf("%d records come out, %d were written", len(got)-1, len(written))
		}
		for i, r := range got[:len(got)-1] {
			if r != written[i] {
				t.Fatalf("record %d is %q, %q was written", i, r, written[i])
			}
		}
	})
}
