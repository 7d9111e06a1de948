// Package chromiumtest starts a headless Chromium, for the tests of what runs in a browser.
package chromiumtest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a browser that was closed may go on writing to its profile.
const patience = 30 * time.Second

// Start starts a browser with a profile of its own, for all tabs of a test, and with more flags if need be. Without
// Chromium the test is skipped, or fails where nothing may be skipped.
func Start(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("RINGSIDE_TEST_ALL") == "1" {
			t.Fatal("chromium is missing: apt-get install chromium")
		}
		t.Skip("chromium is not installed (apt-get install chromium): what runs in a browser is not tried")
	}
	profile, err := os.MkdirTemp("", "ringside-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeBrowser()
		stop()
		chromedp.FromContext(ctx).Allocator.Wait()
		removeProfile(t, profile)
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	return ctx
}

// removeProfile removes a browser's profile. Its helpers outlive it for a moment, and write to it.
func removeProfile(t *testing.T, profile string) {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := os.RemoveAll(profile)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Errorf("the browser's profile cannot be removed: %v", err)
			return
		}
	}
}
