package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func run(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = Run(context.Background(), args, Streams{In: strings.NewReader(""), Out: &o, Err: &e})
	return o.String(), e.String(), code
}

func TestExitCodesAndMessages(t *testing.T) {
	dir := t.TempDir()
	wrong := filepath.Join(dir, "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("kafka:\n  brokerz: [localhost:9092]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		say  string
	}{
		{"version", exitDone, ""},
		{"check-config", exitDone, ""},
		{"frobnicate", exitUsage, "unknown command"},
		{"demo --sped 2", exitUsage, "--help"},
		{"demo extra", exitUsage, "no arguments"},
		{"replay", exitUsage, "at least one file"},
		{"replay --source nobody x", exitUsage, "enreach"},
		{"replay - -", exitUsage, "once only"},
		{"replay --data-dir a --config b x", exitUsage, "exclude each other"},
		{"replay --data-dir " + dir + " " + dir + "/none.ndjson", exitFailed, "none.ndjson"},
		{"sql --data-dir " + dir + "/none SELECT", exitFailed, "no store"},
		{"sql --format a;b SELECT", exitUsage, "--format"},
		{"top --data-dir " + dir + "/none", exitFailed, "no store"},
		{"run", exitUsage, "--config"},
		{"run --config " + wrong, exitUsage, "brokers"},
		{"check-config --config " + wrong, exitUsage, "brokers"},
		{"bench --events 3", exitUsage, "--events"},
	} {
		out, errs, code := run(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errs, c.say) || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
			t.Errorf("ringside %s: exit %d, %q %q; want %d and one line with %q", c.args, code, out, errs, c.code, c.say)
		}
	}
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	for _, c := range newRoot(Streams{}).Commands() {
		out, errs, code := run(c.Name(), "--help")
		if code != exitDone || !strings.Contains(out, "Examples:\n  ringside "+c.Name()) && !strings.Contains(out, "ringside "+c.Name()+" ") {
			t.Errorf("%s --help: exit %d\n%s%s", c.Name(), code, out, errs)
		}
		if c.Example == "" || c.Short == "" {
			t.Errorf("%s has no example or no summary", c.Name())
		}
	}
}
