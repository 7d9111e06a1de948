package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checker collects what is wrong with values.
type checker struct {
	origins  origins
	problems Problems
}

func (k *checker) fail(path, format string, args ...any) {
	k.problems = append(k.problems, Problem{k.origins.of(path), path, fmt.Sprintf(format, args...)})
}

func (k *checker) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		k.fail(path, "%q: allowed are %s", value, strings.Join(allowed, ", "))
	}
}

func (k *checker) integer(path string, value, least, most int) {
	if value < least || value > most {
		k.fail(path, "%d: allowed are %d to %d", value, least, most)
	}
}

func (k *checker) bytes(path string, value, least, most Bytes) {
	if value < least || value > most {
		k.fail(path, "%s: allowed are %s to %s", value, least, most)
	}
}

func (k *checker) duration(path string, value Duration, least, most time.Duration) {
	if value.Std() < least || value.Std() > most {
		k.fail(path, "%s: allowed are %s to %s", value, Duration(least), Duration(most))
	}
}

func (k *checker) address(path, value string) {
	host, port, err := net.SplitHostPort(value)
	n, errPort := strconv.Atoi(port)
	if err != nil || errPort != nil || n < 0 || n > 65535 || strings.ContainsAny(host, "/@ ") {
		k.fail(path, "%q: wanted is host:port", value)
	}
}

func (k *checker) matches(path, value string, pattern *regexp.Regexp, wanted string) {
	if !pattern.MatchString(value) {
		k.fail(path, "%q: allowed are %s", value, wanted)
	}
}

func (k *checker) trust(path string, t Trust) {
	if (t.CertFile == "") != (t.KeyFile == "") {
		k.fail(path+".cert_file", "goes together with %s.key_file; set both or none", path)
	}
}

// problems checks every setting.
func (c *Config) problems() Problems {
	k := &checker{origins: c.origins}
	if c.DataDir == "" {
		k.fail("data_dir", "is empty: wanted is a folder")
	}
	c.checkKafka(k)
	c.checkStore(k)
	if c.HTTP.Listen != "" {
		k.address("http.listen", c.HTTP.Listen)
	}
	c.checkWebhook(k)
	c.checkDefinitions(k)
	c.checkRules(k)
	c.checkPrivacy(k)
	if c.Memory.Limit != 0 {
		k.bytes("memory.limit", c.Memory.Limit, 16<<20, 1<<50)
	}
	k.integer("memory.facts_per_call", c.Memory.FactsPerCall, 64, 1<<20)
	k.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("log.format", c.Log.Format, "text", "json")
	return k.problems
}

var (
	topicName    = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)
	sourceName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
)

func (c *Config) checkKafka(k *checker) {
	q := &c.Kafka
	switch {
	case q.Embedded && len(q.Brokers) > 0:
		k.fail("kafka.embedded", "true beside kafka.brokers; choose one of them")
	case !q.Embedded && len(q.Brokers) == 0:
		k.fail("kafka.brokers", "is empty; name the brokers, or set kafka.embedded: true")
	}
	k.integer("kafka.port", q.Port, 0, 65535)
	k.integer("kafka.partitions", q.Partitions, 1, 10000)
	for i, b := range q.Brokers {
		k.address(fmt.Sprintf("kafka.brokers[%d]", i), b)
	}
	sources := map[string]Topic{}
	for _, t := range []struct {
		path string
		Topic
	}{
		{"kafka.topics.queue_events", q.Topics.QueueEvents}, {"kafka.topics.user_events", q.Topics.UserEvents},
		{"kafka.topics.callback_events", q.Topics.CallbackEvents},
	} {
		k.matches(t.path+".name", t.Name, topicName, "letters, digits, '.', '_' and '-', at most 249")
		k.matches(t.path+".source", t.Source, sourceName, "lower-case letters, digits and '_', as enreach")
		if first, ok := sources[t.Name]; ok && first.Source != t.Source {
			k.fail(t.path+".source", "%q: topic %q has the source %q already", t.Source, t.Name, first.Source)
		}
		sources[t.Name] = t.Topic
	}
	if q.Group == "" {
		k.fail("kafka.group", "is empty: wanted is the name of the consumer group")
	}
	k.bytes("kafka.fetch.max_bytes", q.Fetch.MaxBytes, 1<<10, 1<<30)
	k.duration("kafka.fetch.max_wait", q.Fetch.MaxWait, time.Millisecond, 30*time.Second)
	k.oneOf("kafka.start", q.Start, StartEarliest, StartLatest)
	k.oneOf("kafka.out_of_range", q.OutOfRange, OutOfRangeFail, StartEarliest, StartLatest)
	k.duration("kafka.session_timeout", q.SessionTimeout, time.Second, 5*time.Minute)
	k.bytes("kafka.max_message_bytes", q.MaxMessageBytes, 1<<10, 64<<20)
	c.checkKafkaSecurity(k)
}

func (c *Config) checkKafkaSecurity(k *checker) {
	t, s := &c.Kafka.TLS, &c.Kafka.SASL
	if !t.Enabled && *t != (TLS{}) {
		k.fail("kafka.tls.enabled", "false, but other kafka.tls settings are set; set it to true or take them out")
	}
	k.trust("kafka.tls", t.Trust)
	if s.Mechanism != "" {
		k.oneOf("kafka.sasl.mechanism", s.Mechanism, SASLPlain, SASLScramSHA256, SASLScramSHA512)
	}
	named := s.Username != "" || s.Password.IsSet()
	switch {
	case s.Mechanism == "" && named:
		k.fail("kafka.sasl.mechanism", "is empty, but a username or password is set; allowed are %s, %s, %s",
			SASLPlain, SASLScramSHA256, SASLScramSHA512)
	case s.Mechanism != "" && s.Username == "":
		k.fail("kafka.sasl.username", "is empty, but kafka.sasl.mechanism is %s", s.Mechanism)
	}
}

func (c *Config) checkStore(k *checker) {
	s := &c.Store
	c.checkStoreURL(k)
	k.trust("store.tls", s.TLS)
	if s.TLS != (Trust{}) && !strings.HasPrefix(s.URL, "https://") {
		k.fail("store.tls", "is set, but store.url does not begin with https://")
	}
	k.integer("store.port", s.Port, 0, 65535)
	if s.Port != 0 && !s.Embedded {
		k.fail("store.port", "is that of the embedded ClickHouse, which is off; write the port of yours into store.url")
	}
	k.bytes("store.keep_free", s.KeepFree, 1<<20, 1<<40)
	k.matches("store.database", s.Database, databaseName, "letters, digits and '_', not beginning with a digit")
	if s.Embedded && s.Database == "default" {
		k.fail("store.database", `"default": the embedded ClickHouse cannot use that one; take another name`)
	}
	k.oneOf("store.events", s.Events, EventsFull, EventsIDs, EventsOff)
	for _, r := range []struct {
		name string
		days int
	}{
		{"events", s.Retention.EventsDays}, {"calls", s.Retention.CallsDays}, {"histories", s.Retention.HistoriesDays},
		{"intervals", s.Retention.IntervalsDays}, {"daily", s.Retention.DailyDays},
		{"late", s.Retention.LateDays}, {"rejects", s.Retention.RejectsDays},
	} {
		k.integer("store.retention."+r.name+"_days", r.days, 0, 36500)
	}
	k.duration("store.flush.now", s.Flush.Now, 50*time.Millisecond, time.Minute)
	k.duration("store.flush.figures", s.Flush.Figures, 50*time.Millisecond, time.Minute)
	k.duration("store.flush.history", s.Flush.History, 50*time.Millisecond, time.Minute)
	k.integer("store.flush.rows", s.Flush.Rows, 1000, 1<<20)
	k.duration("store.checkpoint.interval", s.Checkpoint.Interval, time.Second, 10*time.Minute)
}

func (c *Config) checkStoreURL(k *checker) {
	s := &c.Store
	switch {
	case s.Embedded && s.URL != "":
		k.fail("store.embedded", "true beside store.url; choose one of them")
	case !s.Embedded && s.URL == "":
		k.fail("store.url", "is empty; write the address of ClickHouse, as http://clickhouse:8123, or set store.embedded: true")
	case s.URL != "":
		u, err := url.Parse(s.URL)
		switch { // no message shows the value: it may hold a password
		case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
			k.fail("store.url", "wanted is http://host:8123 or https://host:8443")
		case u.User != nil:
			k.fail("store.url", "holds a user; put it into store.username and store.password_file")
		case u.RawQuery != "" || u.Fragment != "":
			k.fail("store.url", "holds more than an address; settings of ClickHouse go into its user's profile")
		}
	}
}

func (c *Config) checkDefinitions(k *checker) {
	d, day := &c.Definitions, 24*time.Hour
	k.duration("definitions.lateness", d.Lateness, time.Minute, 7*day)
	k.duration("definitions.future_skew", d.FutureSkew, time.Second, day)
	k.duration("definitions.prompt.max", d.Prompt.Max, 0, time.Hour)
	k.duration("definitions.call.max_age.unanswered", d.Call.MaxAge.Unanswered, time.Minute, 7*day)
	k.duration("definitions.call.max_age.answered", d.Call.MaxAge.Answered, time.Minute, 7*day)
	k.duration("definitions.call.linger", d.Call.Linger, time.Minute, 7*day)
	k.duration("definitions.call.end_grace", d.Call.EndGrace, 0, time.Minute)
	k.duration("definitions.call.skew_grace", d.Call.SkewGrace, 0, time.Minute)
	k.duration("definitions.agent.stale", d.Agent.Stale, time.Minute, 31*day)
	k.duration("definitions.callback.linger", d.Callback.Linger, time.Hour, 31*day)
	k.oneOf("definitions.callback.expires", d.Callback.Expires, ExpiresNext24h, ExpiresToday)
	for i, p := range d.Overflow.Progress {
		if p == "" || p == "*" || strings.Contains(strings.TrimSuffix(p, "*"), "*") {
			k.fail(fmt.Sprintf("definitions.overflow.progress[%d]", i), "%q: wanted is an OverflowType, or the beginning of one with '*' after it", p)
		}
	}
	for i, r := range d.Overflow.Rejecting {
		if r == "" {
			k.fail(fmt.Sprintf("definitions.overflow.rejecting[%d]", i), "is empty: wanted is an OverflowReason")
		}
	}
}

func (c *Config) checkPrivacy(k *checker) {
	p := &c.Privacy
	k.oneOf("privacy.numbers", p.Numbers, NumbersHash, NumbersLast4, NumbersKeep, NumbersDrop)
	if p.Numbers != NumbersHash {
		return
	}
	if p.Key.IsSet() && len(p.Key.Reveal()) < minPrivacyKey {
		k.fail("privacy.key", "is shorter than %d characters", minPrivacyKey)
	}
	if !p.Key.IsSet() && p.KeyFile == "" && !c.Store.Embedded {
		k.fail("privacy.key_file", "is not set: privacy.numbers is hash and the store is shared, so all processes need one key; write a random text of at least %d characters into a file, or choose last4, keep or drop", minPrivacyKey)
	}
}
