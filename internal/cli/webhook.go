package cli

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ringside/ingest"
	"ringside/ingest/vendors/enreach"
	"ringside/internal/config"
)

func newWebhook(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "webhook",
		Short: "Set up and try the webhook gateway",
		Long: "config prints what Enreach's support has to install; send posts recorded events as the vendor would.\n" +
			"The gateway itself is part of ringside run, or runs alone with ringside gateway.",
		Example: "  ringside webhook config --url https://events.example.com --config ringside.yaml --explain\n" +
			"  ringside webhook send february.ndjson.zst",
		Args: args(cobra.NoArgs, "config or send"),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newWebhookConfig(s), newWebhookSend(s))
	return c
}

// vendorConfig is a webhook with its subscriptions, in the form of Enreach's document.
type vendorConfig struct {
	Webhook       vendorWebhook
	Subscriptions []vendorSubscription
}

type vendorWebhook struct {
	Endpoint       string
	InsecureSSL    bool
	Secret         string
	Description    string
	TimeoutSeconds int
}

type vendorSubscription struct {
	EventType   string
	AllEntities bool
}

type webhookConfigFlags struct {
	url, endpoint string
	withSecret    bool
	explain       bool
}

func newWebhookConfig(s Streams) *cobra.Command {
	var t target
	var f webhookConfigFlags
	c := &cobra.Command{
		Use:   "config",
		Short: "Print the webhook's configuration for Enreach's support to install",
		Long: "Prints a Webhook with Subscriptions to every event type that Ringside makes something of, as Enreach's document\n" +
			"defines it. Send it to Enreach's support, and the token on another way: it is left out without --with-secret.",
		Example: "  ringside webhook config --url https://events.example.com --config ringside.yaml\n" +
			"  ringside webhook config --url https://events.example.com --explain",
		Args: args(cobra.NoArgs, "no arguments, but --url https://…"),
		RunE: func(*cobra.Command, []string) error {
			if f.explain {
				explainSubscriptions(s)
			}
			cfg, err := t.load()
			if err != nil {
				return err
			}
			return runWebhookConfig(s, cfg, &f)
		},
	}
	c.Flags().StringVar(&t.configFile, "config", "", "configuration file, for the endpoint's settings")
	c.Flags().StringVar(&f.url, "url", "", "address by which Enreach reaches the gateway, as https://events.example.com; /webhooks/NAME is added")
	c.Flags().StringVar(&f.endpoint, "endpoint", "", "name of the endpoint; without it the one of Enreach")
	c.Flags().BoolVar(&f.withSecret, "with-secret", false, "print the endpoint's first token")
	c.Flags().BoolVar(&f.explain, "explain", false, "say on standard error what each event type is good for")
	return c
}

func runWebhookConfig(s Streams, cfg *config.Config, f *webhookConfigFlags) error {
	e, err := vendorEndpoint(cfg, f.endpoint)
	if err != nil {
		return err
	}
	address, err := endpointURL(f.url, e.Name)
	if err != nil {
		return err
	}
	out := vendorConfig{Webhook: vendorWebhook{Endpoint: address, InsecureSSL: e.InsecureSSL, Secret: "(the token, on another way)",
		Description: "Ringside, endpoint " + e.Name, TimeoutSeconds: 5}}
	if f.withSecret {
		tokens, err := e.AllTokens()
		if err != nil {
			return usagef("--with-secret: %w; the endpoint is to be in the configuration, --config", err)
		}
		out.Webhook.Secret = tokens[0].Reveal()
	}
	for _, sub := range enreach.Subscriptions {
		out.Subscriptions = append(out.Subscriptions, vendorSubscription{sub.Type.String(), true})
	}
	if u, err := url.Parse(address); err == nil && u.Port() != "" && u.Port() != "443" {
		fmt.Fprintf(s.Err, "ringside: warning: Enreach reaches port 443 only; forward it to the gateway's, and leave :%s out\n", u.Port())
	}
	encoder := json.NewEncoder(s.Out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

// vendorEndpoint returns the endpoint called name; without a name the only one of Enreach, or what the simplest would be.
func vendorEndpoint(cfg *config.Config, name string) (*config.WebhookEndpoint, error) {
	var names []string
	var found []*config.WebhookEndpoint
	for i := range cfg.Webhook.Endpoints {
		e := &cfg.Webhook.Endpoints[i]
		if e.Source != ingest.SourceEnreach {
			continue
		}
		names = append(names, e.Name)
		if name == "" || name == e.Name {
			found = append(found, e)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(names) == 0 && name == "":
		return &config.WebhookEndpoint{Name: ingest.SourceEnreach, Source: ingest.SourceEnreach}, nil
	case len(names) == 0:
		return nil, usagef("--endpoint %s: no endpoint of Enreach is configured; name the file with --config", name)
	case name == "":
		return nil, usagef("there are several endpoints of Enreach: choose one with --endpoint: %s", strings.Join(names, ", "))
	}
	return nil, usagef("--endpoint %s is none of Enreach's; there are: %s", name, strings.Join(names, ", "))
}

// endpointURL completes an address with the endpoint's path, unless it has a path.
func endpointURL(base, endpoint string) (string, error) {
	u, err := url.Parse(base)
	switch {
	case base == "":
		return "", usagef("--url is missing: the address by which Enreach reaches the gateway, as https://events.example.com")
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", usagef("--url: wanted is an address as https://events.example.com")
	case u.Scheme != "https":
		return "", usagef("--url %s: Enreach posts to https:// only", base)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/webhooks/" + endpoint
	}
	return u.String(), nil
}

// explainSubscriptions says what the event types are good for, those together that are of use only together.
func explainSubscriptions(s Streams) {
	var order []string
	types := map[string][]string{}
	for _, sub := range enreach.Subscriptions {
		if !slices.Contains(order, sub.Buys) {
			order = append(order, sub.Buys)
		}
		types[sub.Buys] = append(types[sub.Buys], sub.Type.String())
	}
	w := tabwriter.NewWriter(s.Err, 0, 0, 2, ' ', 0)
	for _, buys := range order {
		fmt.Fprintln(w, buys)
		for _, name := range types[buys] {
			fmt.Fprintln(w, "\t"+name)
		}
	}
	_ = w.Flush() // what cannot be written to standard error cannot be told either
}
