// Package schema holds the numbered SQL migrations of Ringside's ClickHouse database, embedded in the binary. They are
// append-only: a released file is never changed, see docs/SQL.md for the tables.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed *.sql
var files embed.FS

// Migration is one numbered file of statements.
type Migration struct {
	Version    uint32
	Name       string // the file's name
	Text       string
	Statements []string
}

// All returns the migrations in order of version. Versions run from 1 without a gap.
func All() []Migration {
	m, err := load(files)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return m
}

func load(dir fs.FS) ([]Migration, error) {
	names, err := fs.Glob(dir, "*.sql") // sorted by name
	if err != nil {
		return nil, err
	}
	var out []Migration
	for i, name := range names {
		number, _, ok := strings.Cut(name, "_")
		version, err := strconv.ParseUint(number, 10, 32)
		if !ok || err != nil || len(number) != 4 {
			return nil, fmt.Errorf("migration %s: the name must be NNNN_words.sql", name)
		}
		if version != uint64(i)+1 {
			return nil, fmt.Errorf("migration %s: expected number %04d", name, i+1)
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		statements := Split(string(text))
		if len(statements) == 0 {
			return nil, fmt.Errorf("migration %s: no statements", name)
		}
		out = append(out, Migration{Version: uint32(version), Name: name, Text: string(text), Statements: statements})
	}
	return out, nil
}

// Split cuts text into statements: a statement ends with a semicolon at the end of a line. Lines that begin with "--"
// are comments and are left out.
func Split(text string) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if s := strings.TrimSpace(b.String()); s != "" {
			out = append(out, s)
		}
		b.Reset()
	}
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "--") {
			continue
		}
		if rest, ends := strings.CutSuffix(trimmed, ";"); ends {
			b.WriteString(strings.TrimRight(strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " ")))+rest, " "))
			flush()
			continue
		}
		b.WriteString(line)
	}
	flush()
	return out
}
