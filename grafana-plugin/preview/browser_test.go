package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// drawn is what the page says of a panel.
type drawn struct {
	ID, Type, State, Error, Title string
	Rows                          int
	Overflow                      bool
}

const readPanels = `[...document.querySelectorAll('[data-panel]')].map(p => ({ID: p.dataset.panel, Type: p.dataset.type, State: p.dataset.state,
	Error: p.dataset.error ?? '', Rows: Number(p.dataset.rows ?? 0), Title: p.querySelector('h2,h6')?.textContent ?? ''}))`

// full are dashboards without a panel that may be empty: others show what a healthy centre does not have.
var full = map[string]bool{"wallboard": true}

// Every dashboard is opened in a real browser and every panel of it is drawn, without an error.
// RINGSIDE_SCREENSHOTS names a folder for pictures.
func TestDashboardsInABrowser(t *testing.T) {
	p, source := demo(t)
	bundle := filepath.Join(root(t), ".cache", "preview")
	makeBundle(t, root(t))
	handler, err := newSite(p, filepath.Join(root(t), "deploy", "grafana", "dashboards"), bundle, source)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	ctx := browser(t)
	files, err := filepath.Glob(filepath.Join(root(t), "deploy", "grafana", "dashboards", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no dashboards", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) { look(t, ctx, server.URL, name) })
	}
}

func look(t *testing.T, ctx context.Context, site, name string) {
	ctx, stop := chromedp.NewContext(ctx)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var problems []string
	chromedp.ListenTarget(ctx, func(event any) {
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			problems = append(problems, e.ExceptionDetails.Error())
		}
	})
	var panels []drawn
	var picture []byte
	err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(1920, 1080, 1, false),
		chromedp.Navigate(site+"/?dashboard=ringside-"+name),
		chromedp.ActionFunc(func(ctx context.Context) error { return drawnAll(ctx) }),
		chromedp.Evaluate(readPanels, &panels))
	if err != nil {
		t.Fatalf("%v; the page said %q", err, problems)
	}
	for _, panel := range panels {
		if panel.State != "done" {
			t.Errorf("panel %s %q (%s): %s", panel.ID, panel.Title, panel.Type, panel.Error)
		} else if panel.Rows == 0 && full[name] {
			t.Errorf("panel %s %q (%s) has no rows", panel.ID, panel.Title, panel.Type)
		}
	}
	if len(problems) > 0 {
		t.Errorf("the page threw %q", problems)
	}
	if dir := os.Getenv("RINGSIDE_SCREENSHOTS"); dir != "" {
		if err := chromedp.Run(ctx, page.BringToFront(), chromedp.FullScreenshot(&picture, 100)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// drawnAll waits for every panel to have been drawn. It asks from here: the page's own timers rest in a tab that nobody sees.
func drawnAll(ctx context.Context) error {
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		var done bool
		if err := chromedp.Evaluate(`document.querySelectorAll('[data-panel]').length > 0 && !document.querySelector('[data-state=loading]')`, &done).Do(ctx); err != nil || done {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			var panels []drawn
			_ = chromedp.Evaluate(readPanels, &panels).Do(context.WithoutCancel(ctx)) // for the message
			return fmt.Errorf("%w: %+v", ctx.Err(), panels)
		}
	}
}

// makeBundle bundles the preview where that has not been done.
func makeBundle(t *testing.T, root string) {
	t.Helper()
	c := exec.Command("make", "--no-print-directory", "../.cache/preview/preview.js")
	c.Dir = filepath.Join(root, "grafana-plugin")
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("bundle the preview: %v\n%s", err, text)
	}
}

func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("RINGSIDE_TEST_ALL") == "1" {
			t.Fatal("chromium is missing: apt-get install chromium")
		}
		t.Skip("chromium is not installed (apt-get install chromium): the dashboards are not looked at")
	}
	profile, err := os.MkdirTemp("", "ringside-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeBrowser()
		stop()
		chromedp.FromContext(ctx).Allocator.Wait()
		if err := until(10*time.Second, func() bool { return os.RemoveAll(profile) == nil }); err != nil {
			t.Errorf("the browser's profile in %s stays: %v", profile, err)
		}
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(fmt.Errorf("chromium does not start: %w", err))
	}
	return ctx
}
