package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// LibraryVariable is the environment variable that names libchdb.so.
const LibraryVariable = "RINGSIDE_LIBCHDB"

const libraryName = "libchdb.so"

// ErrNoLibrary says that libchdb.so is nowhere it was looked for.
var ErrNoLibrary = errors.New("the embedded ClickHouse's library was not found")

// FindLibrary returns the path of libchdb.so: the explicit one, else that of
// RINGSIDE_LIBCHDB, else the first of: beside the program, .cache/engine in the
// working directory or in a Go module above it, ringside/engine in the user's
// cache directory. An explicit path that does not exist is an error, not a reason to
// look further.
func FindLibrary(explicit string) (string, error) {
	if err := platform(); err != nil {
		return "", err
	}
	for _, named := range []struct{ path, by string }{{explicit, "by configuration"}, {os.Getenv(LibraryVariable), "by " + LibraryVariable}} {
		if named.path == "" {
			continue
		}
		if err := regular(named.path); err != nil {
			return "", fmt.Errorf("%w: it is named %s: %w", ErrNoLibrary, named.by, err)
		}
		return filepath.Abs(named.path)
	}
	var looked []string
	for _, dir := range libraryDirs() {
		path := filepath.Join(dir, libraryName)
		if regular(path) == nil {
			return path, nil
		}
		looked = append(looked, path)
	}
	return "", fmt.Errorf("%w; looked for\n  %s\nRun `make engine` (or scripts/fetch-engine.sh DIR) to fetch it, or name it in %s",
		ErrNoLibrary, strings.Join(looked, "\n  "), LibraryVariable)
}

func libraryDirs() []string {
	var dirs []string
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(exe))
	}
	if dir, err := os.Getwd(); err == nil {
		dirs = append(dirs, filepath.Join(dir, ".cache", "engine"))
		// A test runs in its package's folder: the repository is above it. Other
		// folders above could be anybody's.
		for up := filepath.Dir(dir); up != filepath.Dir(up); up = filepath.Dir(up) {
			if regular(filepath.Join(up, "go.mod")) == nil {
				dirs = append(dirs, filepath.Join(up, ".cache", "engine"))
			}
		}
	}
	if dir, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, filepath.Join(dir, "ringside", "engine"))
	}
	return dirs
}

func regular(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	return nil
}
