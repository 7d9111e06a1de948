package querytest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringside/store/query"
)

// A function that is added to the package, and not to Every, would be tested by nothing that is tested of all.
func TestEveryFunctionIsThere(t *testing.T) {
	every := Every(query.Filter{}, Values{From: time.Unix(0, 0), To: time.Unix(900, 0)})
	found, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	for _, name := range found {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			for _, r := range f.Type.Results.List {
				if name, ok := r.Type.(*ast.Ident); !ok || name.Name != "Statement" {
					continue
				}
				declared++
				if every[f.Name.Name].SQL == "" {
					t.Errorf("query.%s is not in Every", f.Name.Name)
				}
			}
		}
	}
	if declared != len(every) {
		t.Errorf("%d functions are declared, Every has %d", declared, len(every))
	}
}
