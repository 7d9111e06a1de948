package layout

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines is where a file begins to hold more than one idea.
const maxLines = 500

// longFiles may be longer, each for its reason.
var longFiles = map[string]string{}

func TestFilesAreShort(t *testing.T) {
	stale := map[string]bool{}
	for path := range longFiles {
		stale[path] = true
	}
	files(t, func(path string) {
		if !slices.Contains([]string{".go", ".sh", ".ts", ".tsx", ".sql", ".css", ".js"}, filepath.Ext(path)) ||
			strings.Contains(path, "testdata/") {
			return
		}
		lines := strings.Count(read(t, path), "\n")
		_, listed := longFiles[path]
		if lines > maxLines && !listed {
			t.Errorf("%s has %d lines, more than %d; divide it, or list it here with the reason", path, lines, maxLines)
		}
		if lines > maxLines {
			delete(stale, path)
		}
	})
	for path := range stale {
		t.Errorf("%s is listed as long, but is not", path)
	}
}

// machinePath finds absolute paths that exist on one developer's machine only. (The letters in brackets keep this
// file from finding itself.)
var machinePath = regexp.MustCompile("(^|[\\s\"'`(=:])/(wor[k]|roo[t]|hom[e]/[a-z]+|User[s])/")

func TestTextsNameNoMachinePaths(t *testing.T) {
	looked := 0
	files(t, func(path string) {
		if !isText(path) {
			return
		}
		looked++
		for i, line := range strings.Split(read(t, path), "\n") {
			if machinePath.MatchString(line) {
				t.Errorf("%s:%d: a path of one machine: %s", path, i+1, strings.TrimSpace(line))
			}
		}
	})
	if looked < 20 {
		t.Errorf("only %d texts were looked at: is %q the repository?", looked, root)
	}
}

func isText(path string) bool {
	switch filepath.Ext(path) {
	case ".go", ".md", ".yaml", ".yml", ".sh", ".sql", ".json", ".ts", ".tsx", ".html", ".css", ".js", ".svg", ".xml", ".toml":
		return true
	}
	return slices.Contains([]string{"Makefile", "run", "LICENSE"}, filepath.Base(path))
}

func TestMachinePath(t *testing.T) {
	for line, want := range map[string]bool{
		"see /hom" + "e/ann/x": true, "path=/wor" + "k/x": true, "(/roo" + "t/go)": true,
		"/etc/ringside.yaml": false, "https://a/wor" + "k/b": false, "wor" + "k/x": false, "/var/lib/ringside": false,
	} {
		if got := machinePath.MatchString(line); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	codeBlock    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// A link of the documentation leads somewhere: to a file that exists, and to a heading that exists in it.
func TestLinksLeadSomewhere(t *testing.T) {
	known := map[string]bool{"": true}
	var texts []string
	files(t, func(path string) {
		for at := path; at != "."; at = filepath.Dir(at) {
			known[at] = true
		}
		if filepath.Ext(path) == ".md" {
			texts = append(texts, path)
		}
	})
	for _, path := range texts {
		for _, m := range markdownLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(read(t, path), ""), -1) {
			target, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			to := path
			if target != "" {
				to = filepath.Join(filepath.Dir(path), target)
			}
			if !known[to] {
				t.Errorf("%s: link to %s, which does not exist", path, m[1])
				continue
			}
			if heading != "" && filepath.Ext(to) == ".md" && !slices.Contains(headings(read(t, to)), heading) {
				t.Errorf("%s: link to %s: %s has no such heading", path, m[1], to)
			}
		}
	}
}

var notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)

// headings returns the anchors of a text's headings, made as the usual renderers of Markdown do.
func headings(text string) []string {
	var anchors []string
	for line := range strings.Lines(codeFence.ReplaceAllString(text, "")) {
		title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if ok && strings.HasPrefix(line, "#") {
			title = notInAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			anchors = append(anchors, strings.ReplaceAll(title, " ", "-"))
		}
	}
	return anchors
}

var codeFence = regexp.MustCompile("(?s)```.*?```")

var testReference = regexp.MustCompile("`([a-z0-9/-]+)\\.((?:Test|Fuzz|Benchmark)\\w+)`")

// The documentation names the tests that hold its promises; each must exist.
func TestNamedTestsExist(t *testing.T) {
	functions := map[string]string{} // texts of the test files of each folder
	named := 0
	files(t, func(path string) {
		if strings.HasSuffix(path, "_test.go") {
			functions[filepath.Dir(path)] += read(t, path)
		}
	})
	for _, m := range testReference.FindAllStringSubmatch(read(t, "docs/PROMISES.md"), -1) {
		named++
		if !strings.Contains(functions[m[1]], "\nfunc "+m[2]+"(") {
			t.Errorf("docs/PROMISES.md names %s.%s, which does not exist", m[1], m[2])
		}
	}
	if named < 30 {
		t.Errorf("only %d tests were found in docs/PROMISES.md: has the way they are written changed?", named)
	}
}
