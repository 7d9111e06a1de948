// Package layout holds the repository to its design: who may import whom, what the core must not do, which folders
// there are, how long a file may be. It consists of tests only.
package layout

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the repository, seen from this package.
const root = "../.."

// topFolders are the folders of the repository. Data flows through them from left to right: ingest, aggregate, store.
var topFolders = []string{"ingest", "aggregate", "store", "grafana-plugin", "benchmarks", "deploy", "internal", "docs",
	"scripts", ".ci"}

// notOurs are folders that a build or a run makes, or that belong to the version control.
var notOurs = []string{".git", ".cache", "bin", "ringside-data", "node_modules", "dist"}

// files calls visit for every file of the repository, with its path relative to the root, slashes forward.
func files(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if os.IsNotExist(err) {
				return nil // removed by another test while we walk
			}
			return err
		case d.IsDir() && slices.Contains(notOurs, d.Name()):
			return filepath.SkipDir
		case d.Type().IsRegular():
			relative, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			visit(filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTopFolders(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(topFolders, e.Name()) && !slices.Contains(notOurs, e.Name()) {
			t.Errorf("folder %s has no place in the design; see docs/ARCHITECTURE.md", e.Name())
		}
	}
}

// Whoever looks for something begins with the file map, so every package must be on it.
func TestFileMapNamesEveryPackage(t *testing.T) {
	fileMap := read(t, "docs/ARCHITECTURE.md")
	seen := map[string]bool{}
	files(t, func(path string) {
		dir := strings.TrimSuffix(path, "/"+filepath.Base(path))
		if filepath.Ext(path) != ".go" || dir == path || seen[dir] || strings.Contains(path, "testdata/") {
			return
		}
		seen[dir] = true
		if !strings.Contains(fileMap, "`"+dir+"`") {
			t.Errorf("docs/ARCHITECTURE.md does not name `%s`", dir)
		}
	})
}
