package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestWhatIf(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "other.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	base, err := Load(write(`
rules:
  time_zone: Europe/Helsinki
  service_level: {threshold: 20s, target: 90}
  organizations:
    - id: 00000000-0000-0000-0000-000000000001
      service_level: {threshold: 40s}
definitions: {call: {linger: 2h}}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	organization := uuid.MustParse("00000000-0000-0000-0000-000000000001")
	threshold := func(c *Config, organization uuid.UUID) time.Duration {
		t.Helper()
		settings, err := c.Settings()
		if err != nil {
			t.Fatal(err)
		}
		return settings.Rules(organization, uuid.UUID{9}, nil).Threshold
	}

	changed, err := base.WhatIf(write("rules: {service_level: {threshold: 5s}}\ndefinitions: {prompt: {max: 0s}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := threshold(changed, uuid.UUID{8}); got != 5*time.Second {
		t.Errorf("the default threshold is %s, want the file's 5s", got)
	}
	if got := threshold(changed, organization); got != 40*time.Second {
		t.Errorf("the organization's threshold is %s, want the configuration's 40s", got)
	}
	if got := *changed.Rules.ServiceLevel.Target; got != 90 {
		t.Errorf("the target is %v, want the configuration's 90", got)
	}
	if d := changed.Definitions; d.Prompt.Max.Std() != 0 || d.Call.Linger.Std() != 2*time.Hour {
		t.Errorf("definitions are %+v, want prompt.max 0s of the file and call.linger 2h of the configuration", d)
	}
	if got := threshold(base, uuid.UUID{8}); got != 20*time.Second || base.Definitions.Prompt.Max.Std() == 0 {
		t.Error("the configuration itself was changed")
	}

	changed, err = base.WhatIf(write("rules: {organizations: []}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := threshold(changed, organization); got != 20*time.Second {
		t.Errorf("the organization's threshold is %s after its exceptions were taken out, want 20s", got)
	}

	for text, want := range map[string]string{
		"store: {url: x}":                       "store: unknown key; a file of other rules may hold definitions, rules and region_map",
		"rules: {service_level: {treshold}}":    "did you mean rules.service_level.threshold?",
		"rules: {service_level: {target: 101}}": "101: allowed are 0 to 100",
		"rules: [":                              "not YAML",
	} {
		_, err := base.WhatIf(write(text))
		var problems Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want …%s…", text, err, want)
		}
	}
	if _, err := base.WhatIf(filepath.Join(t.TempDir(), "absent.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there gives %v", err)
	}
}
