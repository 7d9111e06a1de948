package grafana

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// provisioned reads a file of Grafana's provisioning; members that Grafana does not know are errors.
func provisioned(t *testing.T, path string, into any) string {
	t.Helper()
	text, err := os.ReadFile("provisioning/" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.DisallowUnknownField()); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return string(text)
}

type dataSources struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name, UID, Type, Access string
		IsDefault               bool `yaml:"isDefault"`
		Editable                bool
		JSONData                map[string]any    `yaml:"jsonData"`
		SecureJSONData          map[string]string `yaml:"secureJsonData"`
	}
}

// settings are the members of jsonData that the data source knows.
var settings = []string{"url", "username", "database", "dialTimeoutSec", "queryTimeoutSec", "maxRows", "organizations", "rowPolicies",
	"tlsAuth", "tlsAuthWithCACert", "tlsSkipVerify", "tlsServerName", "pollIntervalMs", "live"}

func TestDataSource(t *testing.T) {
	var d dataSources
	text := provisioned(t, "datasources/ringside.yaml", &d)
	if len(d.Datasources) != 1 || d.APIVersion != 1 {
		t.Fatalf("%d data sources of version %d", len(d.Datasources), d.APIVersion)
	}
	s := d.Datasources[0]
	if s.UID != "ringside" || s.Type != dataSourceType || s.Access != "proxy" {
		t.Errorf("%+v", s)
	}
	for name := range s.JSONData {
		if !slices.Contains(settings, name) {
			t.Errorf("the data source has no setting %s", name)
		}
	}
	for name, value := range s.SecureJSONData {
		if !strings.HasPrefix(value, "${") {
			t.Errorf("the secret %s is in the file", name)
		}
	}
	for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, "#   "+m[1]) {
			t.Errorf("the variable %s is not explained", m[1])
		}
	}
}

func TestDashboardProvider(t *testing.T) {
	var p struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name                  string
			OrgID                 int `yaml:"orgId"`
			Folder, Type          string
			DisableDeletion       bool `yaml:"disableDeletion"`
			AllowUIUpdates        bool `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
			Options               map[string]string
		}
	}
	provisioned(t, "dashboards/ringside.yaml", &p)
	// A folderUid would be refused where the alert rules have made the folder first, by its name alone.
	if len(p.Providers) != 1 || p.Providers[0].Folder != "Ringside" || p.Providers[0].Options["path"] != "${RINGSIDE_DASHBOARDS}" {
		t.Errorf("%+v", p)
	}
}

type alerting struct {
	APIVersion int `yaml:"apiVersion"`
	Groups     []struct {
		OrgID                  int `yaml:"orgId"`
		Name, Folder, Interval string
		Rules                  []rule
	}
}

type rule struct {
	UID, Title, Condition, For string
	NoDataState                string `yaml:"noDataState"`
	ExecErrState               string `yaml:"execErrState"`
	DashboardUID               string `yaml:"dashboardUid"`
	PanelID                    int    `yaml:"panelId"`
	Labels, Annotations        map[string]string
	Data                       []struct {
		RefID             string                 `yaml:"refId"`
		DatasourceUID     string                 `yaml:"datasourceUid"`
		RelativeTimeRange struct{ From, To int } `yaml:"relativeTimeRange"`
		Model             map[string]any
	}
}

func TestAlertRules(t *testing.T) {
	var a alerting
	provisioned(t, "alerting/ringside.yaml", &a)
	all := dashboards(t)
	uids := map[string]bool{}
	for _, g := range a.Groups {
		if every, err := time.ParseDuration(g.Interval); err != nil || every%(10*time.Second) != 0 || g.Folder != "Ringside" {
			t.Errorf("group %s: interval %s, a multiple of 10s is wanted; folder %s", g.Name, g.Interval, g.Folder)
		}
		for _, r := range g.Rules {
			if len(r.UID) == 0 || len(r.UID) > 40 || uids[r.UID] {
				t.Errorf("rule %s: uid %q is there twice or longer than 40 characters", r.Title, r.UID)
			}
			uids[r.UID] = true
			r.check(t, all)
		}
	}
	for _, uid := range []string{"ringside-longest-wait", "ringside-service-level", "ringside-nobody-free", "ringside-callbacks-overdue", "ringside-engine-lag"} {
		if !uids[uid] {
			t.Errorf("there is no rule %s", uid)
		}
	}
}

var refID = regexp.MustCompile(`\$([A-Z])\b`)

func (r rule) check(t *testing.T, all []dashboard) {
	t.Helper()
	if _, err := time.ParseDuration(r.For); err != nil || r.NoDataState != "OK" || r.ExecErrState != "Error" {
		t.Errorf("rule %s: for %q, no data %q, error %q", r.UID, r.For, r.NoDataState, r.ExecErrState)
	}
	if !slices.Contains([]string{"warning", "critical"}, r.Labels["severity"]) {
		t.Errorf("rule %s: severity %q", r.UID, r.Labels["severity"])
	}
	r.checkTexts(t, all)
	var refs []string
	for _, d := range r.Data {
		switch d.DatasourceUID {
		case "ringside":
			query := map[string]any{}
			for name, value := range d.Model {
				query[name] = value
			}
			checkQuery(t, "rule "+r.UID, query)
			// A second figure would be a second alert with the same labels, which Grafana refuses.
			if len(list(query["metrics"])) != 1 {
				t.Errorf("rule %s: query %s has %d figures, wanted is one", r.UID, d.RefID, len(list(query["metrics"])))
			}
		case "__expr__":
			text, _ := d.Model["expression"].(string)
			used := refID.FindAllStringSubmatch(text, -1)
			if len(used) == 0 {
				used = [][]string{{"", text}}
			}
			for _, m := range used {
				if !slices.Contains(refs, m[1]) {
					t.Errorf("rule %s: expression %s uses %s, which is not before it", r.UID, d.RefID, m[1])
				}
			}
		default:
			t.Errorf("rule %s: query %s asks the data source %s, which is not provisioned", r.UID, d.RefID, d.DatasourceUID)
		}
		if d.Model["refId"] != d.RefID {
			t.Errorf("rule %s: query %s calls itself %v", r.UID, d.RefID, d.Model["refId"])
		}
		refs = append(refs, d.RefID)
	}
	if !slices.Contains(refs, r.Condition) {
		t.Errorf("rule %s: condition %s is none of %q", r.UID, r.Condition, refs)
	}
}

// checkTexts holds what a notification says to labels that there are, and to dashboards that there are.
func (r rule) checkTexts(t *testing.T, all []dashboard) {
	t.Helper()
	if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
		t.Errorf("rule %s has no summary or description", r.UID)
	}
	links := 0
	for name, text := range r.Annotations {
		// Grafana expands $ in these files as variables of its environment, in some versions here, too.
		if strings.Contains(text, "$") {
			t.Errorf("rule %s: annotation %s has a $; write .Labels and .Values", r.UID, name)
		}
		for _, m := range regexp.MustCompile(`\.Labels\.(\w+)`).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(identities, m[1]) {
				t.Errorf("rule %s: annotation %s uses the label %s", r.UID, name, m[1])
			}
		}
		links += checkLinks(t, "rule "+r.UID, text, all)
	}
	if links == 0 {
		t.Errorf("rule %s links to no dashboard", r.UID)
	}
	for _, d := range all {
		if d.UID == r.DashboardUID && slices.ContainsFunc(d.Panels, func(p panel) bool { return p.ID == r.PanelID && p.Type != "row" }) {
			return
		}
	}
	t.Errorf("rule %s belongs to panel %d of %s, which does not exist", r.UID, r.PanelID, r.DashboardUID)
}
