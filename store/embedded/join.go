package embedded

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	joinTimeout = 5 * time.Second
	watchEvery  = time.Second
	// So many missed answers in a row mean that a joined engine has gone.
	watchMisses = 5
)

// OpenOrJoin uses the engine that another process runs on the same data
// directory, or starts one. Closing a joined engine leaves the other alone.
func OpenOrJoin(ctx context.Context, o Options) (*Engine, error) {
	return open(ctx, o, func(o Options) (*Engine, error) {
		info, ok, err := readEndpoint(o.DataDir)
		if err != nil || !ok {
			return nil, err
		}
		if err := ask(ctx, info.URL); err != nil {
			o.Logf("embedded ClickHouse: process %d has the data directory but does not answer: %v", info.PID, err)
			return nil, nil
		}
		return join(o, info), nil
	})
}

func join(o Options, info endpointInfo) *Engine {
	e := &Engine{opts: o, url: info.URL, version: info.Version, joined: true, closing: make(chan struct{}), done: make(chan struct{})}
	go e.watch(info)
	return e
}

// watch ends a joined engine when its owner has.
func (e *Engine) watch(info endpointInfo) {
	defer close(e.done)
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for misses := 0; misses < watchMisses; {
		select {
		case <-e.closing:
			return
		case <-ticker.C:
		}
		if now, ok, err := readEndpoint(e.opts.DataDir); err == nil && (!ok || now != info) {
			e.err = fmt.Errorf("embedded ClickHouse: the engine of process %d has ended", info.PID)
			return
		}
		misses++
		if ask(context.Background(), info.URL) == nil {
			misses = 0
		}
	}
	e.err = fmt.Errorf("embedded ClickHouse: the engine of process %d does not answer", info.PID)
}

// direct reaches an address on this machine without asking the environment for
// a proxy.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// ask checks that an engine answers and takes the credentials.
func ask(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/", strings.NewReader("SELECT 1"))
	if err != nil {
		return err
	}
	res, err := direct.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != "1" {
		return fmt.Errorf("%s: %s", res.Status, strings.TrimSpace(string(body)))
	}
	return nil
}
