package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
)

const samplePath = "../../deploy/ringside.yaml"

func readSample(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(samplePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keysIn returns the paths of every setting written in a YAML text, list elements as [].
func keysIn(t *testing.T, text string) map[string]bool {
	t.Helper()
	root, problem := parseYAML([]byte(text))
	if problem != nil {
		t.Fatalf("line %d: %s", problem.line, problem.Message)
	}
	keys := map[string]bool{}
	var walk func(n ast.Node, path string)
	walk = func(n ast.Node, path string) {
		keys[path] = true
		switch n := n.(type) {
		case ast.MapNode:
			for it := n.MapRange(); it.Next(); {
				walk(it.Value(), join(path, it.Key().GetToken().Value))
			}
		case *ast.SequenceNode:
			for _, item := range n.Values {
				walk(item, path+"[]")
			}
		}
	}
	walk(root, "")
	return keys
}

func TestSampleHoldsTheDefaults(t *testing.T) {
	got, err := Load(samplePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Kafka.Brokers, want.Rules.Organizations, want.RegionMap = []string{}, []OrganizationRules{}, map[string]string{}
	want.Webhook.Endpoints = []WebhookEndpoint{}
	got.origins, want.origins = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the sample differs from the defaults:\n%s\nwanted\n%s", got.Describe(), want.Describe())
	}
}

func TestSampleNamesEverySetting(t *testing.T) {
	written := keysIn(t, readSample(t))
	optional := regexp.MustCompile(`^rules\.opening_hours\.`) // null in the sample, shown by its example
	for _, s := range settingsOf(reflect.TypeFor[Config](), "", false) {
		if !written[s.path] && !optional.MatchString(s.path) {
			t.Errorf("deploy/ringside.yaml does not name %s", s.path)
		}
	}
}

// The example lines replace the plain line of their key; together they must load and show every key of lists.
func TestSampleExamplesLoadAndShowEveryListKey(t *testing.T) {
	var lines []string
	for line := range strings.SplitSeq(readSample(t), "\n") {
		indent, example, ok := strings.Cut(line, "#| ")
		if !ok {
			lines = append(lines, line)
			continue
		}
		line = indent + example
		key, _, _ := strings.Cut(line, ":")
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, key+":") }); i >= 0 && !strings.HasPrefix(example, " ") {
			lines[i] = ""
		}
		lines = append(lines, line)
	}
	text := strings.Join(lines, "\n")
	written := keysIn(t, text)
	for _, s := range settingsOf(reflect.TypeFor[Config](), "", true) {
		shownAbove := strings.Contains(s.path, "[].opening_hours.") && written["rules.opening_hours"+s.path[strings.LastIndex(s.path, "."):]]
		if !written[s.path] && !shownAbove {
			t.Errorf("deploy/ringside.yaml shows no example of %s", s.path)
		}
	}
	path := filepath.Join(t.TempDir(), "example.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	// The examples switch the embedded parts off, which the plain lines leave on.
	c, err := Load(path, []string{"RINGSIDE_KAFKA_EMBEDDED=false", "RINGSIDE_STORE_EMBEDDED=false", "RINGSIDE_PRIVACY_KEY=0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rules.Organizations) != 1 || c.RegionMap["FI"] != "Europe/Helsinki" {
		t.Errorf("the examples were not read: %+v", c.Rules.Organizations)
	}
}
