package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var metricName = regexp.MustCompile(`\bringside_[a-z]+(_[a-z]+)+`)

// Operators find every metric in docs/OPERATIONS.md, and none there that does not exist.
func TestMetricsAreDocumented(t *testing.T) {
	documented := metricName.FindAllString(read(t, "docs/OPERATIONS.md"), -1)
	published := map[string]bool{}
	files(t, func(path string) {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata/") {
			return
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			for _, name := range metricName.FindAllString(text.Value, -1) {
				published[name] = true
				if !slices.Contains(documented, name) {
					t.Errorf("%s publishes %s, which is not in docs/OPERATIONS.md", path, name)
				}
			}
			return true
		})
	})
	for _, name := range documented {
		if !published[name] {
			t.Errorf("docs/OPERATIONS.md has %s, which nothing publishes", name)
		}
	}
	if len(published) < 20 {
		t.Errorf("only %d metrics were found: has the way they are published changed?", len(published))
	}
}

var namedSection = regexp.MustCompile(`docs/([A-Z]+\.md), \\"([^"\\]+)\\"`)

// A message that sends its reader to a section of the documentation must name one that exists.
func TestMessagesNameSectionsThatExist(t *testing.T) {
	found := 0
	files(t, func(path string) {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, m := range namedSection.FindAllStringSubmatch(read(t, path), -1) {
			found++
			if anchor := headings("# " + m[2]); !slices.Contains(headings(read(t, "docs/"+m[1])), anchor[0]) {
				t.Errorf("%s names the section %q of docs/%s, which does not exist", path, m[2], m[1])
			}
		}
	})
	if found < 3 {
		t.Errorf("only %d messages name a section: has the way they are written changed?", found)
	}
}

var rejectReason = regexp.MustCompile(`RejectReason = "([a-z_]+)"`)

// Who finds a reason in the table rejects finds it in docs/OPERATIONS.md, too.
func TestRejectReasonsAreDocumented(t *testing.T) {
	operations, found := read(t, "docs/OPERATIONS.md"), 0
	files(t, func(path string) {
		if filepath.Dir(path) != "ingest" || filepath.Ext(path) != ".go" {
			return
		}
		for _, m := range rejectReason.FindAllStringSubmatch(read(t, path), -1) {
			found++
			if !strings.Contains(operations, "`"+m[1]+"`") {
				t.Errorf("%s has the reason %s, which is not in docs/OPERATIONS.md", path, m[1])
			}
		}
	})
	if found < 5 {
		t.Errorf("only %d reasons were found: has the way they are written changed?", found)
	}
}
