package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTokensComeFromFileFilesAndEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte("\nin-a-file-0123456789\r\n  second-in-a-file-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, "webhook: {endpoints: [{name: a-1, source: enreach, tokens: [in-the-text-01234567], tokens_file: "+file+"},"+
		" {name: b, source: avaya, tokens: [replaced-by-variable]}]}\n", "RINGSIDE_WEBHOOK_TOKENS_B=of-the-environment-1, of-the-environment-2")
	for i, want := range []string{"in-the-text-01234567 in-a-file-0123456789 second-in-a-file-01", "of-the-environment-1 of-the-environment-2"} {
		tokens, err := c.Webhook.Endpoints[i].AllTokens()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range tokens {
			got = append(got, s.Reveal())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("endpoint %d has the tokens %q, want %q", i, got, want)
		}
	}
	if len(c.Warnings()) > 0 {
		t.Errorf("warnings %v", c.Warnings())
	}
	text := c.Describe()
	for _, part := range []string{"in-the-text", "in-a-file", "of-the-environment", "replaced-by"} {
		if strings.Contains(text, part) {
			t.Errorf("the description shows a token: %s", text)
		}
	}
	if !strings.Contains(text, "[[redacted], [redacted]]") || !strings.Contains(text, "RINGSIDE_WEBHOOK_TOKENS_B") {
		t.Errorf("the description does not tell that there are tokens, and where from:\n%s", text)
	}
}

func TestWebhookProblems(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	endpoint := func(more string) string {
		return "webhook: {endpoints: [{name: e, source: enreach, tokens: [0123456789abcdef], " + more + "}]}\n"
	}
	for text, want := range map[string]string{
		"webhook: {listen: ':8443'}\n":                                                           "webhook.endpoints: is empty, but webhook.listen is set",
		"webhook: {listen: '8443'}\n":                                                            "webhook.listen: \"8443\": wanted is host:port",
		"webhook: {tls: {cert_file: x}}\n":                                                       "webhook.tls.cert_file: goes together with",
		"webhook: {broker_timeout: 5s}\n":                                                        "allowed are 50ms to 4s",
		"webhook: {endpoints: [{name: e, source: enreach}]}\n":                                   "webhook.endpoints[0].tokens: no token is set; set tokens, tokens_file or RINGSIDE_WEBHOOK_TOKENS_E",
		"webhook: {endpoints: [{name: e, source: enreach, tokens: [hunter2]}]}\n":                "token 1 is shorter than 16",
		"webhook: {endpoints: [{name: e, source: enreach, tokens: ['correct horse staple']}]}\n": "token 1 has a blank",
		"webhook: {endpoints: [{name: e, source: enreach, tokens_file: " + short + "}]}\n":       "webhook.endpoints[0].tokens_file: token 1 is shorter",
		"webhook: {endpoints: [{name: e, source: enreach, tokens_file: /none/such}]}\n":          "no such file",
		"webhook: {endpoints: [{name: E/x, source: enreach, tokens: [0123456789abcdef]}]}\n":     "webhook.endpoints[0].name: \"E/x\": allowed are lower-case",
		endpoint("allowed_origins: ['https://desk.example.com/']"):                               "wanted is an origin as a browser sends it",
		endpoint("allowed_origins: [desk.example.com]"):                                          "wanted is an origin as a browser sends it",
		endpoint("rate: {events_per_second: -1}"):                                                "webhook.endpoints[0].rate.events_per_second: -1",
		endpoint("organizations: ['']"):                                                          "webhook.endpoints[0].organizations[0]: is empty",
		endpoint("token: x"):                                                                     "did you mean webhook.endpoints[0].tokens?",
		"webhook: {endpoints: [{name: e, source: enreach, tokens: [0123456789abcdef]}, {name: e, source: avaya, tokens: [0123456789abcdef]}]}\n": "that is the name of webhook.endpoints[0] already",
	} {
		_, err := Load(writeFile(t, text), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
			continue
		}
		for _, secret := range []string{"hunter2", "correct horse", "0123456789abcdef"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error quotes a token: %v", err)
			}
		}
	}
}
