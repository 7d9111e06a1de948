package sqltext

import (
	"errors"
	"strings"
)

// Kind is what an endpoint does with a statement.
type Kind uint8

const (
	// Other is any statement without data or result of its own kind: DDL, SHOW, KILL, SYSTEM …
	Other Kind = iota
	// Select reads rows: SELECT, WITH … SELECT, FROM … SELECT.
	Select
	// InsertData is an INSERT whose data, in Format, follow its text.
	InsertData
	// InsertValues is an INSERT with VALUES within its text.
	InsertValues
	// InsertSelect is an INSERT … SELECT.
	InsertSelect
)

// Statement is what Parse found.
type Statement struct {
	Kind Kind
	// Keyword is the first word in upper case.
	Keyword string
	// Text is the statement to run: of an InsertData what precedes FORMAT,
	// else all, without a closing semicolon.
	Text string
	// Format is the FORMAT clause's word, empty without one.
	Format string
	// Data is where an InsertData's data begin in the text given to Parse.
	Data int
	// Totals says that the result has rows outside its blocks (WITH TOTALS).
	Totals bool
	// ClientFile names a clause that has the client open a file.
	ClientFile string
}

var (
	// ErrIncomplete says that the text ends before the kind of statement can
	// be told; with the whole text at hand it is a syntax error.
	ErrIncomplete = errors.New("the statement is incomplete")
	// ErrMultiple says that there is more than one statement.
	ErrMultiple = errors.New("more than one statement")
	// ErrEmpty says that there is none.
	ErrEmpty = errors.New("empty query")
)

// ReadOnly says that a statement leaves nothing behind, so that it may be
// stopped at any moment.
func (s Statement) ReadOnly() bool {
	switch s.Keyword {
	case "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK":
		return true
	}
	return s.Kind == Select
}

// Parse reads a statement. With whole false, text is the beginning of a longer
// one, and only an INSERT whose data have begun can be told from it;
// everything else is ErrIncomplete.
func Parse(text []byte, whole bool) (Statement, error) {
	p := &parser{lexer: lexer{text: text}}
	stmt, err := p.statement()
	if err != nil {
		return Statement{}, err
	}
	if !whole && stmt.Kind != InsertData {
		return Statement{}, ErrIncomplete
	}
	// At the end of a part, FORMAT Nat… could go on in the next.
	if !whole && stmt.Data >= len(text) {
		return Statement{}, ErrIncomplete
	}
	return stmt, nil
}

type parser struct {
	lexer
	stmt Statement
}

func (p *parser) word(t token) string { return strings.ToUpper(string(p.text[t.start:t.end])) }

func (p *parser) statement() (Statement, error) {
	first := p.peek()
	switch first.kind {
	case tokenEnd:
		return Statement{}, ErrEmpty
	case tokenIncomplete:
		return Statement{}, ErrIncomplete
	case tokenWord:
		p.stmt.Keyword = p.word(first)
	case tokenPunct:
		if p.punct(first, '(') {
			p.stmt.Keyword = p.wordWithin()
		}
		if p.punct(first, ';') {
			return Statement{}, ErrEmpty
		}
	}
	switch p.stmt.Keyword {
	case "INSERT":
		p.next()
		return p.insert()
	case "SELECT", "FROM":
		p.stmt.Kind = Select
	case "WITH":
		p.stmt.Kind = p.afterWith()
	}
	return p.body()
}

// wordWithin is the first word inside leading parentheses.
func (p *parser) wordWithin() string {
	ahead := p.lexer
	for {
		switch t := ahead.next(); {
		case ahead.punct(t, '('):
		case t.kind == tokenWord:
			return p.word(t)
		default:
			return ""
		}
	}
}

// afterWith tells WITH … SELECT from WITH … INSERT.
func (p *parser) afterWith() Kind {
	ahead := p.lexer
	depth := 0
	for {
		t := ahead.next()
		switch {
		case t.kind == tokenEnd || t.kind == tokenIncomplete:
			return Select
		case ahead.punct(t, '('):
			depth++
		case ahead.punct(t, ')'):
			depth--
		case depth == 0 && ahead.is(t, "INSERT"):
			return InsertSelect
		case depth == 0 && ahead.is(t, "SELECT"):
			return Select
		}
	}
}

// insert reads INSERT's head: INTO [TABLE] name | FUNCTION f(…), [(columns)],
// [PARTITION BY …], [SETTINGS …], and then what the rows come from.
func (p *parser) insert() (Statement, error) {
	for _, optional := range []string{"INTO", "TABLE"} {
		if p.is(p.peek(), optional) {
			p.next()
		}
	}
	if p.is(p.peek(), "FUNCTION") {
		p.next()
	}
	if err := p.name(); err != nil {
		return Statement{}, err
	}
	depth := 0
	for {
		t := p.next()
		switch {
		case t.kind == tokenIncomplete:
			return Statement{}, ErrIncomplete
		case t.kind == tokenEnd:
			// Without FORMAT, the data are values, as for a server.
			return p.data("Values", t.start, t.end)
		case p.punct(t, '('):
			if depth == 0 && p.opensSelect() {
				p.stmt.Kind = InsertSelect
				return p.body()
			}
			depth++
		case p.punct(t, ')'):
			depth--
		case depth > 0 || t.kind != tokenWord:
			if p.punct(t, ';') {
				return p.data("Values", t.start, t.end)
			}
		case p.is(t, "VALUES"):
			p.stmt.Kind = InsertValues
			p.stmt.Text = string(p.text)
			return p.stmt, nil
		case p.is(t, "FORMAT"):
			return p.format(t)
		case p.is(t, "FROM") && p.is(p.peek(), "INFILE"):
			p.stmt.ClientFile = "FROM INFILE"
			return p.body()
		case p.selects(t) || p.is(t, "WATCH"):
			p.stmt.Kind = InsertSelect
			return p.body()
		}
	}
}

func (p *parser) selects(t token) bool {
	return p.is(t, "SELECT") || p.is(t, "WITH")
}

// opensSelect tells (SELECT … from a list of columns that may be called so.
func (p *parser) opensSelect() bool {
	ahead := p.lexer
	if !p.selects(ahead.next()) {
		return false
	}
	after := ahead.next()
	return !ahead.punct(after, ',') && !ahead.punct(after, ')')
}

// name passes over a possibly qualified name.
func (p *parser) name() error {
	for {
		switch t := p.next(); t.kind {
		case tokenWord, tokenQuoted:
		case tokenIncomplete, tokenEnd:
			return ErrIncomplete
		case tokenPunct:
			// A parameter, {table:Identifier}, stands for a name.
			if !p.punct(t, '{') {
				return nil
			}
			for !p.punct(t, '}') {
				if t = p.next(); t.kind == tokenEnd || t.kind == tokenIncomplete {
					return ErrIncomplete
				}
			}
		}
		if !p.punct(p.peek(), '.') {
			return nil
		}
		p.next()
	}
}

// format reads the format's name after INSERT … FORMAT and finds its data.
func (p *parser) format(keyword token) (Statement, error) {
	t := p.next()
	if t.kind == tokenEnd || t.kind == tokenIncomplete {
		return Statement{}, ErrIncomplete
	}
	if p.is(t, "VALUES") {
		p.stmt.Kind = InsertValues
		p.stmt.Text = string(p.text)
		return p.stmt, nil
	}
	name := string(p.text[t.start:t.end])
	end := t.end
	if end < len(p.text) && p.text[end] == ';' {
		end++
	}
	return p.data(name, keyword.start, end)
}

// data ends the head at headEnd and finds where the data begin at or after
// from, as ClickHouse does: after spaces and at most one line end.
func (p *parser) data(format string, headEnd, from int) (Statement, error) {
	p.stmt.Kind = InsertData
	p.stmt.Format = format
	p.stmt.Text = strings.TrimSpace(string(p.text[:headEnd]))
	for from < len(p.text) && (p.text[from] == ' ' || p.text[from] == '\t' || p.text[from] == '\f') {
		from++
	}
	if from < len(p.text) && p.text[from] == '\r' {
		from++
	}
	if from < len(p.text) && p.text[from] == '\n' {
		from++
	}
	p.stmt.Data = from
	return p.stmt, nil
}

// body reads to the statement's end, noting the clauses that matter.
func (p *parser) body() (Statement, error) {
	depth := 0
	var before token
	for {
		t := p.next()
		switch {
		case t.kind == tokenIncomplete || t.kind == tokenEnd:
			// An open quote is ClickHouse's to complain about, with its position.
			p.stmt.Text = string(p.text)
			return p.stmt, nil
		case p.punct(t, '('):
			depth++
		case p.punct(t, ')'):
			depth--
		case p.punct(t, ';'):
			p.stmt.Text = string(p.text[:t.start])
			if p.peek().kind != tokenEnd {
				return Statement{}, ErrMultiple
			}
			return p.stmt, nil
		case p.is(t, "OUTFILE") && p.is(before, "INTO"):
			p.stmt.ClientFile = "INTO OUTFILE"
		case depth > 0:
		case p.is(t, "FORMAT"):
			p.outputFormat()
		case p.is(t, "WITH") && p.is(p.peek(), "TOTALS"):
			p.stmt.Totals = true
		}
		before = t
	}
}

// outputFormat notes FORMAT name where nothing but SETTINGS follows; a column
// may be called format.
func (p *parser) outputFormat() {
	ahead := p.lexer
	name := ahead.next()
	if name.kind != tokenWord {
		return
	}
	after := ahead.next()
	if after.kind == tokenEnd || ahead.punct(after, ';') || ahead.is(after, "SETTINGS") || ahead.is(after, "INTO") {
		p.stmt.Format = string(p.text[name.start:name.end])
	}
}
