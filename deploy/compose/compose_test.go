// Package compose is a composition of containers for trying Ringside out. It consists of files for a container runtime, and of
// a test that they fit together.
package compose

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"ringside/internal/config"
)

// composition are the members of a compose file that are used here; others are errors.
type composition struct {
	Name     string
	Services map[string]service
	Volumes  map[string]any
}

type service struct {
	Image           string
	Build           struct{ Context, Dockerfile string }
	Restart         string
	StopGracePeriod string               `yaml:"stop_grace_period"`
	DependsOn       map[string]condition `yaml:"depends_on"`
	Entrypoint      []string
	Command         []string
	Environment     map[string]string
	Ports, Volumes  []string
	Ulimits         map[string]any
	Healthcheck     struct {
		Test              []string
		Interval, Timeout string
		Retries           int
		StartPeriod       string `yaml:"start_period"`
	}
}

type condition struct{ Condition string }

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func load(t *testing.T) composition {
	t.Helper()
	var c composition
	if err := yaml.UnmarshalWithOptions([]byte(text(t, "docker-compose.yaml")), &c, yaml.DisallowUnknownField()); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestServicesFitTogether(t *testing.T) {
	c := load(t)
	for _, name := range []string{"kafka", "topics", "clickhouse", "ringside", "gateway", "grafana"} {
		if _, ok := c.Services[name]; !ok {
			t.Errorf("there is no service %s", name)
		}
	}
	for name, s := range c.Services {
		if s.Image == "" || s.Restart == "" || strings.HasSuffix(s.Image, ":latest") {
			t.Errorf("%s: image %q, restart %q", name, s.Image, s.Restart)
		}
		for other, when := range s.DependsOn {
			o, ok := c.Services[other]
			if !ok || when.Condition == "service_healthy" && len(o.Healthcheck.Test) == 0 || when.Condition == "service_completed_successfully" && o.Restart != "on-failure" {
				t.Errorf("%s waits for %s to be %s, which it never is", name, other, when.Condition)
			}
		}
		if s.Restart == "unless-stopped" && len(s.Healthcheck.Test) == 0 {
			t.Errorf("%s has no health check", name)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to others", name, port)
			}
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if !strings.HasPrefix(source, ".") {
				if _, ok := c.Volumes[source]; !ok {
					t.Errorf("%s: there is no volume %s", name, source)
				}
				continue
			}
			// The build of the plugin is made, not kept.
			if _, err := os.Stat(source); err != nil && filepath.Base(source) != "dist" {
				t.Errorf("%s: %s does not exist", name, source)
			}
			if !strings.HasSuffix(volume, ":ro") {
				t.Errorf("%s can write to %s", name, source)
			}
		}
	}
}

// Every secret is asked for, is in the sample, and is nowhere else.
func TestSecretsComeFromOutside(t *testing.T) {
	c := load(t)
	sample := text(t, "env.sample")
	wanted := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{(\w+):\?`).FindAllStringSubmatch(text(t, "docker-compose.yaml"), -1) {
		wanted[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^(\w+)=(.*)$`).FindAllStringSubmatch(sample, -1) {
		if !wanted[m[1]] || m[2] != "" {
			t.Errorf("env.sample has %s=%s, which the composition does not ask for or has a value", m[1], m[2])
		}
		delete(wanted, m[1])
	}
	for name := range wanted {
		t.Errorf("env.sample lacks %s", name)
	}
	for name, s := range c.Services {
		for variable, value := range s.Environment {
			if (strings.Contains(variable, "PASSWORD") || strings.Contains(variable, "KEY") || strings.Contains(variable, "TOKEN")) && !strings.HasPrefix(value, "${") {
				t.Errorf("%s: %s is %q", name, variable, value)
			}
		}
	}
}

// The engine accepts its settings, and they are those of the services beside it.
func TestEngineSettings(t *testing.T) {
	c := load(t)
	var environment []string
	for name := range c.Services["ringside"].Environment {
		environment = append(environment, name+"=a-secret-of-twenty-four!")
	}
	settings, err := config.Load("ringside.yaml", environment)
	if err != nil {
		t.Fatal(err)
	}
	if len(settings.Warnings()) > 0 {
		t.Errorf("warnings: %q", settings.Warnings())
	}
	if settings.Store.Embedded || settings.Kafka.Embedded {
		t.Error("the engine brings its own Kafka or ClickHouse")
	}
	if got := c.Services["kafka"].Environment["KAFKA_ADVERTISED_LISTENERS"]; !strings.Contains(got, "INSIDE://"+settings.Kafka.Brokers[0]+",") {
		t.Errorf("Kafka is at %s, and Ringside looks for it at %s", got, settings.Kafka.Brokers[0])
	}
	topics := strings.Join(c.Services["topics"].Command, "\n")
	for _, topic := range settings.Kafka.Topics.List() {
		if !regexp.MustCompile(`for topic in [^;]*\b` + topic.Name + `\b`).MatchString(topics) {
			t.Errorf("nobody makes the topic %s", topic.Name)
		}
	}
	roles := text(t, "../clickhouse/roles.sql")
	for _, user := range []string{settings.Store.Username, c.Services["grafana"].Environment["RINGSIDE_DATASOURCE_USER"]} {
		if !strings.Contains(roles, "CREATE USER IF NOT EXISTS "+user+" ") {
			t.Errorf("nobody makes the ClickHouse user %s", user)
		}
	}
	if c.Services["grafana"].Environment["RINGSIDE_DATASOURCE_URL"] != settings.Store.URL {
		t.Errorf("Grafana asks %s, Ringside writes to %s", c.Services["grafana"].Environment["RINGSIDE_DATASOURCE_URL"], settings.Store.URL)
	}
}

// The gateway accepts its settings, keeps its spool in its volume, and sends to the same Kafka as the engine reads.
func TestGatewaySettings(t *testing.T) {
	gateway := load(t).Services["gateway"]
	var environment []string
	for name := range gateway.Environment {
		environment = append(environment, name+"=a-secret-of-twenty-four!")
	}
	settings, err := config.Load("gateway.yaml", environment)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := config.Load("ringside.yaml", []string{"RINGSIDE_PRIVACY_KEY=a-secret-of-twenty-four!"})
	if err != nil {
		t.Fatal(err)
	}
	if len(settings.Warnings()) > 0 || !slices.Equal(settings.Kafka.Brokers, engine.Kafka.Brokers) {
		t.Errorf("warnings %q, brokers %q and the engine's %q", settings.Warnings(), settings.Kafka.Brokers, engine.Kafka.Brokers)
	}
	if !slices.Contains(gateway.Volumes, "gateway:"+settings.DataDir) {
		t.Errorf("the spool under %s is in none of %q", settings.DataDir, gateway.Volumes)
	}
	_, port, _ := strings.Cut(settings.Webhook.Listen, ":")
	if !slices.Contains(gateway.Ports, "127.0.0.1:"+port+":"+port) {
		t.Errorf("it listens at %s, and the ports are %q", settings.Webhook.Listen, gateway.Ports)
	}
}

// Grafana is given every variable that the provisioning uses, and every file where it looks for it.
func TestGrafanaIsProvisioned(t *testing.T) {
	grafana := load(t).Services["grafana"]
	files, err := filepath.Glob("../grafana/provisioning/*/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(text(t, file), -1) {
			if grafana.Environment[m[1]] == "" {
				t.Errorf("%s uses %s, which Grafana is not given", file, m[1])
			}
		}
		folder := filepath.Base(filepath.Dir(file))
		if !slices.Contains(grafana.Volumes, "../grafana/provisioning/"+folder+":/etc/grafana/provisioning/"+folder+":ro") {
			t.Errorf("Grafana is not given %s", file)
		}
	}
	dashboards := grafana.Environment["RINGSIDE_DASHBOARDS"]
	if !slices.Contains(grafana.Volumes, "../grafana/dashboards:"+dashboards+":ro") {
		t.Errorf("the dashboards are not at %s", dashboards)
	}
	home := grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	if _, err := os.Stat(filepath.Join("../grafana/dashboards", filepath.Base(home))); err != nil || filepath.Dir(home) != dashboards {
		t.Errorf("the home dashboard %s: %v", home, err)
	}
	plugin := grafana.Environment["GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS"]
	if !slices.Contains(grafana.Volumes, "../../grafana-plugin/dist:/var/lib/grafana/plugins/"+plugin+":ro") || !strings.Contains(text(t, "../grafana/provisioning/datasources/ringside.yaml"), "type: "+plugin+"\n") {
		t.Errorf("the plugin %s is not the one that is provisioned", plugin)
	}
}

// The image is built with the Go that the module asks for.
func TestImageHasTheModulesGo(t *testing.T) {
	module := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(text(t, "../../go.mod"))
	image := regexp.MustCompile(`FROM golang:(\d+\.\d+)-`).FindStringSubmatch(text(t, "../docker/Dockerfile"))
	if module == nil || image == nil || module[1] != image[1] {
		t.Errorf("the module asks for Go %q, the image has %q", module, image)
	}
}
