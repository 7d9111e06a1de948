package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ringside/ingest"
	"ringside/ingest/vendors"
	"ringside/ingest/webhook"
	"ringside/internal/config"
	"ringside/internal/engine"
)

const (
	// webhookPort is where the demo's gateway listens if it can.
	webhookPort = 8443
	noGateway   = -1
)

// demoWebhookTopic is where the demo's gateway sends: not to the topics of the simulated centre, which knows how far it has
// come by counting what is in them.
var demoWebhookTopic = config.Topic{Name: "webhook-events", Source: ingest.SourceEnreach}

// gatewayPort reads --webhook-port.
func (f *demoFlags) gatewayPort() (int, error) {
	if f.webhookPort == "off" {
		return noGateway, nil
	}
	port, err := strconv.Atoi(f.webhookPort)
	if err != nil || port > 65535 {
		return 0, usagef("--webhook-port %s is no port; 0 takes a free one, off none", f.webhookPort)
	}
	return max(port, noGateway), nil
}

// startDemoGateway starts a gateway with an endpoint for each vendor, unless it is switched off.
func (p *process) startDemoGateway(ctx context.Context, cfg *config.Config, f *demoFlags, given bool, log *slog.Logger) error {
	port, err := f.gatewayPort()
	if err != nil || port == noGateway {
		return err
	}
	if cfg.Webhook.Endpoints, err = demoEndpoints(demoTokens(cfg)); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	topic := demoWebhookTopic.Name
	topics := webhook.Topics{Queue: topic, User: topic, Callback: topic}
	for {
		cfg.Webhook.Listen = fmt.Sprintf("127.0.0.1:%d", port)
		p.gateway, err = startGateway(ctx, cfg, p.brokers, topics, p.metrics, log)
		var taken *engine.AddressInUseError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &taken):
			return fmt.Errorf("demo: %w", err)
		case given:
			return fmt.Errorf("demo: %w: stop it, or choose another port with --webhook-port", taken)
		}
		port, given = 0, true
	}
}

// demoTokens is the folder of the demo's tokens, a file for each vendor.
func demoTokens(cfg *config.Config) string { return filepath.Join(engine.GatewayDir(cfg), "tokens") }

// demoEndpoints returns an endpoint for each vendor; tokens are made at the first start.
func demoEndpoints(tokens string) (all []config.WebhookEndpoint, err error) {
	if err := os.MkdirAll(tokens, 0o700); err != nil {
		return nil, err
	}
	for _, source := range vendors.Sources() {
		file := filepath.Join(tokens, source)
		made, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = made.WriteString(rand.Text() + "\n")
			err = errors.Join(err, made.Close())
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		all = append(all, config.WebhookEndpoint{Name: source, Source: source, TokensFile: file, AllowedOrigins: []string{"*"}, InsecureSSL: true})
	}
	return all, nil
}

// gatewayLines are what the demo says of its gateway.
func (p *process) gatewayLines(f *demoFlags, folder string) string {
	if p.gateway == nil {
		return ""
	}
	instead := ""
	if _, port, _ := strings.Cut(p.gateway.Addr(), ":"); f.webhookPort != "0" && port != f.webhookPort {
		instead = fmt.Sprintf(" (another program has port %s)", f.webhookPort)
	}
	return fmt.Sprintf(`  webhooks    https://%s/webhooks/{%s}%s, self-signed certificate, tokens in %s
              (ringside webhook send FILE%s posts recorded events there)
`, p.gateway.Addr(), strings.Join(vendors.Sources(), ","), instead, filepath.Join(f.dataDir, "webhook", "tokens"), folder)
}
