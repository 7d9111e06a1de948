// Package sqlmacro makes a statement of a user's SQL: macros become parameters of ClickHouse, and what is no reading query of
// one statement is refused.
package sqlmacro

import (
	"fmt"
	"strings"
)

// kind of a token.
type kind int

const (
	word   kind = iota // a name or a keyword
	quoted             // a name in ` or "
	opaque             // text, comment, space or number: nothing in it counts
	mark               // any other character
)

type token struct {
	kind kind
	text string // as written
	name string // of word and quoted: what is named
}

// scan takes SQL apart as ClickHouse's lexer does, and refuses what it could be misled by: texts between dollar signs and
// typographic quotes.
func scan(sql string) (tokens []token, err error) {
	for i := 0; i < len(sql); {
		n, k, err := next(sql[i:])
		if err != nil {
			return nil, err
		}
		t := token{kind: k, text: sql[i : i+n]}
		switch k {
		case word:
			t.name = t.text
		case quoted:
			t.name = unquote(t.text)
		}
		tokens = append(tokens, t)
		i += n
	}
	return tokens, nil
}

// next is the length and the kind of the token that s begins with.
func next(s string) (int, kind, error) {
	switch c := s[0]; {
	case c == '\'':
		return until(s, '\'', opaque, "text")
	case c == '`' || c == '"':
		return until(s, c, quoted, "name")
	case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "# "), strings.HasPrefix(s, "#!"):
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			return i + 1, opaque, nil
		}
		return len(s), opaque, nil
	case strings.HasPrefix(s, "/*"):
		i := strings.Index(s[2:], "*/")
		if i < 0 {
			return 0, 0, fmt.Errorf("a comment of the SQL has no end")
		}
		return i + 4, opaque, nil
	case typographic(s):
		return 0, 0, fmt.Errorf("the SQL has typographic quotes: write ' or \"")
	case c >= 0x80:
		return span(s, func(b byte) bool { return b >= 0x80 }), opaque, nil // to ClickHouse a space, or an error
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		return span(s, func(b byte) bool { return strings.IndexByte(" \t\n\r\f\v", b) >= 0 }), opaque, nil
	case inName(c):
		n := span(s, inName)
		if strings.ContainsRune(s[:n], '$') && (!strings.HasPrefix(s, "$__") || strings.ContainsRune(s[3:n], '$')) {
			return 0, 0, fmt.Errorf("%.32q: outside of quotes, $ begins macros only", s[:n])
		}
		if c >= '0' && c <= '9' {
			return n, opaque, nil
		}
		return n, word, nil
	}
	return 1, mark, nil
}

// until finds the end of what is quoted by q, which is within it doubled or behind a backslash.
func until(s string, q byte, k kind, what string) (int, kind, error) {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == q && i+1 < len(s) && s[i+1] == q:
			i++
		case s[i] == q:
			return i + 1, k, nil
		}
	}
	return 0, 0, fmt.Errorf("a %s of the SQL has no closing %c", what, q)
}

func span(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func inName(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// typographic quotes are quotes to ClickHouse.
func typographic(s string) bool {
	for _, q := range []string{"‘", "’", "“", "”"} {
		if strings.HasPrefix(s, q) {
			return true
		}
	}
	return false
}

// unquote is the name within ` or ". Escapes that spell letters otherwise are resolved as far as they can name a function.
func unquote(text string) string {
	q := text[:1]
	text = strings.ReplaceAll(text[1:len(text)-1], q+q, q)
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		var c byte
		if n, err := fmt.Sscanf(text[i:], "x%2x", &c); err == nil && n == 1 {
			b.WriteByte(c)
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
