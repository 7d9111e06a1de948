// Package clickhouse holds the roles, users and row policies of a ClickHouse server. It consists of SQL for an
// administrator, and of tests of it.
package clickhouse

import (
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringside/store"
	"ringside/store/embedded"
	"ringside/store/embedded/embeddedtest"
	"ringside/store/schema"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// placeholders stand in for what an administrator writes.
var placeholders = strings.NewReplacer("@TENANT@", "acme", "@ORGANIZATIONS@", "toUUID('"+mine+"')",
	"@WRITER_SHA256@", strings.Repeat("0", 64), "@READER_SHA256@", strings.Repeat("1", 64), "@TENANT_SHA256@", strings.Repeat("2", 64))

const (
	mine   = "00000000-0000-0000-0000-00000000000a"
	theirs = "00000000-0000-0000-0000-00000000000b"
)

func statements(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	filled := placeholders.Replace(string(text))
	if i := strings.Index(filled, "@"); i >= 0 && !strings.HasPrefix(filled[i:], "@ signs") {
		t.Errorf("%s has a placeholder that the test does not know: %.20s", file, filled[i:])
	}
	return schema.Split(filled)
}

// The embedded engine keeps no users or policies of its own, so the statements cannot be run here; they are understood.
func TestStatementsAreUnderstood(t *testing.T) {
	url := embeddedtest.URL(t)
	for _, file := range []string{"roles.sql", "row-policies.sql"} {
		all := statements(t, file)
		if len(all) < 10 {
			t.Errorf("%s: only %d statements were found", file, len(all))
		}
		for _, s := range all {
			embeddedtest.Exec(t, url, "EXPLAIN AST "+s)
		}
	}
}

var (
	created  = regexp.MustCompile(`(?s)CREATE TABLE IF NOT EXISTS (\w+)\s*\((.*)\)\s*ENGINE`)
	perOrg   = regexp.MustCompile(`(?m)^\s*organization_id\s+UUID\b`)
	policyOn = regexp.MustCompile(`(?s)^CREATE ROW POLICY OR REPLACE \w+ ON ringside\.(\w+)\s+FOR SELECT USING (.*) AS RESTRICTIVE TO ringside_tenant_acme$`)
	revoked  = regexp.MustCompile(`REVOKE SELECT ON ringside\.(\w+) FROM ringside_reader`)
)

// policies returns the filter of each table.
func policies(t *testing.T) map[string]string {
	t.Helper()
	filters := map[string]string{}
	for _, s := range statements(t, "row-policies.sql") {
		if !strings.Contains(s, "ROW POLICY") {
			continue
		}
		m := policyOn.FindStringSubmatch(s)
		if m == nil {
			t.Fatalf("not understood: %s", s)
		}
		filters[m[1]] = m[2]
	}
	return filters
}

// A table of tenants' rows without a policy is open to every tenant.
func TestEveryTableHasItsPolicy(t *testing.T) {
	filters := policies(t)
	tables := 0
	for _, m := range schema.All() {
		for _, s := range m.Statements {
			table := created.FindStringSubmatch(s)
			if table == nil {
				continue
			}
			tables++
			name, tenants := table[1], perOrg.MatchString(table[2])
			if filters[name] == "" && tenants {
				t.Errorf("%s has rows of organizations and no policy in row-policies.sql", name)
			}
			if !tenants && !slices.Contains([]string{"wait_buckets_versions", "checkpoint_manifests_versions", "flush_marks_versions"}, name) {
				t.Errorf("%s says of no row whose it is: who may read it?", name)
			}
			delete(filters, name)
		}
	}
	for name := range filters {
		t.Errorf("the policy on %s is on no table of the schema", name)
	}
	if tables < 25 {
		t.Errorf("only %d tables were found", tables)
	}
}

// What the engine saves of itself has rows of no organization, or of all: readers get none of it.
func TestReadersGetNoSavedState(t *testing.T) {
	text := strings.Join(statements(t, "roles.sql"), "\n")
	var kept []string
	for _, m := range revoked.FindAllStringSubmatch(text, -1) {
		kept = append(kept, m[1])
	}
	for _, name := range []string{"checkpoints", "checkpoint_manifests", "flush_marks"} {
		for _, table := range []string{name, name + "_versions"} {
			if !slices.Contains(kept, table) {
				t.Errorf("ringside_reader may read %s", table)
			}
		}
	}
}

// The policies' filters, given to the embedded engine's user by its configuration, hide another tenant's rows in every view.
func TestPoliciesHoldInEveryView(t *testing.T) {
	dir := t.TempDir()
	e := embeddedtest.Start(t, func(o *embedded.Options) { o.DataDir = dir })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{URL: e.URL(), Database: "ringside"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	filters := policies(t)
	for table := range filters {
		column := "version"
		if table == "checkpoints_versions" {
			column = "kafka_partition" // whose key it is, in the place of the organization
		}
		embeddedtest.Exec(t, e.URL(), "INSERT INTO ringside."+table+" (organization_id, "+column+") VALUES ('"+mine+"', 1), ('"+theirs+"', 2)")
	}
	views := strings.Fields(embeddedtest.Exec(t, e.URL(), "SELECT table FROM system.columns WHERE database = 'ringside' AND name = 'organization_id' ORDER BY table"))
	foreign := func() (seen, hidden []string) {
		for _, view := range views {
			switch n := embeddedtest.Exec(t, e.URL(), "SELECT countIf(organization_id = '"+theirs+"') FROM ringside."+view); n {
			case "0\n":
				hidden = append(hidden, view)
			default:
				seen = append(seen, view)
			}
		}
		return seen, hidden
	}
	// Rows of nothing but an organization do not show up in views that join them with what they lack.
	before, empty := foreign()
	if len(before) < 45 {
		t.Fatalf("without policies only %d of %d views show both tenants; not %q", len(before), len(views), empty)
	}
	restrict(t, e, filepath.Join(dir, "clickhouse", "users.xml"), filters)
	if after, _ := foreign(); len(after) > 0 {
		t.Errorf("with the policies another tenant's rows are seen in %q", after)
	}
	for _, view := range before {
		if n := embeddedtest.Exec(t, e.URL(), "SELECT countIf(organization_id = '"+mine+"') > 0 FROM ringside."+view); n != "1\n" {
			t.Errorf("with the policies one's own rows are hidden in %s", view)
		}
	}
}

// restrict gives the engine's user the filters, by ClickHouse's configuration, which a new child reads.
func restrict(t *testing.T, e *embedded.Engine, path string, filters map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rules strings.Builder
	for table, filter := range filters {
		fmt.Fprintf(&rules, "<%s><filter>", table)
		if err := xml.EscapeText(&rules, []byte(filter)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&rules, "</filter></%s>", table)
	}
	changed := strings.Replace(string(text), "</default>\n  </users>", "<databases><ringside>"+rules.String()+"</ringside></databases></default>\n  </users>", 1)
	if changed == string(text) {
		t.Fatalf("the configuration is not what was expected:\n%s", text)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(e.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); e.Restarts() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the engine has not come back")
		}
	}
}
