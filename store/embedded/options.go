package embedded

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"time"
)

// Options configures an engine. Only DataDir is needed.
type Options struct {
	// DataDir is the folder whose subfolder "clickhouse" holds the data.
	DataDir string
	// Library is the path of libchdb.so; empty: it is looked for (see FindLibrary).
	Library string
	// Listen is the loopback address to serve; empty: 127.0.0.1 and a free port.
	Listen string
	// Logf takes the engine's messages, a line each; nil: they are dropped.
	Logf func(format string, args ...any)

	// MemoryLimit bounds ClickHouse's memory in bytes, QueryMemoryLimit one
	// statement's; 0: half of the machine's memory, and two thirds of that.
	MemoryLimit, QueryMemoryLimit int64
	// MaxQueries and MaxInserts bound the statements running at once, MaxWaiting
	// those that wait for a turn (further ones get error 202), MaxWait how long;
	// 0: 16, 8, 256, 30 s.
	MaxQueries, MaxInserts, MaxWaiting int
	MaxWait                            time.Duration
	// MaxStatement bounds a statement's text in bytes, VALUES included; 0: 16 MiB.
	// Rows sent as INSERT … FORMAT are not bounded.
	MaxStatement int
	// Durable has ClickHouse write every insert through to the disk before it is
	// acknowledged. Without it a power failure can lose the last seconds;
	// a crash of any process loses nothing either way.
	Durable bool
	// KeepFree is how many bytes of the disk are left free: what would take more
	// fails with error 243 (NOT_ENOUGH_SPACE), inserts as well as merges. On a disk
	// that is full to the last byte ClickHouse 26.7 may finish a part with an empty
	// file in it, of rows that it has acknowledged; 0: 256 MiB.
	KeepFree int64
	// AllowOutside lets statements reach files of this machine and other machines
	// (table functions file, url, remote, s3 …). Without it they get error 497.
	AllowOutside bool
	// StartTimeout bounds the time from start to readiness, LockTimeout the wait
	// for a data directory whose last user is still ending; 0: 2 min, 15 s.
	StartTimeout, LockTimeout time.Duration
	// Grace is how long statements may go on after Close has been called; 0: 10 s.
	Grace time.Duration
	// OnRestart is called, from one goroutine, when the child has died and
	// before it is started again.
	OnRestart func(reason error)
}

const (
	defaultMaxQueries   = 16
	defaultMaxInserts   = 8
	defaultMaxWaiting   = 256
	defaultMaxWait      = 30 * time.Second
	defaultMaxStatement = 16 << 20
	defaultStartTimeout = 2 * time.Minute
	defaultLockTimeout  = 15 * time.Second
	defaultGrace        = 10 * time.Second
	defaultKeepFree     = 256 << 20
	minMemoryLimit      = 256 << 20
)

func (o Options) withDefaults() (Options, error) {
	if o.DataDir == "" {
		return o, errors.New("embedded ClickHouse: no data directory given")
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return o, fmt.Errorf("embedded ClickHouse: data directory: %w", err)
	}
	o.DataDir = dir
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if err := loopback(o.Listen); err != nil {
		return o, err
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	setDefault(&o.MaxQueries, defaultMaxQueries)
	setDefault(&o.MaxInserts, defaultMaxInserts)
	setDefault(&o.MaxWaiting, defaultMaxWaiting)
	setDefault(&o.MaxWait, defaultMaxWait)
	setDefault(&o.MaxStatement, defaultMaxStatement)
	setDefault(&o.StartTimeout, defaultStartTimeout)
	setDefault(&o.LockTimeout, defaultLockTimeout)
	setDefault(&o.Grace, defaultGrace)
	setDefault(&o.KeepFree, defaultKeepFree)
	setDefault(&o.MemoryLimit, machineMemory()/2)
	if o.MemoryLimit < minMemoryLimit {
		return o, fmt.Errorf("embedded ClickHouse: a memory limit of %d MiB is too little, it needs %d", o.MemoryLimit>>20, minMemoryLimit>>20)
	}
	setDefault(&o.QueryMemoryLimit, o.MemoryLimit/3*2)
	return o, nil
}

func setDefault[T int | int64 | time.Duration](v *T, standard T) {
	if *v <= 0 {
		*v = standard
	}
}

// loopback refuses an address others could reach: the interface has a user
// with all rights, and no TLS.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("embedded ClickHouse: listen address %q: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("embedded ClickHouse: listen address %q is not a loopback address", address)
	}
	return nil
}

// platform says whether the library exists for this machine.
func platform() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("%w: the embedded ClickHouse exists for Linux on x86-64 with glibc only, and this is %s on %s; set store.url to a ClickHouse server",
			errors.ErrUnsupported, runtime.GOOS, runtime.GOARCH)
	}
	return nil
}
