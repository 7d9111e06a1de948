-- Events and calls: what happened, one row per event and per visit; and how the events of each organization fared.
--
-- Every table `<name>_versions` keeps versions of its rows: the greatest version of a sorting key is the current one,
-- is_deleted marks a key that is gone. The view `<name>` shows exactly one current row per key, merged or not.
-- Partitions are functions of the sorting key, so that all versions of a key meet in one partition.
-- Durations are microseconds, -1 for NULL; the instant 0 (1970-01-01) is "none". Views turn both into NULL and seconds.

CREATE TABLE IF NOT EXISTS events_versions
(
    organization_id UUID,
    happened_at     DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id        UUID,
    received_at     DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    source          LowCardinality(String),
    type            LowCardinality(String),
    call_id         UUID CODEC(ZSTD(1)),
    queue_id        UUID CODEC(ZSTD(1)),
    user_id         UUID CODEC(ZSTD(1)),
    callback_id     UUID CODEC(ZSTD(1)),
    call_list_id    UUID CODEC(ZSTD(1)),
    body            String CODEC(ZSTD(3)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version         UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted      UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toMonday(happened_at)
ORDER BY (organization_id, happened_at, event_id)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW events SQL SECURITY INVOKER AS
SELECT
    organization_id,
    happened_at,
    event_id,
    nullIf(received_at, toDateTime64(0, 6, 'UTC')) AS received_at,
    source,
    type,
    nullIf(call_id, toUUID('00000000-0000-0000-0000-000000000000')) AS call_id,
    nullIf(queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    nullIf(user_id, toUUID('00000000-0000-0000-0000-000000000000')) AS user_id,
    nullIf(callback_id, toUUID('00000000-0000-0000-0000-000000000000')) AS callback_id,
    nullIf(call_list_id, toUUID('00000000-0000-0000-0000-000000000000')) AS call_list_id,
    body
FROM events_versions FINAL;

CREATE TABLE IF NOT EXISTS calls_versions
(
    organization_id UUID,
    call_date       Date,
    call_id         UUID,
    queue_id        UUID,
    direction       Enum8('inbound' = 0, 'outbound' = 1, 'callback' = 2, 'direct' = 3),
    visit           UInt16,
    channel         Enum8('voice' = 0, 'chat' = 1, 'email' = 2, 'other' = 3),
    queue_name      LowCardinality(String),
    begun_at        DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    arrived_at      DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    answered_at     DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    ended_at        DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    outcome         Enum8('open' = 0, 'answered' = 1, 'abandoned' = 2, 'left_early' = 3, 'rejected' = 4, 'overflowed' = 5,
                          'service_closed' = 6, 'callback' = 7, 'transferred' = 8, 'lost' = 9, 'passed_through' = 10),
    transfer        Enum8('none' = 0, 'user' = 1, 'queue' = 2),
    agent_id        UUID CODEC(ZSTD(1)),
    agent_name      LowCardinality(String),
    agent_ids       Array(UUID) CODEC(ZSTD(1)),
    offers          UInt16 CODEC(ZSTD(1)),
    wait_us         Int64 CODEC(T64, ZSTD(1)),
    prompt_us       Int64 CODEC(T64, ZSTD(1)),
    ring_us         Int64 CODEC(T64, ZSTD(1)),
    talk_us         Int64 CODEC(T64, ZSTD(1)),
    hold_us         Int64 CODEC(T64, ZSTD(1)),
    wrap_up_us      Int64 CODEC(T64, ZSTD(1)),
    caller          String CODEC(ZSTD(1)),
    callback_id     UUID CODEC(ZSTD(1)),
    end_reason      LowCardinality(String),
    tech_reason     LowCardinality(String),
    overflow_reason LowCardinality(String),
    overflow_type   LowCardinality(String),
    ivr_path        String CODEC(ZSTD(1)),
    transfer_target String CODEC(ZSTD(1)),
    supervised_by   UUID CODEC(ZSTD(1)),
    priority        Int32 CODEC(ZSTD(1)),
    flag_bits       UInt16 CODEC(ZSTD(1)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version         UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted      UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(call_date)
ORDER BY (organization_id, call_date, call_id, queue_id, direction, visit)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW calls SQL SECURITY INVOKER AS
SELECT
    organization_id,
    call_date,
    call_id,
    queue_id,
    visit,
    direction,
    channel,
    queue_name,
    begun_at,
    nullIf(arrived_at, toDateTime64(0, 6, 'UTC')) AS arrived_at,
    nullIf(answered_at, toDateTime64(0, 6, 'UTC')) AS answered_at,
    nullIf(ended_at, toDateTime64(0, 6, 'UTC')) AS ended_at,
    outcome,
    transfer,
    nullIf(agent_id, toUUID('00000000-0000-0000-0000-000000000000')) AS agent_id,
    agent_name,
    agent_ids,
    offers,
    if(wait_us < 0, NULL, wait_us / 1e6) AS wait_sec,
    if(prompt_us < 0, NULL, prompt_us / 1e6) AS prompt_sec,
    if(ring_us < 0, NULL, ring_us / 1e6) AS ring_sec,
    if(talk_us < 0, NULL, talk_us / 1e6) AS talk_sec,
    if(hold_us < 0, NULL, hold_us / 1e6) AS hold_sec,
    if(wrap_up_us < 0, NULL, wrap_up_us / 1e6) AS wrap_up_sec,
    caller,
    nullIf(callback_id, toUUID('00000000-0000-0000-0000-000000000000')) AS callback_id,
    end_reason,
    tech_reason,
    overflow_reason,
    overflow_type,
    ivr_path,
    transfer_target,
    nullIf(supervised_by, toUUID('00000000-0000-0000-0000-000000000000')) AS supervised_by,
    if(priority < 0, NULL, priority) AS priority,
    arrayMap(b -> ['clock_skew', 'incomplete', 'end_unknown', 'supervised', 'consulted'][b + 1], bitPositionsToArray(flag_bits)) AS flags
FROM calls_versions FINAL;

CREATE TABLE IF NOT EXISTS accounting_versions
(
    organization_id UUID,
    received Int64,
    accepted Int64,
    duplicate Int64,
    late Int64,
    rejected Int64,
    orphan Int64,
    horizon DateTime64(6, 'UTC'),
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, kafka_partition);

CREATE OR REPLACE VIEW accounting SQL SECURITY INVOKER AS
SELECT
    a.organization_id AS organization_id,
    sum(a.received) AS received,
    sum(a.accepted) AS accepted,
    sum(a.duplicate) AS duplicate,
    sum(a.late) AS late,
    sum(a.rejected) AS rejected,
    sum(a.orphan) AS orphan,
    nullIf(max(a.horizon), toDateTime64(0, 6, 'UTC')) AS horizon
FROM accounting_versions AS a FINAL
GROUP BY a.organization_id;
