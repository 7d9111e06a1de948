package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const hidden = "correct-horse-battery-staple"

// Whatever prints a configuration or an error about it must not print a secret.
func TestSecretsAreNeverPrinted(t *testing.T) {
	c := mustLoad(t, "kafka: {sasl: {mechanism: PLAIN, username: u}}\nprivacy: {key: "+hidden+"}\n",
		"RINGSIDE_STORE_PASSWORD="+hidden, "RINGSIDE_KAFKA_SASL_PASSWORD="+hidden)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", *c)
		fmt.Fprintf(&out, verb+"\n", c.Store)
		fmt.Fprintf(&out, verb+"\n", c.Store.Password)
		fmt.Fprintf(&out, verb+"\n", &c.Store.Password)
		fmt.Fprintf(&out, verb+"\n", struct{ inner Secret }{c.Store.Password}) // fmt cannot call methods here
	}
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	logger.Info("start", "config", c, "password", c.Store.Password)
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "config", c, "password", c.Store.Password)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asJSON)
	out.Write(asYAML)
	out.WriteString(c.Describe())
	for _, form := range []string{hidden, fmt.Sprintf("%x", hidden)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret was printed as %q", form)
		}
	}
	if n := strings.Count(c.Describe(), redacted); n != 3 {
		t.Errorf("%d secrets marked as set, want 3:\n%s", n, c.Describe())
	}
	if c.Store.Password.Reveal() != hidden {
		t.Error("the secret is lost")
	}
}

func TestErrorsDoNotQuoteSecrets(t *testing.T) {
	for _, text := range []string{
		"privacy: {key: " + hidden + "\nlog: {\n",                          // not YAML
		"store:\n  password: " + hidden + "\n   bad: indent\n",             // not YAML
		"store: {url: 'http://user:" + hidden + "@host:8123'}\n",           // a password in the address
		"store: {url: 'user:" + hidden + "@host:8123'}\n",                  // not even an address
		"store: {password: [" + hidden + "]}\n",                            // wrong shape
		"store:\n  password: " + hidden + "\n  password: " + hidden + "\n", // twice
		"privacy: {key: " + hidden[:8] + "}\n",                             // too short
	} {
		_, err := Load(writeFile(t, text), nil)
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%q: error %v, want Problems", text, err)
			continue
		}
		if strings.Contains(err.Error(), hidden[:8]) {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
}

func TestSecretFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := mustLoad(t, "store: {password_file: "+file("crlf", hidden+"\r\n")+"}\nprivacy: {key_file: "+file("spaces", " a key with spaces ")+"}\n")
	if got := c.Store.Password.Reveal(); got != hidden {
		t.Errorf("password %q", got)
	}
	if got := c.Privacy.Key.Reveal(); got != " a key with spaces " {
		t.Errorf("key %q", got)
	}
	for text, want := range map[string]string{
		"store: {password_file: " + filepath.Join(dir, "none") + "}\n":              "no such file",
		"store: {password_file: " + file("empty", "\n") + "}\n":                     "the file is empty",
		"store: {password: x, password_file: " + filepath.Join(dir, "crlf") + "}\n": "set beside store.password",
		"kafka: {sasl: {password_file: " + filepath.Join(dir, "crlf") + "}}\n":      "kafka.sasl.mechanism: is empty",
		"privacy: {key_file: " + file("short", "short") + "}\n":                     "privacy.key: is shorter than 16",
	} {
		if _, err := Load(writeFile(t, text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}
