package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The report is tried on Node's own runner.
func TestNode(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json": `{"name":"x","type":"module","scripts":{"test:browser":"node --test a.test.mjs"}}`,
		"a.test.mjs": "import test from 'node:test';\ntest('draws', () => {});\ntest('fails', () => { throw new Error('the culprit'); });\n" +
			"test('waits', { skip: 'no moon tonight' }, () => {});\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	r := newReport(&out)
	if err := r.node(dir); err != nil {
		t.Fatal(err)
	}
	if r.summary() || r.passed != 1 || r.failed != 1 || r.skipped != 1 {
		t.Errorf("%d passed, %d failed, %d skipped", r.passed, r.failed, r.skipped)
	}
	for _, s := range []string{": fails", "the culprit", "waits: no moon tonight"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("does not say %q:\n%s", s, out.String())
		}
	}
}

// A runner that runs no test is an error, not a success.
func TestNodeThatDoesNotRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"name":"x","scripts":{"test:browser":"echo no such thing"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := newReport(&bytes.Buffer{}).node(dir); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Errorf("error %v", err)
	}
}
