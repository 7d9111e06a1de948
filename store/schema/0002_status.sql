-- The state of queues and agents: what was known at an instant, and the latest of each in small tables of their own.

CREATE TABLE IF NOT EXISTS queue_status_versions
(
    organization_id UUID,
    queue_id UUID,
    observed_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    queue_name LowCardinality(String),
    nbr_of_providers Int32 CODEC(T64, ZSTD(1)),
    nbr_of_requesters Int32 CODEC(T64, ZSTD(1)),
    nbr_of_serving_agents_estimate Int32 CODEC(T64, ZSTD(1)),
    nbr_of_allocated Int32 CODEC(T64, ZSTD(1)),
    nbr_of_connected Int32 CODEC(T64, ZSTD(1)),
    nbr_of_queuing_requesters Int32 CODEC(T64, ZSTD(1)),
    nbr_of_not_served_requesters Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_long_term_away Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_short_term_away Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_immediately_free Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_checked_in_queue Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_on_wrap_up Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_on_fetch_mode Int32 CODEC(T64, ZSTD(1)),
    longest_wait_since DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    open_status UInt8 CODEC(ZSTD(1)),
    stale_agents Int32 CODEC(T64, ZSTD(1)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toMonday(observed_at)
ORDER BY (organization_id, queue_id, observed_at)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW queue_status SQL SECURITY INVOKER AS
SELECT
    organization_id,
    queue_id,
    observed_at,
    queue_name,
    nbr_of_providers,
    nbr_of_requesters,
    nbr_of_serving_agents_estimate,
    nbr_of_allocated,
    nbr_of_connected,
    nbr_of_queuing_requesters,
    nbr_of_not_served_requesters,
    nbr_of_agents_long_term_away,
    nbr_of_agents_short_term_away,
    nbr_of_agents_immediately_free,
    nbr_of_agents_checked_in_queue,
    nbr_of_agents_on_wrap_up,
    nbr_of_agents_on_fetch_mode,
    if(isNull(longest_wait_since), 0,
       greatest(0, intDiv(toUnixTimestamp64Micro(observed_at) - toUnixTimestamp64Micro(assumeNotNull(longest_wait_since)), 1000000))) AS max_wait_time,
    open_status,
    nullIf(longest_wait_since, toDateTime64(0, 6, 'UTC')) AS longest_wait_since,
    stale_agents
FROM queue_status_versions FINAL;

CREATE TABLE IF NOT EXISTS queue_status_now_versions
(
    organization_id UUID,
    queue_id UUID,
    observed_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    queue_name LowCardinality(String),
    nbr_of_providers Int32 CODEC(T64, ZSTD(1)),
    nbr_of_requesters Int32 CODEC(T64, ZSTD(1)),
    nbr_of_serving_agents_estimate Int32 CODEC(T64, ZSTD(1)),
    nbr_of_allocated Int32 CODEC(T64, ZSTD(1)),
    nbr_of_connected Int32 CODEC(T64, ZSTD(1)),
    nbr_of_queuing_requesters Int32 CODEC(T64, ZSTD(1)),
    nbr_of_not_served_requesters Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_long_term_away Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_short_term_away Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_immediately_free Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_checked_in_queue Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_on_wrap_up Int32 CODEC(T64, ZSTD(1)),
    nbr_of_agents_on_fetch_mode Int32 CODEC(T64, ZSTD(1)),
    longest_wait_since DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    open_status UInt8 CODEC(ZSTD(1)),
    stale_agents Int32 CODEC(T64, ZSTD(1)),
    waiting_since Array(DateTime64(6, 'UTC')) CODEC(Delta, ZSTD(1)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, queue_id);

-- Waits run to the present: the row does not change merely because time passes. Where the organization's events are more
-- than an hour behind (a replay, a stopped engine), they run to its last event instead.
CREATE OR REPLACE VIEW queue_status_now SQL SECURITY INVOKER AS
SELECT
    organization_id,
    queue_id,
    observed_at,
    queue_name,
    nbr_of_providers,
    nbr_of_requesters,
    nbr_of_serving_agents_estimate,
    nbr_of_allocated,
    nbr_of_connected,
    nbr_of_queuing_requesters,
    nbr_of_not_served_requesters,
    nbr_of_agents_long_term_away,
    nbr_of_agents_short_term_away,
    nbr_of_agents_immediately_free,
    nbr_of_agents_checked_in_queue,
    nbr_of_agents_on_wrap_up,
    nbr_of_agents_on_fetch_mode,
    if(isNull(longest_wait_since), 0,
       greatest(0, intDiv(
           toUnixTimestamp64Micro(if(last_event_at < now64(6, 'UTC') - INTERVAL 1 HOUR, last_event_at, now64(6, 'UTC')))
           - toUnixTimestamp64Micro(assumeNotNull(longest_wait_since)), 1000000))) AS max_wait_time,
    open_status,
    nullIf(longest_wait_since, toDateTime64(0, 6, 'UTC')) AS longest_wait_since,
    stale_agents,
    waiting_since,
    greatest(observed_at, horizon) AS last_event_at
FROM (SELECT * FROM queue_status_now_versions FINAL) AS status
LEFT JOIN (SELECT organization_id, max(horizon) AS horizon FROM accounting_versions FINAL GROUP BY organization_id) AS account USING (organization_id);

CREATE TABLE IF NOT EXISTS agent_status_versions
(
    organization_id UUID,
    agent_id UUID,
    observed_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    agent_name LowCardinality(String),
    state Enum8('unknown' = 0, 'talking' = 1, 'hold' = 2, 'ringing' = 3, 'wrap_up' = 4, 'off_work' = 5, 'away' = 6, 'available' = 7),
    state_since DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    queue_id UUID CODEC(ZSTD(1)),
    availability LowCardinality(String),
    serving Bool,
    fetch_mode Bool,
    stale Bool,
    immediately_free Bool,
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toMonday(observed_at)
ORDER BY (organization_id, agent_id, observed_at)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW agent_status SQL SECURITY INVOKER AS
SELECT
    organization_id,
    agent_id,
    observed_at,
    agent_name,
    state,
    nullIf(state_since, toDateTime64(0, 6, 'UTC')) AS state_since,
    nullIf(queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    availability,
    serving,
    fetch_mode,
    stale,
    immediately_free
FROM agent_status_versions FINAL;

CREATE TABLE IF NOT EXISTS agent_status_now_versions
(
    organization_id UUID,
    agent_id UUID,
    observed_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    agent_name LowCardinality(String),
    state Enum8('unknown' = 0, 'talking' = 1, 'hold' = 2, 'ringing' = 3, 'wrap_up' = 4, 'off_work' = 5, 'away' = 6, 'available' = 7),
    state_since DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    queue_id UUID CODEC(ZSTD(1)),
    availability LowCardinality(String),
    serving Bool,
    fetch_mode Bool,
    stale Bool,
    immediately_free Bool,
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, agent_id);

CREATE OR REPLACE VIEW agent_status_now SQL SECURITY INVOKER AS
SELECT
    organization_id,
    agent_id,
    observed_at,
    agent_name,
    state,
    nullIf(state_since, toDateTime64(0, 6, 'UTC')) AS state_since,
    nullIf(queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    availability,
    serving,
    fetch_mode,
    stale,
    immediately_free
FROM agent_status_now_versions FINAL;
