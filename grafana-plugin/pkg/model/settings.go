package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"time"

	"github.com/google/uuid"
)

// Settings are those of a data source, checked.
type Settings struct {
	Address       string // host:port
	Path          string // of the HTTP interface behind a proxy
	Native, TLS   bool
	Username      string
	Password      string
	Database      string
	DialTimeout   time.Duration
	QueryTimeout  time.Duration
	MaxRows       int
	Organizations []uuid.UUID // the only ones that may be seen; nil: all
	Pinned        bool        // Organizations bind, even if there are none
	RowPolicies   bool
	SkipVerify    bool
	ServerName    string
	CACert        string
	ClientCert    string
	ClientKey     string
	PollInterval  time.Duration
	Live          bool
}

type wireSettings struct {
	URL               string   `json:"url"`
	Username          string   `json:"username"`
	Database          string   `json:"database"`
	DialTimeoutSec    float64  `json:"dialTimeoutSec"`
	QueryTimeoutSec   float64  `json:"queryTimeoutSec"`
	MaxRows           int      `json:"maxRows"`
	Organizations     []string `json:"organizations"`
	RowPolicies       bool     `json:"rowPolicies"`
	TLSAuth           bool     `json:"tlsAuth"`
	TLSAuthWithCACert bool     `json:"tlsAuthWithCACert"`
	TLSSkipVerify     bool     `json:"tlsSkipVerify"`
	TLSServerName     string   `json:"tlsServerName"`
	PollIntervalMs    float64  `json:"pollIntervalMs"`
	Live              *bool    `json:"live"`
}

const (
	maxDatabaseRows = 1_000_000
	minPoll         = 100
)

// A database's name goes into the connection; quoting is not needed for one like these.
var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// ParseSettings reads the settings: address is the data source's own, which is used where jsonData names none.
func ParseSettings(jsonData []byte, address string, secrets map[string]string) (*Settings, error) {
	w := wireSettings{Database: "ringside", DialTimeoutSec: 5, QueryTimeoutSec: 30, MaxRows: 100_000, PollIntervalMs: 500}
	if len(jsonData) > 0 {
		if err := json.Unmarshal(jsonData, &w); err != nil {
			return nil, fmt.Errorf("the data source's settings cannot be read: %w", err)
		}
	}
	if w.URL == "" {
		w.URL = address
	}
	s := &Settings{Username: w.Username, Password: secrets["password"], Database: w.Database, RowPolicies: w.RowPolicies,
		SkipVerify: w.TLSSkipVerify, ServerName: w.TLSServerName, Live: w.Live == nil || *w.Live}
	if err := s.readAddress(w.URL); err != nil {
		return nil, err
	}
	if s.Database == "" {
		s.Database = "ringside"
	}
	if !databaseName.MatchString(s.Database) {
		return nil, fmt.Errorf("database %.64q: letters, digits and _ only", s.Database)
	}
	if err := s.readLimits(&w); err != nil {
		return nil, err
	}
	if err := s.readCertificates(&w, secrets); err != nil {
		return nil, err
	}
	return s, s.readOrganizations(w.Organizations)
}

func (s *Settings) readAddress(text string) error {
	const example = "it is like http://clickhouse:8123, https://clickhouse:8443 or clickhouse://clickhouse:9000"
	if text == "" {
		return errors.New("no address of ClickHouse is set; " + example)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return fmt.Errorf("the address of ClickHouse cannot be read; %s", example) // it may hold a password: not shown
	}
	port := map[string]string{"http": "8123", "https": "8443", "clickhouse": "9000", "clickhouses": "9440", "native": "9000", "tcp": "9000"}[u.Scheme]
	if port == "" {
		return fmt.Errorf("the address of ClickHouse begins with %.16q; %s", u.Scheme+"://", example)
	}
	s.Native = u.Scheme != "http" && u.Scheme != "https"
	s.TLS = u.Scheme == "https" || u.Scheme == "clickhouses" || u.Query().Get("secure") == "true"
	if s.TLS && s.Native {
		port = "9440"
	}
	if u.Port() != "" {
		port = u.Port()
	}
	s.Address = net.JoinHostPort(u.Hostname(), port)
	if !s.Native && u.Path != "/" {
		s.Path = u.Path
	}
	if u.User != nil {
		if s.Username == "" {
			s.Username = u.User.Username()
		}
		if password, has := u.User.Password(); has && s.Password == "" {
			s.Password = password
		}
	}
	return nil
}

func (s *Settings) readLimits(w *wireSettings) error {
	for _, limit := range []struct {
		member            string
		value, least, max float64
	}{{"dialTimeoutSec", w.DialTimeoutSec, .1, 300}, {"queryTimeoutSec", w.QueryTimeoutSec, 1, 3600},
		{"maxRows", float64(w.MaxRows), 1, maxDatabaseRows}, {"pollIntervalMs", w.PollIntervalMs, minPoll, 600_000}} {
		if limit.value < limit.least || limit.value > limit.max {
			return fmt.Errorf("%s is %g; it may be %g to %g", limit.member, limit.value, limit.least, limit.max)
		}
	}
	s.DialTimeout = time.Duration(w.DialTimeoutSec * float64(time.Second))
	s.QueryTimeout = time.Duration(w.QueryTimeoutSec * float64(time.Second))
	s.MaxRows = w.MaxRows
	s.PollInterval = time.Duration(w.PollIntervalMs * float64(time.Millisecond))
	return nil
}

func (s *Settings) readCertificates(w *wireSettings, secrets map[string]string) error {
	if w.TLSAuthWithCACert {
		if s.CACert = secrets["tlsCACert"]; s.CACert == "" {
			return errors.New("an own CA is asked for and its certificate (tlsCACert) is missing")
		}
	}
	if w.TLSAuth {
		s.ClientCert, s.ClientKey = secrets["tlsClientCert"], secrets["tlsClientKey"]
		if s.ClientCert == "" || s.ClientKey == "" {
			return errors.New("TLS client authentication is asked for and tlsClientCert or tlsClientKey is missing")
		}
	}
	if (w.TLSAuth || w.TLSAuthWithCACert) && !s.TLS {
		return errors.New("certificates are set and the address has no TLS; it is then like https://clickhouse:8443 or clickhouses://clickhouse:9440")
	}
	return nil
}

// readOrganizations reads no "all" and skips nothing: a pin that is not understood must not let everything be seen.
func (s *Settings) readOrganizations(list []string) error {
	s.Pinned = len(list) > 0
	for _, text := range list {
		id, err := uuid.Parse(text)
		if err != nil {
			return fmt.Errorf("organizations: %.64q is no UUID", text)
		}
		s.Organizations = append(s.Organizations, id)
	}
	return nil
}
