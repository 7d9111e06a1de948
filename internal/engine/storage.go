package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"ringside/internal/config"
	"ringside/store"
	"ringside/store/embedded"
)

// StoreUse says what a store is opened for.
type StoreUse int

// The uses.
const (
	StoreRead    StoreUse = iota // an existing store, also one that another process runs; nothing is created
	StoreReplay                  // as StoreRead, but made and migrated where need be
	StoreMigrate                 // as StoreReplay, and the retention is set as configured
	StoreOwn                     // the store of a running engine: an embedded one must not be in use by another process
)

// closeGrace bounds the end of an embedded store.
const closeGrace = 15 * time.Second

// Store is the store of a configuration: a ClickHouse server, or the embedded one under the data folder.
type Store struct {
	DB       *store.DB
	embedded *embedded.Engine // nil for a server
	url      *url.URL         // with credentials
	tls      *tls.Config      // nil for an embedded one
	http     *http.Transport
	config   *config.Config
}

// OpenStore opens the configured store; an embedded one is started, or joined if another process runs it.
func OpenStore(ctx context.Context, c *config.Config, use StoreUse, log *slog.Logger) (*Store, error) {
	// Neither a proxy of the environment nor compression comes between: answers are passed on byte by byte.
	s := &Store{config: c, http: &http.Transport{DisableCompression: true}}
	if err := s.locate(ctx, use, log); err != nil {
		return nil, err
	}
	var err error
	s.DB, err = store.Open(ctx, store.Options{URL: s.url.String(), Database: c.Store.Database, TLS: s.tls})
	if err == nil && use != StoreRead {
		err = s.prepare(ctx, use)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// locate finds out the URL and starts what is embedded.
func (s *Store) locate(ctx context.Context, use StoreUse, log *slog.Logger) error {
	c := s.config
	if !c.Store.Embedded {
		u, err := url.Parse(c.Store.URL)
		if err != nil {
			return errors.New("store.url cannot be parsed")
		}
		if s.tls, err = c.Store.TLS.Client(); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		u.User = url.UserPassword(c.Store.Username, c.Store.Password.Reveal())
		s.url = u
		return nil
	}
	if use == StoreRead {
		if _, err := os.Stat(filepath.Join(c.DataDir, "clickhouse")); err != nil {
			return fmt.Errorf("there is no store in %s: name the folder with --data-dir, or fill it with `ringside demo` or `ringside replay`", c.DataDir)
		}
	}
	open := embedded.OpenOrJoin
	if use == StoreOwn {
		open = embedded.Start
	}
	options := embedded.Options{DataDir: c.DataDir, Library: c.Store.Library, KeepFree: int64(c.Store.KeepFree),
		Logf: func(format string, a ...any) { log.Debug(fmt.Sprintf(format, a...)) }}
	if use == StoreOwn {
		options.LockTimeout = 3 * time.Second
		options.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Store.Port))
	}
	engine, err := open(ctx, options)
	if errors.Is(err, syscall.EADDRINUSE) {
		return &StorePortError{c.Store.Port}
	}
	if errors.Is(err, embedded.ErrInUse) {
		return fmt.Errorf("%s is in use by another Ringside: stop it, or choose another --data-dir: %w", c.DataDir, err)
	}
	if err != nil {
		return err
	}
	s.embedded = engine
	if s.url, err = url.Parse(engine.URL()); err != nil {
		return errors.Join(fmt.Errorf("BUG: the embedded store's URL: %w", err), s.Close())
	}
	return nil
}

// StorePortError says that another program has the port of the embedded store.
type StorePortError struct{ Port int }

func (e *StorePortError) Error() string {
	return fmt.Sprintf("embedded ClickHouse: port %d of 127.0.0.1 is in use by another program; stop it or choose another store.port, 0 takes a free one", e.Port)
}

// prepare migrates. A replay sets no retention: what it brings may be older than any, and would be gone at once.
func (s *Store) prepare(ctx context.Context, use StoreUse) error {
	if err := s.DB.Migrate(ctx); err != nil || use == StoreReplay {
		return err
	}
	r := &s.config.Store.Retention
	return s.DB.SetRetention(ctx, store.Retention{Events: r.EventsDays, Late: r.LateDays, Rejects: r.RejectsDays,
		Calls: r.CallsDays, Histories: r.HistoriesDays, Intervals: r.IntervalsDays, Daily: r.DailyDays})
}

// Joined tells whether another process runs this embedded store.
func (s *Store) Joined() bool { return s.embedded != nil && s.embedded.Joined() }

// Ended is closed when an embedded store has ended for good; nil for a server.
func (s *Store) Ended() <-chan struct{} {
	if s.embedded == nil {
		return nil
	}
	return s.embedded.Done()
}

// Err tells why an embedded store has ended.
func (s *Store) Err() error {
	if s.embedded == nil {
		return nil
	}
	return s.embedded.Err()
}

// Endpoint returns the address of ClickHouse's HTTP interface, without credentials.
func (s *Store) Endpoint() *url.URL {
	u := *s.url
	u.User = nil
	return &u
}

// Reader returns who may read an embedded store without changing it, and the file with the password; "" for a server,
// which has users of its own.
func (s *Store) Reader() (user, passwordFile string) {
	if s.embedded == nil {
		return "", ""
	}
	return embedded.Reader, s.embedded.ReaderPasswordFile()
}

// Authorize gives a request the credentials; they do not belong into a URL, which errors quote.
func (s *Store) Authorize(r *http.Request) {
	password, _ := s.url.User.Password()
	r.Header.Set("X-ClickHouse-User", s.url.User.Username())
	r.Header.Set("X-ClickHouse-Key", password)
}

// HTTP returns a client for the endpoint.
func (s *Store) HTTP() *http.Client { return &http.Client{Transport: s.http} }

// Close ends what OpenStore started; a store that another process runs stays.
func (s *Store) Close() error {
	var errs []error
	s.http.CloseIdleConnections()
	if s.DB != nil {
		errs = append(errs, s.DB.Close())
	}
	if s.embedded != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		errs = append(errs, s.embedded.Close(ctx))
	}
	return errors.Join(errs...)
}

// newWriter returns the one writer of this process; before is store.WriterOptions.Before.
func newWriter(db *store.DB, c *config.Config, m *Metrics, before func(context.Context) error) (*store.Writer, error) {
	mode, err := store.ParseEventsMode(c.Store.Events)
	if err != nil {
		return nil, fmt.Errorf("store.events: %w", err)
	}
	f := &c.Store.Flush
	return store.NewWriter(db, store.WriterOptions{Events: mode, Metrics: m.set, Before: before, Cadence: store.Cadence{
		Now: f.Now.Std(), Figures: f.Figures.Std(), History: f.History.Std(), HistoryRows: f.Rows}}), nil
}

// claimed tells whether an engine that reads Kafka owns an organization.
func (s *Store) claimed(ctx context.Context, organization uuid.UUID) (bool, error) {
	var n uint64
	err := s.DB.Conn().QueryRow(ctx, "SELECT count() FROM organizations WHERE organization_id = {organization:UUID} AND kafka_partition >= 0",
		clickhouse.Named("organization", organization.String())).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("read organizations: %w", err)
	}
	return n > 0, nil
}

// refuseOtherGroups fails where another group keeps its figures: each would take the other's rows for leftovers of a
// former owner.
func (s *Store) refuseOtherGroups(ctx context.Context, group string) error {
	var others []string
	err := s.DB.Conn().QueryRow(ctx, "SELECT arraySort(groupUniqArray(kafka_group)) FROM checkpoint_manifests WHERE kafka_partition >= 0 AND kafka_group != {group:String}",
		clickhouse.Named("group", group)).Scan(&others)
	if err != nil {
		return fmt.Errorf("read checkpoint_manifests: %w", err)
	}
	if len(others) > 0 {
		return fmt.Errorf("the database %s holds the figures of kafka.group %s, and kafka.group is %s: set kafka.group back, or choose another store.database (or data_dir)",
			s.config.Store.Database, others[0], group)
	}
	return nil
}
