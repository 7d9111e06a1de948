package webhook

import (
	"log/slog"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/uuid"

	"ringside/ingest"
	"ringside/ingest/kafka"
)

// MaxBody is the longest body that is taken.
const MaxBody = 1 << 20

// Options configure a Gateway.
type Options struct {
	Listen    string // host:port
	CertFile  string // "", with KeyFile: a self-signed certificate, kept in Dir
	KeyFile   string
	Dir       string // for what the gateway makes for itself
	Endpoints []Endpoint

	Producer      kafka.ProducerOptions
	Topics        Topics
	BrokerTimeout time.Duration // how long a request waits for the brokers before its event goes to the spool
	SpoolDir      string
	SpoolLimit    int64 // bytes

	MaxConnections int
	MaxBodyBytes   int64 // of all requests under way

	Decoders func() map[string]ingest.Decoder // a fresh set: a decoder is for one goroutine
	Metrics  *metrics.Set
	Log      *slog.Logger

	habits habits
}

// Topics are where events go, by what they are about.
type Topics struct{ Queue, User, Callback string }

// Endpoint is one address under /webhooks/.
type Endpoint struct {
	Name   string
	Source string
	// Tokens returns those that are valid now. It is asked every second, so that tokens can be exchanged without a restart;
	// while it fails, the ones before stay valid.
	Tokens         func() ([]string, error)
	Organizations  []uuid.UUID // nil: any
	AllowedOrigins []string    // of browsers' pages; "*": any
	Rate           float64     // events/s; 0: no limit
	Burst          int         // 0: those of two seconds
}

// habits are what no configuration changes; tests have shorter ones.
type habits struct {
	readHeader time.Duration // for the handshake, and for the header of a request
	read       time.Duration // for a request as a whole
	write      time.Duration // from the header of a request until its answer is written
	idle       time.Duration // between requests
	shutdown   time.Duration // for the requests under way when the gateway stops
	look       time.Duration // how often certificates and tokens are looked at
	retry      time.Duration // the first pause after the brokers refused what is in the spool; the pauses grow
	retryMost  time.Duration
	drain      time.Duration // how long the brokers may take for a batch from the spool
}

func defaultHabits() habits {
	return habits{readHeader: 5 * time.Second, read: 10 * time.Second, write: 20 * time.Second, idle: time.Minute,
		shutdown: 3 * time.Second, look: time.Second, retry: 250 * time.Millisecond, retryMost: 2 * time.Second, drain: 15 * time.Second}
}

// maxHeader bounds a request's header lines; the vendor's take some 300 bytes.
const maxHeader = 16 << 10
