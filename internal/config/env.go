package config

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

const envPrefix = "RINGSIDE_"

// EnvName returns the variable that overrides the setting at path: kafka.brokers → RINGSIDE_KAFKA_BROKERS.
func EnvName(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// bindEnviron applies the variables of environ in the order of the settings. An empty variable counts as not set.
// One that resembles a setting but is none is a warning, not an error: container platforms set variables of their own.
func (c *Config) bindEnviron(environ []string) Problems {
	values := map[string]string{}
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok && strings.HasPrefix(name, envPrefix) && value != "" {
			values[name] = value
		}
	}
	var problems Problems
	var names []string
	for _, s := range settingsOf(reflect.TypeFor[Config](), "", false) {
		name := EnvName(s.path)
		names = append(names, name)
		if value, ok := values[name]; ok {
			problems = append(problems, c.bindVariable(name, value, s.path)...)
			delete(values, name)
		}
	}
	c.bindTokens(values)
	for name := range values {
		if best := nearest(name, names); distance(name, best) <= 3 {
			c.warnings = append(c.warnings, fmt.Sprintf("%s is no setting; did you mean %s?", name, best))
		}
	}
	slices.Sort(c.warnings)
	return problems
}

func (c *Config) bindVariable(name, value, path string) Problems {
	b := binder{origins: c.origins, source: func(int) string { return name }}
	v := locate(reflect.ValueOf(c).Elem(), path)
	kind, typ := shapeOf(v.Type())
	if kind != scalar {
		node, ok := b.structured(value, kind, path)
		if ok {
			b.bind(node, v, path)
		}
		return b.problems
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(typ))
		v = v.Elem()
	}
	c.origins[path] = name
	if err := setText(v, value); err != nil {
		message := describeValue(v.Type(), value, err)
		if strings.HasPrefix(value, "tcp://") {
			message += "; Kubernetes sets such variables for services, set enableServiceLinks: false"
		}
		return Problems{{name, path, message}}
	}
	return nil
}

// structured reads a list or dictionary: YAML in one line, or for a list of texts just the texts with commas between.
func (b *binder) structured(value string, kind shape, path string) (ast.Node, bool) {
	node, problem := parseYAML([]byte(value))
	if problem == nil && node != nil {
		if _, plain := scalarText(node); !plain {
			b.collectAnchors(node)
			return node, true
		}
	}
	if kind == list && !strings.ContainsAny(value, "[]{}\n") {
		items := strings.Split(value, ",")
		for i, item := range items {
			items[i] = "'" + strings.ReplaceAll(strings.TrimSpace(item), "'", "''") + "'"
		}
		if node, problem = parseYAML([]byte("[" + strings.Join(items, ",") + "]")); problem == nil {
			return node, true
		}
	}
	message := "wanted is YAML in one line, as {a: b} or [a, b]"
	if problem != nil {
		message += ": " + problem.Message
	}
	b.problems = append(b.problems, Problem{b.source(0), path, message})
	return nil, false
}

// locate returns the field of v that path names and makes the optional groups on the way.
func locate(v reflect.Value, path string) reflect.Value {
	for key := range strings.SplitSeq(path, ".") {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		fields := fieldsOf(v.Type())
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
		if i < 0 {
			panic("BUG: no setting " + path)
		}
		v = v.FieldByIndex(fields[i].index)
	}
	return v
}

// readSecretFiles fills secrets from the files named for them. A file's last line end is not part of the secret.
func (c *Config) readSecretFiles() Problems {
	var problems Problems
	for _, s := range []struct {
		path, file string
		secret     *Secret
	}{
		{"kafka.sasl.password", c.Kafka.SASL.PasswordFile, &c.Kafka.SASL.Password},
		{"store.password", c.Store.PasswordFile, &c.Store.Password},
		{"privacy.key", c.Privacy.KeyFile, &c.Privacy.Key},
	} {
		if s.file == "" {
			continue
		}
		key := s.path + "_file"
		if s.secret.IsSet() {
			problems = append(problems, Problem{c.origins.of(key), key, "set beside " + s.path + "; use one of them"})
			continue
		}
		text, err := os.ReadFile(s.file)
		if err != nil {
			problems = append(problems, Problem{c.origins.of(key), key, err.Error()})
			continue
		}
		*s.secret = NewSecret(strings.TrimRight(string(text), "\r\n"))
		c.origins[s.path] = s.file
		if !s.secret.IsSet() {
			problems = append(problems, Problem{c.origins.of(key), key, "the file is empty: " + s.file})
		}
	}
	return problems
}
