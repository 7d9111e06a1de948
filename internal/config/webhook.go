package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// Webhook is the gateway that takes vendors' events over HTTPS and puts them into Kafka.
type Webhook struct {
	Listen        string            `yaml:"listen"` // host:port; "": no gateway
	TLS           WebhookTLS        `yaml:"tls"`
	Endpoints     []WebhookEndpoint `yaml:"endpoints"`
	Spool         WebhookSpool      `yaml:"spool"`
	BrokerTimeout Duration          `yaml:"broker_timeout"` // how long a request waits for the broker before its event goes to the spool
	Limits        WebhookLimits     `yaml:"limits"`
}

// WebhookTLS is the gateway's certificate. Without files it is self-signed, made at the first start.
type WebhookTLS struct {
	CertFile string `yaml:"cert_file"` // PEM, with the chain
	KeyFile  string `yaml:"key_file"`
}

// WebhookEndpoint is one address under /webhooks/, with secrets of its own.
type WebhookEndpoint struct {
	Name           string      `yaml:"name"` // last part of the address
	Source         string      `yaml:"source"`
	Tokens         []Secret    `yaml:"tokens"`
	TokensFile     string      `yaml:"tokens_file"`   // one a line; read again when it changes
	Organizations  []string    `yaml:"organizations"` // empty: any
	AllowedOrigins []string    `yaml:"allowed_origins"`
	Rate           WebhookRate `yaml:"rate"`
	InsecureSSL    bool        `yaml:"insecure_ssl"` // only for what `webhook config` prints
}

// WebhookRate bounds what an endpoint takes.
type WebhookRate struct {
	EventsPerSecond float64 `yaml:"events_per_second"` // 0: no limit
	Burst           int     `yaml:"burst"`             // 0: those of two seconds
}

// WebhookSpool is the folder where events are kept while the broker is away.
type WebhookSpool struct {
	Dir   string `yaml:"dir"` // "": data_dir/webhook/spool
	Limit Bytes  `yaml:"limit"`
}

// WebhookLimits bound what clients can take up.
type WebhookLimits struct {
	Connections int   `yaml:"connections"`
	BodyBytes   Bytes `yaml:"body_bytes"` // of all requests under way
}

const (
	minToken      = 16
	maxToken      = 512
	maxTokens     = 64 // of one endpoint
	maxTokensFile = 64 << 10
)

var endpointName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// TokensEnv returns the variable that holds an endpoint's tokens, with commas between: RINGSIDE_WEBHOOK_TOKENS_AVAYA_2
// for avaya-2.
func TokensEnv(endpoint string) string {
	return envPrefix + "WEBHOOK_TOKENS_" + strings.ToUpper(strings.ReplaceAll(endpoint, "-", "_"))
}

// bindTokens takes the endpoints' tokens from values, variables that are set, and removes them there.
func (c *Config) bindTokens(values map[string]string) {
	for i := range c.Webhook.Endpoints {
		e := &c.Webhook.Endpoints[i]
		name := TokensEnv(e.Name)
		text, ok := values[name]
		if !ok {
			continue
		}
		delete(values, name)
		e.Tokens = nil
		for token := range strings.SplitSeq(text, ",") {
			if token = strings.TrimSpace(token); token != "" {
				e.Tokens = append(e.Tokens, NewSecret(token))
			}
		}
		c.origins[fmt.Sprintf("webhook.endpoints[%d].tokens", i)] = name
	}
}

// AllTokens returns every token that is valid now: those configured and those in TokensFile, which is read.
func (e *WebhookEndpoint) AllTokens() ([]Secret, error) {
	tokens := e.Tokens[:len(e.Tokens):len(e.Tokens)]
	if e.TokensFile != "" {
		text, err := os.ReadFile(e.TokensFile)
		if err != nil {
			return nil, err
		}
		if len(text) > maxTokensFile {
			return nil, fmt.Errorf("%s: is longer than %d bytes; wanted is one token a line", e.TokensFile, maxTokensFile)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" {
				tokens = append(tokens, NewSecret(line))
			}
		}
	}
	if len(tokens) == 0 {
		return nil, errors.New("no token is set")
	}
	if len(tokens) > maxTokens {
		return nil, fmt.Errorf("%d tokens; at most %d are valid at once", len(tokens), maxTokens)
	}
	for i, t := range tokens {
		if fault := tokenFault(t.Reveal()); fault != "" {
			return nil, fmt.Errorf("token %d %s", i+1, fault)
		}
	}
	return tokens, nil
}

// tokenFault says what is wrong with a token, without showing it.
func tokenFault(token string) string {
	switch {
	case len(token) < minToken:
		return fmt.Sprintf("is shorter than %d characters", minToken)
	case len(token) > maxToken:
		return fmt.Sprintf("is longer than %d characters", maxToken)
	}
	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return "has a blank or a character that an HTTP header cannot carry; use letters, digits and punctuation of ASCII"
		}
	}
	return ""
}

func (c *Config) checkWebhook(k *checker) {
	w := &c.Webhook
	if w.Listen != "" {
		k.address("webhook.listen", w.Listen)
		if len(w.Endpoints) == 0 {
			k.fail("webhook.endpoints", "is empty, but webhook.listen is set; name at least one endpoint")
		}
	}
	if (w.TLS.CertFile == "") != (w.TLS.KeyFile == "") {
		k.fail("webhook.tls.cert_file", "goes together with webhook.tls.key_file; set both, or none for a self-signed certificate")
	}
	k.bytes("webhook.spool.limit", w.Spool.Limit, 16<<20, 1<<50)
	// The vendor gives up after 5 s, and the spool must still be reached by then.
	k.duration("webhook.broker_timeout", w.BrokerTimeout, 50*time.Millisecond, 4*time.Second)
	k.integer("webhook.limits.connections", w.Limits.Connections, 1, 1<<20)
	k.bytes("webhook.limits.body_bytes", w.Limits.BodyBytes, 2<<20, 1<<40)
	seen := map[string]string{}
	for i := range w.Endpoints {
		path := fmt.Sprintf("webhook.endpoints[%d]", i)
		checkEndpoint(k, path, &w.Endpoints[i])
		variable := TokensEnv(w.Endpoints[i].Name) // a-b and a-b differ, but not their variables' names
		if other, ok := seen[variable]; ok {
			k.fail(path+".name", "%q: that is the name of %s already", w.Endpoints[i].Name, other)
		}
		seen[variable] = path
	}
}

func checkEndpoint(k *checker, path string, e *WebhookEndpoint) {
	k.matches(path+".name", e.Name, endpointName, "lower-case letters, digits and '-', at most 32")
	k.matches(path+".source", e.Source, sourceName, "lower-case letters, digits and '_', as enreach")
	if _, err := e.AllTokens(); err != nil {
		at := path + ".tokens"
		if e.TokensFile != "" {
			at = path + ".tokens_file"
		}
		k.fail(at, "%s; set tokens, tokens_file or %s", err, TokensEnv(e.Name))
	}
	for i, o := range e.Organizations {
		if strings.TrimSpace(o) == "" {
			k.fail(fmt.Sprintf("%s.organizations[%d]", path, i), "is empty: wanted is an organization's id, as the vendor sends it")
		}
	}
	for i, o := range e.AllowedOrigins {
		u, err := url.Parse(o)
		if o != "*" && (err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || o != u.Scheme+"://"+u.Host) {
			k.fail(fmt.Sprintf("%s.allowed_origins[%d]", path, i), `%q: wanted is an origin as a browser sends it, as https://desk.example.com, or "*"`, o)
		}
	}
	if r := e.Rate.EventsPerSecond; !(r >= 0) || r > 1e6 {
		k.fail(path+".rate.events_per_second", "%v: allowed are 0 (no limit) to 1000000", r)
	}
	k.integer(path+".rate.burst", e.Rate.Burst, 0, 10_000_000)
}
