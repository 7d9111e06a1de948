// Package chromiumtest starts a headless Chromium, for the tests of what runs in a browser.
package chromiumtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a browser that was closed may go on writing to its profile.
const patience = 30 * time.Second

// ErrMissing is returned where there is no Chromium.
var ErrMissing = errors.New("chromium is not installed (apt-get install chromium): what runs in a browser is not tried")

// Start starts a browser with a profile of its own, for all tabs of a test, and with more flags if need be. Without
// Chromium the test is skipped, or fails where nothing may be skipped.
func Start(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx, stop, err := Launch(more...)
	SkipOrFail(t, err)
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return ctx
}

// SkipOrFail ends a test whose browser could not be launched.
func SkipOrFail(t *testing.T, err error) {
	t.Helper()
	switch {
	case errors.Is(err, ErrMissing) && os.Getenv("RINGSIDE_TEST_ALL") != "1":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

// Launch starts a browser for several tests; stop ends it and removes its profile.
func Launch(more ...chromedp.ExecAllocatorOption) (ctx context.Context, stop func() error, err error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, ErrMissing
	}
	profile, err := os.MkdirTemp("", "ringside-chromium-")
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, end := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	stop = func() error {
		closeBrowser()
		end()
		chromedp.FromContext(ctx).Allocator.Wait()
		return removeProfile(profile)
	}
	if err := chromedp.Run(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("chromium does not start: %w", err), stop())
	}
	return ctx, stop, nil
}

// removeProfile removes a browser's profile. Its helpers outlive it for a moment, and write to it.
func removeProfile(profile string) error {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := os.RemoveAll(profile)
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}
