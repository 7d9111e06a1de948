package schema

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"-- only a comment;\n", nil},
		{"SELECT 1;\nSELECT 2;\n", []string{"SELECT 1", "SELECT 2"}},
		{"SELECT ';',\n  2;\n", []string{"SELECT ';',\n  2"}},
		{"-- a\nSELECT\n-- b\n1 ;\n\n", []string{"SELECT\n1"}},
		{"SELECT 1", []string{"SELECT 1"}},
	} {
		if got := Split(c.text); !reflect.DeepEqual(got, c.want) {
			t.Errorf("Split(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestLoadRefusesGapsAndNames(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("SELECT 1;\n")}
	for name, c := range map[string]struct {
		fs   fstest.MapFS
		want string
	}{
		"gap":   {fstest.MapFS{"0001_a.sql": file, "0003_c.sql": file}, "expected number 0002"},
		"twice": {fstest.MapFS{"0001_a.sql": file, "0001_b.sql": file}, "expected number 0002"},
		"name":  {fstest.MapFS{"1_a.sql": file}, "NNNN_words.sql"},
		"empty": {fstest.MapFS{"0001_a.sql": {Data: []byte("-- nothing\n")}}, "no statements"},
	} {
		if _, err := load(c.fs); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Statements can be repeated, since a migration that was cut off is applied again.
func TestStatementsCanBeRepeated(t *testing.T) {
	all := All()
	if len(all) == 0 {
		t.Fatal("no migrations")
	}
	for _, m := range all {
		for _, s := range m.Statements {
			switch {
			case strings.HasPrefix(s, "CREATE TABLE IF NOT EXISTS "), strings.HasPrefix(s, "CREATE OR REPLACE VIEW "):
			case strings.HasPrefix(s, "ALTER TABLE ") && strings.Contains(s, " ADD COLUMN IF NOT EXISTS "):
			case strings.HasPrefix(s, "INSERT INTO wait_buckets_versions"): // the same rows again
			default:
				t.Errorf("%s: %.60q cannot be repeated", m.Name, s)
			}
		}
	}
}
