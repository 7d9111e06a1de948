package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestJest(t *testing.T) {
	const results = `{"testResults":[
{"name":"/src/plugin/src/a.test.ts","status":"passed","startTime":1000,"endTime":2500,"message":"","assertionResults":[
 {"fullName":"a does","status":"passed"},{"fullName":"a waits","status":"pending"}]},
{"name":"/src/plugin/src/b.test.ts","status":"failed","message":"the culprit","assertionResults":[{"fullName":"b does","status":"failed"},{"fullName":"b too","status":"passed"}]},
{"name":"/src/plugin/src/c.test.ts","status":"failed","message":"cannot find module","assertionResults":[]}]}`
	var parsed jestResults
	if err := json.Unmarshal([]byte(results), &parsed); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := newReport(&out)
	if n := r.takeJest("plugin", parsed); n != 2 || r.summary() {
		t.Errorf("%d failures", n)
	}
	for _, s := range []string{"FAIL  plugin/src/b.test.ts: b does", "the culprit", "cannot find module", "1 skipped:", "a waits: pending", "1.5s"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("does not say %q:\n%s", s, out.String())
		}
	}
	if !strings.HasSuffix(out.String(), "\n2 passed, 2 failed\n") {
		t.Errorf("last line:\n%s", out.String())
	}
}

// A jest that cannot run is an error, not no tests.
func TestJestThatDoesNotRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"name":"x","scripts":{"test":"echo no such thing; exit 3;"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := newReport(&bytes.Buffer{}).jest(dir); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Errorf("error %v", err)
	}
}
