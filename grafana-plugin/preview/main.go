// Command preview shows the provisioned dashboards without a Grafana: see README.md beside it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"ringside/grafana-plugin/internal/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "preview: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	listen := flag.String("listen", "127.0.0.1:8085", "where to serve")
	program := flag.String("backend", "dist/gpx_ringside_linux_amd64", "the plugin's backend; make build makes it")
	bundle := flag.String("bundle", "../.cache/preview", "what webpack made of src")
	dashboards := flag.String("dashboards", "../deploy/grafana/dashboards", "folder of the dashboards")
	url := flag.String("url", "http://127.0.0.1:8123", "ClickHouse; a running demo says its own")
	user := flag.String("user", "default", "its user")
	flag.Parse()
	settings, err := json.Marshal(map[string]any{"url": *url, "username": *user})
	if err != nil {
		return err
	}
	p, err := host.Start(*program, os.Stderr)
	if err != nil {
		return fmt.Errorf("%w (make build makes the backend)", err)
	}
	defer p.Close()
	site, err := newSite(p, *dashboards, *bundle, host.DataSource{UID: "ringside", JSONData: settings, Secrets: map[string]string{"password": os.Getenv("RINGSIDE_STORE_PASSWORD")}})
	if err != nil {
		return err
	}
	server := &http.Server{Addr: *listen, Handler: site}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(os.Stdout, "the dashboards: http://%s/\n", *listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
