package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const minPrivacyKey = 16

// PrivacyKey returns the key of the hash of callers' numbers: the configured one, else one that is made at first use
// and kept in data_dir/privacy.key, so that a caller stays recognizable over restarts.
func (c *Config) PrivacyKey() ([]byte, error) {
	if c.Privacy.Key.IsSet() {
		return []byte(c.Privacy.Key.Reveal()), nil
	}
	if err := os.MkdirAll(c.DataDir, 0o755); err != nil {
		return nil, fmt.Errorf("privacy key: %w", err)
	}
	path := filepath.Join(c.DataDir, "privacy.key")
	key, err := readPrivacyKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createWhole(path, rand.Text()+rand.Text()+"\n"); err != nil {
		return nil, fmt.Errorf("privacy key: %w", err)
	}
	return readPrivacyKey(path)
}

func readPrivacyKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("privacy key: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if len(key) < minPrivacyKey {
		return nil, fmt.Errorf("privacy key: %s holds fewer than %d characters", path, minPrivacyKey)
	}
	return []byte(key), nil
}

// createWhole makes the file path with text, complete or not at all. Where another process was faster, its file stays.
func createWhole(path, text string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.WriteString(text)
	if err == nil {
		err = tmp.Sync()
	}
	if errClose := tmp.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
