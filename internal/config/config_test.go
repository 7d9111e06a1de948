package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringside.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t *testing.T, text string, environ ...string) *Config {
	t.Helper()
	c, err := Load(writeFile(t, text), environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	if _, err := Load("", nil); err != nil {
		t.Error(err)
	}
	if c := mustLoad(t, "\n# nothing\n"); !c.Kafka.Embedded || !c.Store.Embedded {
		t.Error("an empty file changed a default")
	}
}

func TestLoadReadsEveryShape(t *testing.T) {
	c := mustLoad(t, `
kafka:
  brokers: [a:9092, "b:9093"]
  tls:
  fetch: {max_bytes: 4MiB, max_wait: 1s500ms}
  start: latest
store:
  events: off
  flush: {rows: 2000}
rules:
  service_level:
    target: 92.5
    short_abandon: 5s
  organizations:
    - id: 6F9619FF-8B86-4D01-B42D-00CF4FC964FF
      time_zone: Europe/Oslo
      queues: [{id: 7c9e6679-7425-40de-944b-e07fc1f90ae7, opening_hours: {monday: ["08:00-24:00"]}}]
region_map:
  FI: &helsinki Europe/Helsinki
  finland: *helsinki
`)
	checks := []struct {
		what      string
		got, want any
	}{
		{"brokers", c.Kafka.Brokers, []string{"a:9092", "b:9093"}},
		{"embedded", c.Kafka.Embedded, false},
		{"an empty group keeps its defaults", c.Kafka.TLS, TLS{}},
		{"max_bytes", c.Kafka.Fetch.MaxBytes, Bytes(4 << 20)},
		{"a key not written keeps its default", c.Kafka.MaxMessageBytes, Bytes(1 << 20)},
		{"max_wait", c.Kafka.Fetch.MaxWait.Std(), 1500 * time.Millisecond},
		{"off is a word, not a boolean", c.Store.Events, EventsOff},
		{"rows", c.Store.Flush.Rows, 2000},
		{"target", *c.Rules.ServiceLevel.Target, 92.5},
		{"threshold", c.Rules.ServiceLevel.Threshold.Std(), 20 * time.Second},
		{"organization", c.Rules.Organizations[0].ID.String(), "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"},
		{"inline", *c.Rules.Organizations[0].TimeZone, "Europe/Oslo"},
		{"span", c.Rules.Organizations[0].Queues[0].OpeningHours.Monday, []Span{{480, 1440}}},
		{"alias", c.RegionMap["finland"], "Europe/Helsinki"},
	}
	for _, k := range checks {
		if !reflect.DeepEqual(k.got, k.want) {
			t.Errorf("%s: %v, want %v", k.what, k.got, k.want)
		}
	}
}

func TestProblems(t *testing.T) {
	const dir = "ringside.yaml:"
	tests := []struct {
		name, text string
		environ    []string
		want       []string // one of each line of the error, in order
	}{
		{"misspelt key", "kafka:\n  broker: [a:1]\n", nil, []string{dir + "2: kafka.broker: unknown key; did you mean kafka.brokers?"}},
		{"misspelt group", "kafak:\n  port: 1\n", nil, []string{dir + "1: kafak: unknown key; did you mean kafka?"}},
		{"key at the wrong level", "\nretention:\n  calls_days: 3\n", nil, []string{dir + "2: retention: unknown key; did you mean store.retention?"}},
		{"key of a list element elsewhere", "queues: []\n", nil, []string{dir + "1: queues: unknown key; did you mean rules.organizations[].queues?"}},
		{"unknown key deep in a list", "rules:\n  organizations:\n    - id: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff\n      groops: []\n", nil,
			[]string{dir + "4: rules.organizations[0].groops: unknown key; did you mean rules.organizations[0].groups?"}},
		{"everything at once", "kafka:\n  port: 99999\n  start: middle\nhttp:\n  listen: nowhere\nlog: {level: loud}\n",
			[]string{"RINGSIDE_STORE_FLUSH_NOW=1ms"}, []string{
				"configuration: 5 problems",
				dir + "2: kafka.port: 99999: allowed are 0 to 65535",
				dir + `3: kafka.start: "middle": allowed are earliest, latest`,
				"RINGSIDE_STORE_FLUSH_NOW: store.flush.now: 1ms: allowed are 50ms to 1m",
				dir + `5: http.listen: "nowhere": wanted is host:port`,
				dir + `6: log.level: "loud": allowed are debug, info, warn, error`,
			}},
		{"wrong types", "kafka: {port: many, embedded: yes, brokers: a, fetch: 3, session_timeout: 10}\ndata_dir: [x]\nregion_map: x\n", nil, []string{
			"configuration: 7 problems",
			dir + `1: kafka.port: "many": is not a whole number`,
			dir + `1: kafka.embedded: "yes": allowed are true and false`,
			dir + "1: kafka.brokers: is a single value, wanted is a list",
			dir + "1: kafka.fetch: is a single value, wanted are settings below it",
			dir + `1: kafka.session_timeout: "10": is not a duration, write it as 250ms, 20s or 1h30m`,
			dir + "2: data_dir: is a list, wanted is one value",
			dir + "3: region_map: is a single value, wanted are names with values",
		}},
		{"no value", "data_dir:\n", nil, []string{dir + "1: data_dir: has no value"}},
		{"twice", "data_dir: a\ndata_dir: b\n", nil, []string{dir + "2: not YAML: mapping key"}},
		{"not YAML", "kafka:\n  port: [1\nlog: x\n", nil, []string{"not YAML: "}},
		{"two documents", "data_dir: a\n---\ndata_dir: b\n", nil, []string{dir + "3: a second document"}},
		{"a list", "- a\n", nil, []string{dir + "1: is a list, wanted are settings below it"}},
		{"alias without anchor", "data_dir: *nowhere\n", nil, []string{"nowhere"}},
		{"tag", "data_dir: !!str x\n", nil, []string{dir + "1: data_dir: has a tag"}},
		{"brokers beside embedded", "kafka: {embedded: true, brokers: ['a:1']}\n", nil, []string{"kafka.embedded: true beside kafka.brokers"}},
		{"no brokers", "kafka: {embedded: false}\n", nil, []string{"kafka.brokers: is empty"}},
		{"broker without port", "kafka: {brokers: [a]}\n", nil, []string{dir + `1: kafka.brokers[0]: "a": wanted is host:port`}},
		{"no url", "store: {embedded: false}\nprivacy: {numbers: drop}\n", nil, []string{"store.url: is empty"}},
		{"url beside embedded", "store: {embedded: true, url: 'http://a:1'}\n", nil, []string{"store.embedded: true beside store.url"}},
		{"one topic, two sources", "kafka: {topics: {user_events: {name: queue-events, source: avaya}}}\n", nil,
			[]string{`kafka.topics.user_events.source: "avaya": topic "queue-events" has the source "enreach" already`}},
		{"shared store without key", "store: {url: 'http://a:1'}\n", nil, []string{"privacy.key_file: is not set"}},
		{"tls settings without tls", "kafka: {tls: {ca_file: x}}\n", nil, []string{"kafka.tls.enabled: false, but"}},
		{"certificate without key", "kafka: {tls: {enabled: true, cert_file: x}}\n", nil, []string{"kafka.tls.cert_file: goes together"}},
		{"tls settings without https", "store: {url: 'http://a:1', tls: {ca_file: x}}\nprivacy: {numbers: drop}\n", nil, []string{"store.tls: is set, but"}},
		{"store certificate without key", "store: {url: 'https://a:1', tls: {cert_file: x}}\nprivacy: {numbers: drop}\n", nil, []string{"store.tls.cert_file: goes together"}},
		{"sasl without mechanism", "kafka: {sasl: {username: x}}\n", nil, []string{"kafka.sasl.mechanism: is empty"}},
		{"mechanism", "kafka: {sasl: {username: x, mechanism: GSSAPI}}\n", nil, []string{`kafka.sasl.mechanism: "GSSAPI": allowed are PLAIN`}},
		{"fetch size", "kafka: {fetch: {max_bytes: 1B}}\n", nil, []string{"kafka.fetch.max_bytes: 1: allowed are 1KiB to 1GiB"}},
		{"store port", "store: {port: 70000}\n", nil, []string{"store.port: 70000: allowed are 0 to 65535"}},
		{"store port of a server", "store: {url: 'http://a:1', port: 8123}\nprivacy: {numbers: drop}\n", nil, []string{"store.port: is that of the embedded ClickHouse, which is off"}},
		{"database", "store: {database: 'a`b'}\n", nil, []string{"store.database: \"a`b\": allowed are letters"}},
		{"zones", "rules: {time_zone: Mars/Olympus}\nregion_map: {X: Local}\n", nil, []string{
			"configuration: 2 problems",
			dir + `1: rules.time_zone: "Mars/Olympus": wanted is a zone`, dir + `2: region_map.X: "Local": wanted is a zone`}},
		{"hours overlap", "rules: {opening_hours: {monday: ['08:00-12:00', '11:00-13:00']}}\n", nil,
			[]string{"rules.opening_hours.monday: 08:00-12:00 and 11:00-13:00 overlap"}},
		{"night", "rules: {opening_hours: {monday: ['22:00-06:00']}}\n", nil, []string{"ends before it begins; for a night"}},
		{"hours are no time", "rules: {opening_hours: {monday: ['8-16']}}\n", nil, []string{"is not a span of a day"}},
		{"target", "rules: {service_level: {target: 101}}\n", nil, []string{"rules.service_level.target: 101: allowed are 0 to 100"}},
		{"target NaN", "rules: {service_level: {target: 'NaN'}}\n", nil, []string{"rules.service_level.target: NaN: allowed are 0 to 100"}},
		{"organization without id", "rules: {organizations: [{time_zone: UTC}]}\n", nil, []string{"rules.organizations[0].id: is missing"}},
		{"queue twice", "rules: {organizations: [{id: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff, queues: [{id: 7c9e6679-7425-40de-944b-e07fc1f90ae7}, {id: 7c9e6679-7425-40de-944b-e07fc1f90ae7}]}]}\n", nil,
			[]string{"rules.organizations[0].queues[1].id: 7c9e6679-7425-40de-944b-e07fc1f90ae7: listed before, at rules.organizations[0].queues[0]"}},
		{"bad id", "rules: {organizations: [{id: xyz}]}\n", nil, []string{`rules.organizations[0].id: "xyz": `}},
		{"definitions", "definitions: {lateness: 1s, overflow: {progress: ['A*b'], rejecting: ['']}}\n", nil, []string{
			"configuration: 3 problems", "definitions.lateness: 1s: allowed are 1m to 168h", `progress[0]: "A*b"`, "rejecting[0]: is empty"}},
		{"memory", "memory: {limit: 1MiB}\n", nil, []string{"memory.limit: 1MiB: allowed are 16MiB to"}},
		{"variable of a service link", "", []string{"RINGSIDE_KAFKA_PORT=tcp://10.0.0.1:9092"}, []string{"enableServiceLinks"}},
		{"variable is no list", "", []string{"RINGSIDE_RULES_ORGANIZATIONS={a: 1}"}, []string{"RINGSIDE_RULES_ORGANIZATIONS: rules.organizations: is a group of keys, wanted is a list"}},
		{"variable is no YAML", "", []string{"RINGSIDE_REGION_MAP=FI"}, []string{"RINGSIDE_REGION_MAP: region_map: wanted is YAML in one line"}},
		{"unknown key in a variable", "", []string{"RINGSIDE_RULES_ORGANIZATIONS=[{idd: 1}]"}, []string{
			"configuration: 2 problems", "RINGSIDE_RULES_ORGANIZATIONS: rules.organizations[0].idd: unknown key; did you mean rules.organizations[0].id?", ""}},
	}
	for _, k := range tests {
		t.Run(k.name, func(t *testing.T) {
			_, err := Load(writeFile(t, k.text), k.environ)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error %v, want Problems", err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(k.want) {
				t.Fatalf("got\n%s\nwant %d lines", err, len(k.want))
			}
			for i, want := range k.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("line %d: %s\nwant: %s", i, lines[i], want)
				}
			}
		})
	}
}

func TestLoadWithoutFile(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want one that says the file is missing", err)
	}
}

func TestEnvironWins(t *testing.T) {
	c := mustLoad(t, "kafka: {group: file, port: 1}\n",
		"RINGSIDE_KAFKA_GROUP=variable", "RINGSIDE_KAFKA_PORT=", "PATH=/bin",
		"RINGSIDE_KAFKA_BROKERS=a:1, b:2", "RINGSIDE_RULES_SERVICE_LEVEL_SHORT_ABANDON=7s",
		"RINGSIDE_RULES_OPENING_HOURS_FRIDAY=08:00-12:00,13:00-14:00", "RINGSIDE_REGION_MAP={FI: Europe/Helsinki}",
		"RINGSIDE_RULES_ORGANIZATIONS=[{id: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff, time_zone: Europe/Oslo}]")
	if c.Kafka.Group != "variable" || c.Kafka.Port != 1 {
		t.Errorf("group %q, port %d", c.Kafka.Group, c.Kafka.Port)
	}
	if !slices.Equal(c.Kafka.Brokers, []string{"a:1", "b:2"}) || c.Kafka.Embedded {
		t.Errorf("brokers %q, embedded %v", c.Kafka.Brokers, c.Kafka.Embedded)
	}
	if c.Rules.ServiceLevel.ShortAbandon.Std() != 7*time.Second || len(c.Rules.OpeningHours.Friday) != 2 ||
		c.RegionMap["FI"] != "Europe/Helsinki" || *c.Rules.Organizations[0].TimeZone != "Europe/Oslo" {
		t.Errorf("rules %s", c.Describe())
	}
}

func TestEnvNamesAreDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, s := range settingsOf(reflect.TypeFor[Config](), "", false) {
		if other, ok := seen[EnvName(s.path)]; ok {
			t.Errorf("%s and %s share %s", s.path, other, EnvName(s.path))
		}
		seen[EnvName(s.path)] = s.path
	}
	if seen["RINGSIDE_KAFKA_BROKERS"] != "kafka.brokers" || seen["RINGSIDE_DEFINITIONS_CALL_MAX_AGE_ANSWERED"] == "" {
		t.Errorf("names: %v", seen)
	}
}

func TestMisspeltVariableIsAWarning(t *testing.T) {
	c := mustLoad(t, "", "RINGSIDE_KAFKA_BROKER=a:1", "RINGSIDE_SERVICE_HOST=10.0.0.1", "RINGSIDE_TEST_ALL=1")
	want := []string{"RINGSIDE_KAFKA_BROKER is no setting; did you mean RINGSIDE_KAFKA_BROKERS?"}
	if !slices.Equal(c.Warnings(), want) {
		t.Errorf("warnings %q", c.Warnings())
	}
}

func TestTopicsList(t *testing.T) {
	one := Topic{"all", "enreach"}
	if got := (Topics{one, one, one}).List(); !slices.Equal(got, []Topic{one}) {
		t.Errorf("one topic: %v", got)
	}
	if got := Default().Kafka.Topics.List(); len(got) != 3 || got[0].Name != "queue-events" || got[2].Name != "callback-events" {
		t.Errorf("three topics: %v", got)
	}
}
