package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The report is tried on real output of go test: a module is written, tested and reported.
func reportOn(t *testing.T, files map[string]string) (ok bool, text string, err error) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module sample\n\ngo 1.24\n"
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out bytes.Buffer
	r := newReport(&out)
	c := exec.Command("go", "test", "-json", "./...")
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	err = r.read(pipe, "")
	_ = c.Wait() // it fails where a test does
	ok = r.summary()
	return ok, out.String(), err
}

const header = "package a\n\nimport \"testing\"\n\n"

func TestReport(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		ok    bool
		last  string
		says  []string
		not   []string
	}{
		{"all pass", map[string]string{"a/a_test.go": header + "func TestA(t *testing.T) { t.Log(\"chatter\") }\nfunc TestB(t *testing.T) { t.Run(\"one\", func(*testing.T) {}) }\n"},
			true, "3 passed, 0 failed", []string{"ok    sample/a"}, []string{"chatter", "FAIL"}},
		{"one fails", map[string]string{"a/a_test.go": header + "func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { t.Error(\"the culprit\") }\n"},
			false, "1 passed, 1 failed", []string{"FAIL  sample/a.TestB", "the culprit"}, nil},
		{"one skips", map[string]string{"a/a_test.go": header + "func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { t.Skip(\"no moon tonight\") }\n"},
			true, "1 passed, 0 failed", []string{"1 skipped:", "sample/a.TestB: no moon tonight"}, nil},
		{"does not build", map[string]string{"a/a_test.go": header + "func TestA(t *testing.T) { undefinedThing() }\n", "b/b_test.go": strings.Replace(header, "package a", "package b", 1) + "func TestB(*testing.T) {}\n"},
			false, "1 passed, 1 failed", []string{"undefinedThing", "FAIL  sample/a", "ok    sample/b"}, nil},
		{"the process dies", map[string]string{"a/a_test.go": "package a\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestA(t *testing.T) { println(\"last words\"); os.Exit(3) }\n"},
			false, "0 passed, 1 failed", []string{"last words", "FAIL  sample/a"}, nil},
		{"a panic", map[string]string{"a/a_test.go": header + "func TestA(t *testing.T) { panic(\"BUG: here\") }\n"},
			false, "0 passed, 1 failed", []string{"BUG: here"}, nil},
		{"no tests are no success", map[string]string{"a/a.go": "package a\n"}, false, "0 passed, 0 failed", nil, nil},
	}
	for _, k := range tests {
		t.Run(k.name, func(t *testing.T) {
			ok, text, err := reportOn(t, k.files)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(text), "\n")
			if ok != k.ok || lines[len(lines)-1] != k.last {
				t.Errorf("ok %v, last line %q, want %v, %q", ok, lines[len(lines)-1], k.ok, k.last)
			}
			for _, s := range k.says {
				if !strings.Contains(text, s) {
					t.Errorf("does not say %q:\n%s", s, text)
				}
			}
			for _, s := range k.not {
				if strings.Contains(text, s) {
					t.Errorf("says %q:\n%s", s, text)
				}
			}
		})
	}
}

func TestReportOfARunCutShort(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out)
	err := r.read(strings.NewReader(`{"Action":"start","Package":"a"}`+"\n"+`{"Action":"pass","Package":"a","Test":"TestA"}`+"\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	if r.summary() || !strings.Contains(out.String(), "go test ended before the package did") {
		t.Errorf("a run cut short counts as good:\n%s", out.String())
	}
	if err := r.read(strings.NewReader("go: no such thing\n"), ""); err == nil {
		t.Error("text that is no JSON was taken for a report")
	}
}

// A package that is tested twice is reported twice.
func TestReportOfTwoRuns(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out)
	for _, action := range []string{"pass", "fail"} {
		text := `{"Action":"output","Package":"a","Test":"TestA","Output":"said "}` + "\n" +
			`{"Action":"` + action + `","Package":"a","Test":"TestA"}` + "\n" + `{"Action":"` + action + `","Package":"a"}`
		if err := r.read(strings.NewReader(text), ""); err != nil {
			t.Fatal(err)
		}
	}
	if r.summary() || !strings.HasSuffix(out.String(), "\n1 passed, 1 failed\n") || strings.Count(out.String(), "said") != 1 {
		t.Errorf("two runs:\n%s", out.String())
	}
}

func TestSplit(t *testing.T) {
	with, without := split([]string{"m", "m/store", "m/store/embedded", "m/store/embedded/x", "m/storehouse"}, "m", []string{"./store/embedded", ""})
	if !slices.Equal(with, []string{"m", "m/store", "m/storehouse"}) || !slices.Equal(without, []string{"m/store/embedded", "m/store/embedded/x"}) {
		t.Errorf("with %q, without %q", with, without)
	}
}
