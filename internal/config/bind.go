package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// binder puts a YAML tree into a struct and collects everything that does not fit, with its line.
type binder struct {
	source   func(line int) string // names a line in messages
	origins  origins
	anchors  map[string]ast.Node
	problems Problems
}

func (c *Config) bindFile(name string, text []byte) Problems {
	return c.bindSections(name, text, reflect.ValueOf(c).Elem())
}

// bindSections puts text into a struct that has sections of the configuration, or all of them.
func (c *Config) bindSections(name string, text []byte, sections reflect.Value) Problems {
	b := binder{origins: c.origins, source: func(line int) string { return name + ":" + strconv.Itoa(line) }}
	node, problem := parseYAML(text)
	if problem != nil {
		problem.Where = b.source(problem.line)
		return Problems{problem.Problem}
	}
	if node == nil {
		return nil
	}
	b.collectAnchors(node)
	b.bind(node, sections, "")
	return b.problems
}

type syntaxProblem struct {
	Problem
	line int
}

var positionPrefix = regexp.MustCompile(`^\[\d+:\d+\] `)

// parseYAML returns the root of the one document in text, or nil where it is empty. A syntax error does not quote the
// text around it: that could be a secret.
func parseYAML(text []byte) (ast.Node, *syntaxProblem) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		p := &syntaxProblem{line: 1}
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			if t := syntax.GetToken(); t != nil && t.Position != nil {
				p.line = t.Position.Line
			}
			p.Message = "not YAML: " + syntax.GetMessage()
		} else {
			p.Message = "not YAML: " + positionPrefix.ReplaceAllString(err.Error(), "")
		}
		return nil, p
	}
	var root ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			p := &syntaxProblem{line: lineOf(doc.Body)}
			p.Message = "a second document; the configuration is one"
			return nil, p
		}
		root = doc.Body
	}
	return root, nil
}

func lineOf(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

type visitFunc func(ast.Node)

func (f visitFunc) Visit(n ast.Node) ast.Visitor { f(n); return f }

func (b *binder) collectAnchors(root ast.Node) {
	b.anchors = map[string]ast.Node{}
	ast.Walk(visitFunc(func(n ast.Node) {
		if a, ok := n.(*ast.AnchorNode); ok {
			b.anchors[a.Name.GetToken().Value] = a.Value
		}
	}), root)
}

func (b *binder) fail(n ast.Node, path, format string, args ...any) {
	b.problems = append(b.problems, Problem{b.source(lineOf(n)), path, fmt.Sprintf(format, args...)})
}

// bind puts n into v, which path names.
func (b *binder) bind(n ast.Node, v reflect.Value, path string) {
	n, ok := b.resolve(n, path)
	if !ok {
		return
	}
	kind, typ := shapeOf(v.Type())
	if kind != mapping || strings.HasSuffix(path, "]") { // a group that is written sets nothing by itself
		b.origins[path] = b.source(lineOf(n))
	}
	if _, null := n.(*ast.NullNode); null {
		b.bindNull(n, v, kind, path)
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(typ))
		v = v.Elem()
	}
	switch kind {
	case mapping:
		b.bindMapping(n, v, path)
	case dictionary:
		b.bindDictionary(n, v, path)
	case list:
		b.bindList(n, v, path)
	case scalar:
		text, ok := scalarText(n)
		if !ok {
			b.fail(n, path, "is %s, wanted is one value; a text with a colon needs quotes", kindOf(n))
			return
		}
		if err := setText(v, text); err != nil {
			b.fail(n, path, "%s", describeValue(v.Type(), text, err))
		}
	}
}

// bindNull: nothing written after the colon. A group of settings keeps its defaults, a list is empty, an optional
// setting is unset; a plain one must have a value.
func (b *binder) bindNull(n ast.Node, v reflect.Value, kind shape, path string) {
	switch {
	case v.Kind() == reflect.Pointer || kind == list || kind == dictionary:
		v.SetZero()
	case kind == scalar:
		b.fail(n, path, "has no value; write one, or take the line out")
	}
}

// resolve follows anchors and aliases.
func (b *binder) resolve(n ast.Node, path string) (ast.Node, bool) {
	switch t := n.(type) {
	case *ast.AnchorNode:
		return b.resolve(t.Value, path)
	case *ast.AliasNode:
		name := t.Value.GetToken().Value
		target, ok := b.anchors[name]
		if !ok {
			b.fail(n, path, "alias *%s has no anchor", name)
			return nil, false
		}
		delete(b.anchors, name) // an alias inside its own anchor would never end
		defer func() { b.anchors[name] = target }()
		return b.resolve(target, path)
	case *ast.TagNode:
		b.fail(n, path, "has a tag; tags have no meaning here")
		return nil, false
	}
	return n, true
}

func (b *binder) bindMapping(n ast.Node, v reflect.Value, path string) {
	m, ok := n.(ast.MapNode)
	if !ok {
		b.fail(n, path, "is %s, wanted are settings below it", kindOf(n))
		return
	}
	fields := fieldsOf(v.Type())
	keys := make([]string, len(fields))
	byKey := make(map[string]field, len(fields))
	for i, f := range fields {
		keys[i], byKey[f.key] = f.key, f
	}
	for it := m.MapRange(); it.Next(); {
		key := it.Key().GetToken().Value
		f, known := byKey[key]
		if !known {
			b.fail(it.Key(), join(path, key), "unknown key; did you mean %s?", suggest(path, key, keys))
			continue
		}
		b.bind(it.Value(), v.FieldByIndex(f.index), join(path, key))
	}
}

func (b *binder) bindDictionary(n ast.Node, v reflect.Value, path string) {
	m, ok := n.(ast.MapNode)
	if !ok {
		b.fail(n, path, "is %s, wanted are names with values", kindOf(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for it := m.MapRange(); it.Next(); {
		key, elem := it.Key().GetToken().Value, reflect.New(v.Type().Elem()).Elem()
		b.bind(it.Value(), elem, join(path, key))
		v.SetMapIndex(reflect.ValueOf(key), elem)
	}
}

func (b *binder) bindList(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		b.fail(n, path, "is %s, wanted is a list", kindOf(n))
		return
	}
	s := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		b.bind(item, s.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(s)
}

func scalarText(n ast.Node) (string, bool) {
	switch t := n.(type) {
	case *ast.StringNode:
		return t.Value, true
	case *ast.LiteralNode:
		return t.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return "a group of keys"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "empty"
	}
	return "a single value"
}

// setText parses text into the scalar v.
func setText(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return errors.New("allowed are true and false")
		}
		v.SetBool(text == "true")
	case reflect.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errors.New("is not a whole number")
		}
		v.SetInt(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New("is not a number")
		}
		v.SetFloat(f)
	default:
		panic("BUG: no text form for " + v.Type().String())
	}
	return nil
}

// describeValue words a parse error; it does not show a secret.
func describeValue(t reflect.Type, text string, err error) string {
	if t == reflect.TypeFor[Secret]() {
		return err.Error()
	}
	return fmt.Sprintf("%q: %s", text, err)
}
