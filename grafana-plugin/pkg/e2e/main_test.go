package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ringside/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

var (
	build    sync.Once
	binary   []byte
	buildErr error
)

// pluginBinary is the path of the plugin's binary, for one test; it is built when first asked for.
func pluginBinary(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "gpx_ringside")
	build.Do(func() {
		args := []string{"build", "-o", path}
		if raceDetector {
			args = append(args, "-race")
		}
		if out, err := exec.Command("go", append(args, "ringside/grafana-plugin/pkg")...).CombinedOutput(); err != nil {
			buildErr = fmt.Errorf("build the plugin: %w\n%s", err, strings.TrimSpace(string(out)))
			return
		}
		binary, buildErr = os.ReadFile(path)
	})
	if buildErr != nil {
		tb.Fatal(buildErr)
	}
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		tb.Fatal(err)
	}
	return path
}
