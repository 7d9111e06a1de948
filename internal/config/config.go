// Package config reads Ringside's configuration: one YAML file, every setting of which can be overridden by an
// environment variable (kafka.brokers → RINGSIDE_KAFKA_BROKERS). Unknown keys are errors that name the nearest known
// one; all errors are reported at once. deploy/ringside.yaml documents every setting and is kept complete by a test.
package config

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// Config holds the settings of one Ringside process. Use [Load] or [Default]; after changing fields by hand call
// [Config.Validate].
type Config struct {
	DataDir     string            `yaml:"data_dir"` // embedded broker and store, and what Ringside makes for itself
	Kafka       Kafka             `yaml:"kafka"`
	Store       Store             `yaml:"store"`
	HTTP        HTTP              `yaml:"http"`
	Webhook     Webhook           `yaml:"webhook"`
	Definitions Definitions       `yaml:"definitions"`
	Rules       Rules             `yaml:"rules"`
	RegionMap   map[string]string `yaml:"region_map"` // a vendor's Region → IANA zone
	Privacy     Privacy           `yaml:"privacy"`
	Memory      Memory            `yaml:"memory"`
	Log         Log               `yaml:"log"`

	origins  origins
	warnings []string
}

// Kafka says where events come from.
type Kafka struct {
	Embedded        bool     `yaml:"embedded"`   // run the embedded broker instead of connecting to Brokers
	Port            int      `yaml:"port"`       // of the embedded broker, on loopback
	Partitions      int      `yaml:"partitions"` // of the embedded broker's topics
	Brokers         []string `yaml:"brokers"`    // host:port
	Topics          Topics   `yaml:"topics"`
	Group           string   `yaml:"group"`
	TLS             TLS      `yaml:"tls"`
	SASL            SASL     `yaml:"sasl"`
	Fetch           Fetch    `yaml:"fetch"`
	Start           string   `yaml:"start"`        // StartEarliest or StartLatest: where a partition without a checkpoint begins
	OutOfRange      string   `yaml:"out_of_range"` // OutOfRangeFail, StartEarliest or StartLatest: where the log has lost the position
	SessionTimeout  Duration `yaml:"session_timeout"`
	MaxMessageBytes Bytes    `yaml:"max_message_bytes"`
}

// The values of Kafka.Start; Kafka.OutOfRange has a third.
const (
	StartEarliest  = "earliest"
	StartLatest    = "latest"
	OutOfRangeFail = "fail"
)

// Topics names the three topics. They may be one and the same.
type Topics struct {
	QueueEvents    Topic `yaml:"queue_events"`
	UserEvents     Topic `yaml:"user_events"`
	CallbackEvents Topic `yaml:"callback_events"`
}

// Topic is one topic, and the vendor of its messages that have no header `source`.
type Topic struct {
	Name   string `yaml:"name"`
	Source string `yaml:"source"`
}

// List returns the distinct topics in a fixed order.
func (t Topics) List() []Topic {
	var list []Topic
	for _, topic := range []Topic{t.QueueEvents, t.UserEvents, t.CallbackEvents} {
		seen := false
		for _, have := range list {
			seen = seen || have.Name == topic.Name
		}
		if !seen {
			list = append(list, topic)
		}
	}
	return list
}

// TLS configures a client connection; see [TLS.Client].
type TLS struct {
	Enabled bool `yaml:"enabled"`
	Trust   `yaml:",inline"`
}

// Trust says whom a TLS client believes, and who it is; see [Trust.Client].
type Trust struct {
	CAFile             string `yaml:"ca_file"`   // PEM; "": the system's
	CertFile           string `yaml:"cert_file"` // PEM, with KeyFile: client certificate
	KeyFile            string `yaml:"key_file"`
	ServerName         string `yaml:"server_name"`
	InsecureSkipVerify bool   `yaml:"insecure_skip_verify"`
}

// SASL authenticates to the brokers.
type SASL struct {
	Mechanism    string `yaml:"mechanism"` // "": none; PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512
	Username     string `yaml:"username"`
	Password     Secret `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
}

// The values of SASL.Mechanism.
const (
	SASLPlain       = "PLAIN"
	SASLScramSHA256 = "SCRAM-SHA-256"
	SASLScramSHA512 = "SCRAM-SHA-512"
)

// Fetch bounds one fetch request per topic and partition.
type Fetch struct {
	MaxBytes Bytes    `yaml:"max_bytes"`
	MaxWait  Duration `yaml:"max_wait"`
}

// Store says where rows go.
type Store struct {
	Embedded     bool       `yaml:"embedded"`  // run the embedded ClickHouse under DataDir instead of connecting to URL
	Port         int        `yaml:"port"`      // of the embedded ClickHouse's HTTP interface, on loopback; 0: any free one
	Library      string     `yaml:"library"`   // path of the embedded ClickHouse's libchdb.so; "": it is looked for
	KeepFree     Bytes      `yaml:"keep_free"` // of the embedded ClickHouse's disk: what would take more is not written, and waits
	URL          string     `yaml:"url"`       // of ClickHouse's HTTP interface
	TLS          Trust      `yaml:"tls"`       // where URL is https
	Username     string     `yaml:"username"`
	Password     Secret     `yaml:"password"`
	PasswordFile string     `yaml:"password_file"`
	Database     string     `yaml:"database"`
	Events       string     `yaml:"events"` // EventsFull, EventsIDs or EventsOff
	Retention    Retention  `yaml:"retention"`
	Flush        Flush      `yaml:"flush"`
	Checkpoint   Checkpoint `yaml:"checkpoint"`
}

// The values of Store.Events.
const (
	EventsFull = "full"
	EventsIDs  = "ids"
	EventsOff  = "off"
)

// Retention is how many days rows are kept, by kind of table; 0: for ever.
type Retention struct {
	EventsDays    int `yaml:"events_days"`
	CallsDays     int `yaml:"calls_days"`     // calls, callbacks
	HistoriesDays int `yaml:"histories_days"` // queue_status, agent_status, callback_list_status
	IntervalsDays int `yaml:"intervals_days"` // queue_interval_metrics, agent_interval_metrics
	DailyDays     int `yaml:"daily_days"`     // queue_daily_call_metrics
	LateDays      int `yaml:"late_days"`      // late_events
	RejectsDays   int `yaml:"rejects_days"`
}

// Flush says how long rows are collected before they are written.
type Flush struct {
	Now     Duration `yaml:"now"`     // the _now tables
	Figures Duration `yaml:"figures"` // calls, daily figures, callbacks
	History Duration `yaml:"history"` // intervals, histories, events
	Rows    int      `yaml:"rows"`    // write earlier once this many rows wait
}

// Checkpoint says how often the state is saved.
type Checkpoint struct {
	Interval Duration `yaml:"interval"`
}

// HTTP is the page, /metrics and the health checks.
type HTTP struct {
	Listen string `yaml:"listen"` // host:port; "": not served
}

// Definitions are the choices of docs/METRICS.md that hold for all organizations.
type Definitions struct {
	Lateness   Duration           `yaml:"lateness"`
	FutureSkew Duration           `yaml:"future_skew"`
	Prompt     PromptDefinition   `yaml:"prompt"`
	Call       CallDefinition     `yaml:"call"`
	Agent      AgentDefinition    `yaml:"agent"`
	Callback   CallbackDefinition `yaml:"callback"`
	Overflow   OverflowDefinition `yaml:"overflow"`
}

// PromptDefinition bounds how long a mandatory prompt stops the wait clock.
type PromptDefinition struct {
	Max Duration `yaml:"max"`
}

// CallDefinition says when a call that is not heard of any more is let go.
type CallDefinition struct {
	MaxAge    CallMaxAge `yaml:"max_age"`
	Linger    Duration   `yaml:"linger"`
	EndGrace  Duration   `yaml:"end_grace"`
	SkewGrace Duration   `yaml:"skew_grace"`
}

// CallMaxAge is the silence after which a call is over.
type CallMaxAge struct {
	Unanswered Duration `yaml:"unanswered"`
	Answered   Duration `yaml:"answered"`
}

// AgentDefinition says when an agent's state is no longer believed.
type AgentDefinition struct {
	Stale Duration `yaml:"stale"`
}

// CallbackDefinition says when a callback is over for good, and what "expires in 24 hours" means.
type CallbackDefinition struct {
	Linger  Duration `yaml:"linger"`
	Expires string   `yaml:"expires"` // ExpiresNext24h or ExpiresToday
}

// The values of CallbackDefinition.Expires.
const (
	ExpiresNext24h = "next_24h"
	ExpiresToday   = "today"
)

// OverflowDefinition tells the overflows that end a visit from those that do not.
type OverflowDefinition struct {
	Progress  []string `yaml:"progress"`
	Rejecting []string `yaml:"rejecting"`
}

// Rules are the service levels, zones and opening hours: those of every queue, and exceptions per organization, queue
// group and queue. Each setting is looked for on its own in queue, group, organization, default.
type Rules struct {
	RuleSet       `yaml:",inline"`
	Organizations []OrganizationRules `yaml:"organizations"`
}

// RuleSet is what can be set at each level. Nil: ask the next level.
type RuleSet struct {
	ServiceLevel ServiceLevel  `yaml:"service_level"`
	TimeZone     *string       `yaml:"time_zone"` // IANA name; used where QueueChanged names none
	OpeningHours *OpeningHours `yaml:"opening_hours"`
}

// ServiceLevel is a promise to callers: Target percent are answered within Threshold.
type ServiceLevel struct {
	Threshold    *Duration `yaml:"threshold"`     // 0: no service level
	ShortAbandon *Duration `yaml:"short_abandon"` // nil at every level: Threshold
	Target       *float64  `yaml:"target"`        // percent
}

// OrganizationRules are the exceptions of one organization.
type OrganizationRules struct {
	ID      uuid.UUID `yaml:"id"`
	RuleSet `yaml:",inline"`
	Groups  []EntityRules `yaml:"groups"` // a queue in several: the first listed wins
	Queues  []EntityRules `yaml:"queues"`
}

// EntityRules are the exceptions of one queue or queue group.
type EntityRules struct {
	ID      uuid.UUID `yaml:"id"`
	RuleSet `yaml:",inline"`
}

// OpeningHours are the spans of each weekday, as 08:00-16:00, in the queue's zone.
type OpeningHours struct {
	Monday    []Span `yaml:"monday"`
	Tuesday   []Span `yaml:"tuesday"`
	Wednesday []Span `yaml:"wednesday"`
	Thursday  []Span `yaml:"thursday"`
	Friday    []Span `yaml:"friday"`
	Saturday  []Span `yaml:"saturday"`
	Sunday    []Span `yaml:"sunday"`
}

// Privacy says what is kept of callers' numbers.
type Privacy struct {
	Numbers string `yaml:"numbers"` // NumbersHash, NumbersLast4, NumbersKeep or NumbersDrop
	Key     Secret `yaml:"key"`     // of the hash; see [Config.PrivacyKey]
	KeyFile string `yaml:"key_file"`
}

// The values of Privacy.Numbers.
const (
	NumbersHash  = "hash"
	NumbersLast4 = "last4"
	NumbersKeep  = "keep"
	NumbersDrop  = "drop"
)

// Memory bounds the state held by the process.
type Memory struct {
	Limit        Bytes `yaml:"limit"` // of all organizations together; 0: none
	FactsPerCall int   `yaml:"facts_per_call"`
}

// Log configures the log on stderr.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text, json
}

// Warnings are remarks of Load that are no errors, such as environment variables that look like a misspelt setting.
func (c *Config) Warnings() []string { return c.warnings }

// Load reads the file at path and the variables of environ (as [os.Environ] gives them), which win. With an empty
// path there is no file. The error lists everything that is wrong.
func Load(path string, environ []string) (*Config, error) {
	c := Default()
	var problems Problems
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("configuration: %w", err)
		}
		problems = append(problems, c.bindFile(filepath.Base(path), text)...)
	}
	problems = append(problems, c.bindEnviron(environ)...)
	c.settleEmbedded()
	problems = append(problems, c.readSecretFiles()...)
	problems = append(problems, c.problems()...)
	if len(problems) > 0 {
		return nil, problems.distinct()
	}
	return c, nil
}

// Validate checks every setting and returns all [Problems] at once, or nil.
func (c *Config) Validate() error {
	if p := c.problems(); len(p) > 0 {
		return p.distinct()
	}
	return nil
}

// settleEmbedded lets brokers and store.url alone switch off what is embedded by default; an explicit `embedded: true`
// beside them stays and is reported as the contradiction that it is.
func (c *Config) settleEmbedded() {
	if len(c.Kafka.Brokers) > 0 && !c.origins.has("kafka.embedded") {
		c.Kafka.Embedded = false
	}
	if c.Store.URL != "" && !c.origins.has("store.embedded") {
		c.Store.Embedded = false
	}
}
