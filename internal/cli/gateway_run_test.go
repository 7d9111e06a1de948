package cli

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"ringside/internal/sim"
)

var gatewayOfRun = regexp.MustCompile(`msg="ringside is running" .* https=(\S+)`)

// The gateway of an engine goes on taking events, and is ready, while the store is away; the engine counts them when it is back.
func TestGatewayAcceptsWhileTheStoreIsAway(t *testing.T) {
	needStore(t)
	dir, address := t.TempDir(), ownBroker(t, 4)
	store := sharedStore(t, dir)
	between := newProxy(t, store.Host)
	gateway := fmt.Sprintf("webhook: {listen: \"127.0.0.1:0\", endpoints: [{name: enreach, source: enreach, tokens: [%s]}]}\n", gatewayToken)
	e := runProcess(t, yamlFile(t, fmt.Sprintf("data_dir: %q\n", t.TempDir())+gateway+atServer(store, between.addr, address)))
	m := gatewayOfRun.FindStringSubmatch(e.err.String())
	if m == nil {
		t.Fatalf("it does not say where its gateway is: %s", e.err.String())
	}
	p := &gatewayProcess{engineProcess: e, https: "https://" + m[1]}
	post := func(from, n int) {
		t.Helper()
		var events []sim.Event
		for i := range n {
			events = append(events, sim.Event{JSON: setting(from+i, "")})
		}
		v := vendor(p, 0)
		defer v.Close()
		if err := v.Run(context.Background(), batches(events)); err != nil {
			t.Fatal(err)
		}
		if c := v.Counts(); c.Accepted != int64(n) || c.Retried > 0 {
			t.Errorf("%s, want %d accepted at once", c, n)
		}
	}
	post(0, 50)
	e.until("the first events", func() bool { return stored(t, dir) == 50 })
	between.cut()
	e.until("the engine not to be ready", func() bool { code, _ := get(e.http + "/readyz/engine"); return code == 503 })
	post(50, 200)
	for _, path := range []string{"/readyz/gateway", "/readyz", "/healthz"} {
		if code, text := get(e.http + path); code != 200 {
			t.Errorf("%s answers %d %s", path, code, text)
		}
	}
	between.heal()
	e.until("all events", func() bool { return stored(t, dir) == 250 })
	e.stop()
}

func TestGatewayRefusals(t *testing.T) {
	address := ownBroker(t, 4)
	dir, port := t.TempDir(), freePort(t)
	config := gatewayYAML(dir, address, port)
	p := runGatewayProcess(t, yamlFile(t, config))
	for say, c := range map[string]struct {
		text string
		code int
	}{
		"is in use by another program: stop it, or choose another webhook.listen": {strings.Replace(config, dir, t.TempDir(), 1), exitFailed},
		"is in use by another process":                                            {config, exitFailed},
		"webhook.listen is not set":                                               {"kafka: {brokers: [\"x:1\"]}\n", exitUsage},
		"name kafka.brokers":                                                      {"webhook: {listen: \":0\", endpoints: [{name: e, source: enreach, tokens: [0123456789abcdef]}]}\n", exitUsage},
		`webhook.endpoints[0].source: "nobody" is not known; use`:                 {strings.Replace(config, "source: enreach", "source: nobody", 1), exitUsage},
		"is no organization of enreach":                                           {strings.Replace(config, "source: enreach", "source: enreach, organizations: [here]", 1), exitUsage},
	} {
		_, errs, code := ringside(t, "gateway", "--config", yamlFile(t, c.text))
		if code != c.code || !strings.Contains(errs, say) || strings.Contains(errs, gatewayToken) {
			t.Errorf("exit %d, %s; want %d, %q", code, errs, c.code, say)
		}
	}
	if _, errs, code := ringside(t, "gateway"); code != exitUsage || !strings.Contains(errs, "--config FILE") {
		t.Errorf("without a configuration: exit %d, %s", code, errs)
	}
	p.stop()
}
