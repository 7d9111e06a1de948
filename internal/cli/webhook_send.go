package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringside/ingest"
	"ringside/ingest/vendors"
	"ringside/ingest/webhook"
	"ringside/internal/engine/recording"
	"ringside/internal/sender"
)

type sendFlags struct {
	url, tokenFile, dataDir, source string
	insecure                        bool
	rate, speed                     float64
	connections, retries            int
}

// tokenVariable holds the token where no file does.
const tokenVariable = "RINGSIDE_SENDER_TOKEN"

func newWebhookSend(s Streams) *cobra.Command {
	var f sendFlags
	c := &cobra.Command{
		Use:   "send FILE…",
		Short: "Post recorded events as the vendor would",
		Long: "Posts recorded events (NDJSON: one event a line; plain, .gz or .zst; - is standard input; several files are merged by\n" +
			"event time) with the vendor's headers. What is answered 429 or 5xx, or not at all, is sent again. The last line on standard\n" +
			"output has the counts; the exit code is 0 if every event was accepted. Without --url, --token-file and --insecure it posts to\n" +
			"the demo that runs on this machine. Without --token-file the token may be in " + tokenVariable + ".",
		Example: "  ringside webhook send february.ndjson.zst\n" +
			"  ringside webhook send day.ndjson --url https://events.example.com --token-file ./token --rate 50\n" +
			"  ringside webhook send day.ndjson --speed 10",
		Args: args(cobra.MinimumNArgs(1), "at least one file, or - for standard input"),
		RunE: func(c *cobra.Command, files []string) error {
			return runSend(c.Context(), s, &f, files)
		},
	}
	c.Flags().StringVar(&f.url, "url", "", "address of the gateway or of its endpoint (default: the demo's, https://127.0.0.1:8443)")
	c.Flags().StringVar(&f.tokenFile, "token-file", "", "file whose first line is the token (default: the demo's)")
	c.Flags().StringVar(&f.dataDir, "data-dir", "./ringside-data", "data folder of the demo, for its token and certificate")
	c.Flags().StringVar(&f.source, "source", ingest.SourceEnreach, "vendor whose events these are: "+vendors.Names())
	c.Flags().BoolVar(&f.insecure, "insecure", false, "accept any certificate, as InsecureSSL has the vendor do")
	c.Flags().Float64Var(&f.rate, "rate", 0, "events per second; 0: as fast as they are answered")
	c.Flags().Float64Var(&f.speed, "speed", 0, "seconds of the recording per second; 0: no regard to the events' times")
	c.Flags().IntVar(&f.connections, "connections", 8, "requests under way at once")
	c.Flags().IntVar(&f.retries, "retries", 5, "how often an event is sent again")
	return c
}

func (f *sendFlags) check() error {
	switch {
	case !vendors.Known(f.source):
		return usagef("--source %s is not known; use one of: %s", f.source, vendors.Names())
	case !(f.rate >= 0) || !(f.speed >= 0):
		return usagef("--rate and --speed must not be less than 0")
	case f.connections < 1 || f.connections > 1000:
		return usagef("--connections %d: allowed are 1 to 1000", f.connections)
	case f.retries < 0:
		return usagef("--retries %d must not be less than 0", f.retries)
	}
	return nil
}

func runSend(ctx context.Context, s Streams, f *sendFlags, files []string) error {
	if err := f.check(); err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	stamp := vendors.EventTime(f.source)
	r, err := recording.Open(recording.Options{Files: files, Stdin: s.In, Source: f.source, Limit: webhook.MaxBody,
		Stamp: func(event []byte) ingest.Time { at, _ := stamp(event); return at }})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	sending := sender.New(o)
	defer sending.Close()
	finish := progress(s.Err, "send", r.Size(), true, r.BytesRead)
	err = sending.Run(ctx, r.Next)
	finish()
	counts := sending.Counts()
	fmt.Fprintln(s.Out, counts)
	var hopeless *sender.HopelessError
	switch {
	case errors.As(err, &hopeless):
		return fmt.Errorf("%s %s", o.URL, hopeless.Answer)
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted")
	case err != nil:
		return err
	case counts.Accepted < counts.Sent:
		return fmt.Errorf("%d of %d events were not accepted; the first: %s", counts.Sent-counts.Accepted, counts.Sent, sending.Trouble())
	}
	return nil
}

// options fills in what the demo has where nothing is given.
func (f *sendFlags) options() (sender.Options, error) {
	o := sender.Options{URL: f.url, Source: f.source, Connections: f.connections, Rate: f.rate, Speed: f.speed, Retries: f.retries,
		Timeout: 30 * time.Second, TLS: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.insecure}}
	if o.URL == "" {
		o.URL = fmt.Sprintf("https://127.0.0.1:%d", webhookPort)
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return o, usagef("--url %s: wanted is https://host or https://host/webhooks/NAME", f.url)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/webhooks/" + f.source
	}
	o.URL = u.String()
	o.TLS.RootCAs = trusted(filepath.Join(f.dataDir, "webhook", "tls.crt"))
	o.Token, err = f.token()
	return o, err
}

// trusted returns the system's authorities and the demo's certificate, or nil for the system's alone.
func trusted(certificate string) *x509.CertPool {
	pem, err := os.ReadFile(certificate)
	if err != nil {
		return nil // no demo has made one here
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(pem)
	return pool
}

func (f *sendFlags) token() (string, error) {
	name := f.tokenFile
	if name == "" {
		if token := os.Getenv(tokenVariable); token != "" {
			return token, nil
		}
		name = filepath.Join(f.dataDir, "webhook", "tokens", f.source)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", usagef("the token: %w; name its file with --token-file", err)
	}
	token, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if token = strings.TrimSpace(token); token == "" {
		return "", usagef("the token: %s is empty", name)
	}
	return token, nil
}
