package config

import "time"

// Default returns the settings that hold where nothing is configured: everything embedded, on this machine.
func Default() *Config {
	second := Duration(time.Second)
	threshold, target, zone := 20*second, 80.0, ""
	topic := func(name string) Topic { return Topic{Name: name, Source: "enreach"} }
	return &Config{
		DataDir: "./ringside-data",
		Kafka: Kafka{
			Embedded: true, Port: 9092, Partitions: 4, Group: "ringside",
			Topics: Topics{
				QueueEvents: topic("queue-events"), UserEvents: topic("user-events"), CallbackEvents: topic("callback-events"),
			},
			Fetch: Fetch{MaxBytes: 1 << 20, MaxWait: second / 2},
			Start: StartEarliest, OutOfRange: OutOfRangeFail,
			SessionTimeout: 10 * second, MaxMessageBytes: 1 << 20,
		},
		Store: Store{
			Embedded: true, Username: "default", Database: "ringside", Events: EventsFull, KeepFree: 256 << 20,
			Retention:  Retention{EventsDays: 400, CallsDays: 400, HistoriesDays: 90, IntervalsDays: 1100, LateDays: 400, RejectsDays: 400},
			Flush:      Flush{Now: second / 4, Figures: 2 * second, History: 5 * second, Rows: 65536},
			Checkpoint: Checkpoint{Interval: 10 * second},
		},
		HTTP: HTTP{Listen: "127.0.0.1:8080"},
		Webhook: Webhook{
			Spool: WebhookSpool{Limit: 1 << 30}, BrokerTimeout: 3 * second / 2,
			Limits: WebhookLimits{Connections: 1000, BodyBytes: 16 << 20},
		},
		Definitions: Definitions{
			Lateness: 3600 * second, FutureSkew: 300 * second,
			Prompt: PromptDefinition{Max: 30 * second},
			Call: CallDefinition{
				MaxAge: CallMaxAge{Unanswered: 4 * 3600 * second, Answered: 12 * 3600 * second},
				Linger: 3600 * second, EndGrace: 5 * second, SkewGrace: 2 * second,
			},
			Agent:    AgentDefinition{Stale: 8 * 3600 * second},
			Callback: CallbackDefinition{Linger: 24 * 3600 * second, Expires: ExpiresNext24h},
			Overflow: OverflowDefinition{
				Progress:  []string{"ActPreEnter", "ServiceOpen", "AdHoc_*", "QueueHandler", "TerminationHandling"},
				Rejecting: []string{"QueueFull", "NoAvailableProviders"},
			},
		},
		Rules: Rules{RuleSet: RuleSet{
			ServiceLevel: ServiceLevel{Threshold: &threshold, Target: &target}, TimeZone: &zone,
		}},
		Privacy: Privacy{Numbers: NumbersHash},
		Memory:  Memory{Limit: 2 << 30, FactsPerCall: 4096},
		Log:     Log{Level: "info", Format: "text"},
		origins: origins{},
	}
}
