package layout

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// impurePackages would give the core a clock, I/O, chance or company.
var impurePackages = []string{"os", "net", "io", "io/fs", "bufio", "syscall", "context", "sync", "sync/atomic", "runtime",
	"math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "database/sql", "os/exec", "os/signal", "net/http", "unique", "weak"}

// impureTime are the parts of package time that read or wait for a clock, or ask this machine for its zone.
var impureTime = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local", "LoadLocation"}

const unorderedMark = "//ringside:unordered"

// The core's results must depend on its input alone.
func TestCoreIsPure(t *testing.T) {
	pkg := load(t, filepath.Join(root, "aggregate"))
	for _, f := range impurities(pkg) {
		t.Error(f)
	}
}

// The check itself is checked on a package that does everything wrong.
func TestImpuritiesAreFound(t *testing.T) {
	got := strings.Join(impurities(load(t, "testdata/impure")), "\n")
	want := strings.Join([]string{
		"impure.go:5: imports os",
		"impure.go:7: imports sync",
		"impure.go:14: time.Now",
		"impure.go:15: time.Local",
		"impure.go:16: go statement",
		"impure.go:17: channel",
		"impure.go:18: channel",
		"impure.go:19: channel",
		"impure.go:23: range over a map",
		"impure.go:26: range over a map",
		"impure.go:32: maps.Keys",
		"impure.go:39: range over a map",
		"impure.go:50: the mark marks nothing",
	}, "\n")
	if got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
}

func load(t *testing.T, dir string) *packages.Package {
	t.Helper()
	found, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports,
		Dir:  dir,
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || len(found[0].Errors) > 0 || len(found[0].Syntax) == 0 {
		t.Fatalf("package in %s: %d found, errors %v", dir, len(found), found[0].Errors)
	}
	return found[0]
}

// purity walks the files of a package and notes what is impure.
type purity struct {
	pkg   *packages.Package
	marks map[string]bool // file:line of each mark with a reason → whether it marked something
	found []finding
}

type finding struct {
	file string
	line int
	text string
}

func impurities(pkg *packages.Package) []string {
	p := &purity{pkg: pkg, marks: map[string]bool{}}
	for _, f := range pkg.Syntax {
		p.collectMarks(f)
		for _, i := range f.Imports {
			if name := strings.Trim(i.Path.Value, `"`); slices.Contains(impurePackages, name) {
				p.note(i, "imports "+name)
			}
		}
		p.inspect(f)
	}
	for at, used := range p.marks {
		if !used {
			file, line, _ := strings.Cut(at, ":")
			f := finding{file: file, text: "the mark marks nothing"}
			_, _ = fmt.Sscan(line, &f.line)
			p.found = append(p.found, f)
		}
	}
	slices.SortFunc(p.found, func(a, b finding) int {
		if a.file != b.file {
			return strings.Compare(a.file, b.file)
		}
		return a.line - b.line
	})
	texts := make([]string, len(p.found))
	for i, f := range p.found {
		texts[i] = fmt.Sprintf("%s:%d: %s", f.file, f.line, f.text)
	}
	return texts
}

func (p *purity) position(at token.Pos) (file string, line int) {
	pos := p.pkg.Fset.Position(at)
	return filepath.Base(pos.Filename), pos.Line
}

func (p *purity) note(n ast.Node, text string) {
	file, line := p.position(n.Pos())
	p.found = append(p.found, finding{file, line, text})
}

func (p *purity) collectMarks(f *ast.File) {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if reason, ok := strings.CutPrefix(c.Text, unorderedMark); ok && strings.TrimSpace(reason) != "" {
				file, line := p.position(c.Pos())
				p.marks[fmt.Sprintf("%s:%d", file, line)] = false
			}
		}
	}
}

// marked tells whether n has a mark on its line or on the line above.
func (p *purity) marked(n ast.Node) bool {
	file, line := p.position(n.Pos())
	for _, l := range []int{line, line - 1} {
		at := fmt.Sprintf("%s:%d", file, l)
		if _, ok := p.marks[at]; ok {
			p.marks[at] = true
			return true
		}
	}
	return false
}

func (p *purity) inspect(f *ast.File) {
	sorted := map[ast.Node]bool{} // arguments that slices.Sorted… puts in order
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			p.note(n, "go statement")
		case *ast.SendStmt, *ast.SelectStmt, *ast.ChanType:
			p.note(n, "channel")
		case *ast.RangeStmt:
			if _, isMap := p.pkg.TypesInfo.TypeOf(n.X).Underlying().(*types.Map); isMap && !p.marked(n) {
				p.note(n, "range over a map")
			}
		case *ast.CallExpr:
			if from, name := p.object(n.Fun); from == "slices" && strings.HasPrefix(name, "Sorted") && len(n.Args) > 0 {
				sorted[n.Args[0]] = true
			} else if from == "maps" && slices.Contains([]string{"Keys", "Values", "All"}, name) && !sorted[n] && !p.marked(n) {
				p.note(n, "maps."+name)
			}
		case *ast.SelectorExpr:
			if from, name := p.object(n); from == "time" && slices.Contains(impureTime, name) {
				p.note(n, "time."+name)
			}
		}
		return true
	})
}

// object returns the package and name of what an expression like maps.Keys or maps.Keys[K, V] refers to.
func (p *purity) object(e ast.Expr) (pkg, name string) {
	switch x := e.(type) {
	case *ast.IndexExpr:
		return p.object(x.X)
	case *ast.IndexListExpr:
		return p.object(x.X)
	case *ast.SelectorExpr:
		o := p.pkg.TypesInfo.Uses[x.Sel]
		if o == nil || o.Pkg() == nil || o.Parent() != o.Pkg().Scope() {
			return "", "" // a method or a field
		}
		return o.Pkg().Path(), o.Name()
	}
	return "", ""
}
