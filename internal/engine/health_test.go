package engine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	var engineErr, gatewayErr error
	check := func(err *error) Check { return func() error { return *err } }
	away := errors.New("the store is away")
	for _, c := range []struct {
		name            string
		gateway         bool
		engine, gateErr error
		path            string
		code            int
		text            string
	}{
		{"healthy whatever is away", true, away, away, "/healthz", 200, "ok"},
		{"engine", false, nil, nil, "/readyz/engine", 200, "ok"},
		{"engine away", false, away, nil, "/readyz/engine", 503, "the store is away"},
		{"no gateway", false, nil, nil, "/readyz/gateway", 404, "not configured"},
		{"ready is the engine's", false, away, nil, "/readyz", 503, "the store is away"},
		{"ready is the gateway's where there is one", true, away, nil, "/readyz", 200, "ok"},
		{"gateway away", true, nil, away, "/readyz", 503, "the store is away"},
		{"metrics", false, away, nil, "/metrics", 200, "ringside_partitions_owned 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			engineErr, gatewayErr = c.engine, c.gateErr
			var gateway Check
			if c.gateway {
				gateway = check(&gatewayErr)
			}
			ctx, stop := context.WithCancel(context.Background())
			address, wait, err := NewHealth(NewMetrics(), check(&engineErr), gateway).Serve(ctx, "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.Get("http://" + address + c.path)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != c.code || !strings.Contains(string(text), c.text) {
				t.Errorf("%s answers %d %q, %v; want %d with %q", c.path, response.StatusCode, text, err, c.code, c.text)
			}
			var inUse *AddressInUseError
			if _, _, err := NewHealth(NewMetrics(), nil, nil).Serve(ctx, address); !errors.As(err, &inUse) {
				t.Errorf("a second server on %s: %v", address, err)
			}
			stop()
			wait()
		})
	}
}
