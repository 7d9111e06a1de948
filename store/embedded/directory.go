package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Files of DataDir/clickhouse by which processes find each other.
const (
	lockFile     = "lock"
	endpointFile = "endpoint.json"
)

// ErrInUse says that another process has the data directory.
var ErrInUse = errors.New("the data directory is in use")

// directory is DataDir/clickhouse, held by this process and its child.
type directory struct {
	path string
	lock *os.File
}

// endpointInfo is what endpoint.json tells other processes of the same user.
type endpointInfo struct {
	PID     int       `json:"pid"`
	URL     string    `json:"url"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
}

// claim takes the directory, creating it if need be. It returns ErrInUse at
// once if another process holds it.
//
// The lock is the only judge: the kernel drops it with the last process that
// has it, killed or not, so whatever a dead owner left behind is known to be
// stale.
func claim(dataDir string) (*directory, error) {
	d := &directory{path: filepath.Join(dataDir, "clickhouse")}
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		return nil, fmt.Errorf("embedded ClickHouse: create the data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(d.path, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("embedded ClickHouse: the data directory cannot be written: %w", err)
	}
	free, err := tryLock(f)
	if err != nil || !free {
		_ = f.Close()
		if err == nil {
			err = ErrInUse
		}
		return nil, fmt.Errorf("embedded ClickHouse: lock %s: %w", d.path, err)
	}
	d.lock = f
	if err := d.withdraw(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return d, nil
}

// announce writes endpoint.json. It holds the password, so only its owner can read it.
func (d *directory) announce(info endpointInfo) error {
	b, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return err
	}
	return d.write(endpointFile, append(b, '\n'))
}

func (d *directory) withdraw() error {
	if err := os.Remove(filepath.Join(d.path, endpointFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("embedded ClickHouse: remove the note of an engine that has ended: %w", err)
	}
	return nil
}

// write replaces a file as a whole.
func (d *directory) write(name string, content []byte) error {
	f, err := os.CreateTemp(d.path, name+".*")
	if err != nil {
		return fmt.Errorf("embedded ClickHouse: the data directory cannot be written: %w", err)
	}
	_, err = f.Write(content) // created with mode 0600
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(d.path, name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("embedded ClickHouse: write %s: %w", name, err)
	}
	return nil
}

// release gives the directory up; the child must have ended.
func (d *directory) release() error {
	return errors.Join(d.withdraw(), d.lock.Close())
}

// readEndpoint returns what the directory's owner has announced; ok is false
// while it has announced nothing.
func readEndpoint(dataDir string) (info endpointInfo, ok bool, err error) {
	path := filepath.Join(dataDir, "clickhouse", endpointFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return info, false, nil
	}
	if err != nil {
		return info, false, fmt.Errorf("embedded ClickHouse: find the running engine: %w", err)
	}
	if err := json.Unmarshal(b, &info); err != nil {
		return info, false, fmt.Errorf("embedded ClickHouse: %s: %w", path, err)
	}
	return info, info.URL != "", nil
}
