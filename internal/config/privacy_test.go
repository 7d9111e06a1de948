package config

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestPrivacyKeyIsTheConfiguredOne(t *testing.T) {
	c := Default()
	c.Privacy.Key = NewSecret("0123456789abcdef")
	c.DataDir = filepath.Join(t.TempDir(), "none")
	key, err := c.PrivacyKey()
	if err != nil || string(key) != "0123456789abcdef" {
		t.Errorf("key %q, %v", key, err)
	}
	if _, err := os.Stat(c.DataDir); err == nil {
		t.Error("a folder was made for nothing")
	}
}

func TestPrivacyKeyIsMadeOnce(t *testing.T) {
	c := Default()
	c.DataDir = filepath.Join(t.TempDir(), "new", "data")
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := c.PrivacyKey()
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || len(k) < minPrivacyKey {
			t.Fatalf("keys differ or are short: %q", keys)
		}
	}
	path := filepath.Join(c.DataDir, "privacy.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v, want a file that only its owner reads", info, err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := c.PrivacyKey(); err == nil {
		t.Errorf("a key cut short was used: %q", key)
	}
}
