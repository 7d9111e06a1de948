package config

import (
	"encoding"
	"reflect"
	"strings"
)

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// field is one key of a struct.
type field struct {
	key   string
	index []int // for reflect.Value.FieldByIndex: inline structs are flattened
	typ   reflect.Type
}

// fieldsOf returns the keys of a struct in the order of their declaration.
func fieldsOf(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if option == "inline" {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				list = append(list, inner)
			}
			continue
		}
		if key == "" {
			panic("BUG: field " + t.Name() + "." + f.Name + " has no yaml key")
		}
		list = append(list, field{key, []int{i}, f.Type})
	}
	return list
}

// shape is how a type is written in YAML.
type shape uint8

const (
	scalar shape = iota
	mapping
	list
	dictionary // free keys
)

// shapeOf returns the shape of t and the type without its pointer.
func shapeOf(t reflect.Type) (shape, reflect.Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		return scalar, t
	case t.Kind() == reflect.Struct:
		return mapping, t
	case t.Kind() == reflect.Slice:
		return list, t
	case t.Kind() == reflect.Map:
		return dictionary, t
	}
	return scalar, t
}

// setting is one key that can be set: a scalar, a list or a dictionary.
type setting struct {
	path string // kafka.brokers; rules.organizations[].id
	typ  reflect.Type
}

// settingsOf returns every setting under t in order of declaration. With inLists the keys of list elements follow.
func settingsOf(t reflect.Type, path string, inLists bool) []setting {
	kind, t := shapeOf(t)
	if kind != mapping {
		return []setting{{path, t}}
	}
	var all []setting
	for _, f := range fieldsOf(t) {
		p := join(path, f.key)
		all = append(all, settingsOf(f.typ, p, inLists)...)
		if kind, ft := shapeOf(f.typ); inLists && kind == list {
			if kind, _ := shapeOf(ft.Elem()); kind == mapping {
				all = append(all, settingsOf(ft.Elem(), p+"[]", inLists)...)
			}
		}
	}
	return all
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// suggest names the known key that was probably meant by name under path: one spelt nearly so beside it, else one of
// the same name elsewhere, else the nearest beside it.
func suggest(path, name string, siblings []string) string {
	best := nearest(name, siblings)
	if best != "" && len(name) > 0 && distance(name, best) <= max(1, len(name)/3) {
		return join(path, best)
	}
	for _, s := range settingsOf(reflect.TypeFor[Config](), "", true) {
		parts := strings.Split(s.path, ".")
		for i, part := range parts {
			if strings.TrimSuffix(part, "[]") == name {
				return strings.TrimSuffix(strings.Join(parts[:i+1], "."), "[]")
			}
		}
	}
	return join(path, best)
}
