// Package sqltext reads as much of a ClickHouse statement as an HTTP endpoint
// needs: where an INSERT's data begin, which format is meant, where the
// statement ends. It does not judge the statement; ClickHouse does.
package sqltext

import (
	"bytes"
	"strings"
)

type tokenKind uint8

const (
	tokenEnd        tokenKind = iota
	tokenWord                 // bare identifier or keyword
	tokenQuoted               // `identifier` or "identifier"
	tokenLiteral              // string, heredoc or number
	tokenPunct                // one byte of anything else
	tokenIncomplete           // a quote or comment that the text ends within
)

type token struct {
	kind       tokenKind
	start, end int
}

// lexer walks over a statement's tokens, leaving out space and comments.
type lexer struct {
	text []byte
	pos  int
}

func (l *lexer) next() token {
	if !l.skipBlank() {
		return token{kind: tokenIncomplete, start: l.pos, end: len(l.text)}
	}
	start := l.pos
	if start >= len(l.text) {
		return token{kind: tokenEnd, start: start, end: start}
	}
	kind := l.scan()
	return token{kind: kind, start: start, end: l.pos}
}

func (l *lexer) scan() tokenKind {
	rest := l.text[l.pos:]
	switch c := rest[0]; {
	case isWordStart(c):
		n := 1
		for n < len(rest) && isWordPart(rest[n]) {
			n++
		}
		l.pos += n
		return tokenWord
	case c >= '0' && c <= '9':
		n := 1
		for n < len(rest) && (isWordPart(rest[n]) || rest[n] == '.') {
			n++
		}
		l.pos += n
		return tokenLiteral
	case c == '\'':
		return l.quoted('\'', tokenLiteral)
	case c == '`' || c == '"':
		return l.quoted(c, tokenQuoted)
	case c == '$':
		return l.heredoc()
	case bytes.HasPrefix(rest, []byte("‘")):
		return l.until("‘", "’", tokenLiteral)
	case bytes.HasPrefix(rest, []byte("“")):
		return l.until("“", "”", tokenQuoted)
	}
	l.pos++
	return tokenPunct
}

// quoted reads to the closing quote; a quote is escaped by a backslash or by
// doubling.
func (l *lexer) quoted(quote byte, kind tokenKind) tokenKind {
	for i := l.pos + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case quote:
			if i+1 < len(l.text) && l.text[i+1] == quote {
				i++
				continue
			}
			l.pos = i + 1
			return kind
		}
	}
	l.pos = len(l.text)
	return tokenIncomplete
}

// until reads from open to the next close; neither can be escaped.
func (l *lexer) until(open, closing string, kind tokenKind) tokenKind {
	from := l.pos + len(open)
	n := bytes.Index(l.text[from:], []byte(closing))
	if n < 0 {
		l.pos = len(l.text)
		return tokenIncomplete
	}
	l.pos = from + n + len(closing)
	return kind
}

// heredoc reads $tag$ … $tag$; a dollar that opens none is a punctuation.
func (l *lexer) heredoc() tokenKind {
	rest := l.text[l.pos:]
	n := 1
	for n < len(rest) && isWordPart(rest[n]) && rest[n] != '$' {
		n++
	}
	if n >= len(rest) || rest[n] != '$' {
		l.pos++
		return tokenPunct
	}
	tag := string(rest[:n+1])
	return l.until(tag, tag, tokenLiteral)
}

// skipBlank passes over space and comments; false if a comment does not end.
func (l *lexer) skipBlank() bool {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		switch {
		case isSpace(rest[0]):
			l.pos++
		case bytes.HasPrefix(rest, []byte("\u00a0")):
			l.pos += len("\u00a0")
		case bytes.HasPrefix(rest, []byte("\ufeff")):
			l.pos += len("\ufeff")
		case bytes.HasPrefix(rest, []byte("--")), bytes.HasPrefix(rest, []byte("# ")), bytes.HasPrefix(rest, []byte("#!")):
			n := bytes.IndexByte(rest, '\n')
			if n < 0 {
				l.pos = len(l.text)
				return true
			}
			l.pos += n + 1
		case bytes.HasPrefix(rest, []byte("/*")):
			n := bytes.Index(rest[2:], []byte("*/"))
			if n < 0 {
				return false
			}
			l.pos += n + 4
		default:
			return true
		}
	}
	return true
}

// is reports whether t is the given keyword, in any case.
func (l *lexer) is(t token, keyword string) bool {
	return t.kind == tokenWord && len(keyword) == t.end-t.start &&
		strings.EqualFold(string(l.text[t.start:t.end]), keyword)
}

func (l *lexer) punct(t token, c byte) bool {
	return t.kind == tokenPunct && l.text[t.start] == c
}

// peek returns the token that next would.
func (l *lexer) peek() token {
	ahead := *l
	return ahead.next()
}

func isSpace(c byte) bool { return c == ' ' || (c >= '\t' && c <= '\r') }

func isWordStart(c byte) bool {
	return c == '_' || (c|0x20 >= 'a' && c|0x20 <= 'z')
}

func isWordPart(c byte) bool {
	return isWordStart(c) || (c >= '0' && c <= '9') || c == '$'
}
