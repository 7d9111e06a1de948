-- What was not counted and why, and the dimensions.

-- Late events (stamped before the horizon minus the lateness) and orphans (facts that belong to no visit).
CREATE TABLE IF NOT EXISTS late_events_versions
(
    organization_id UUID,
    happened_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id UUID,
    reason LowCardinality(String),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    source LowCardinality(String),
    type LowCardinality(String),
    call_id UUID CODEC(ZSTD(1)),
    queue_id UUID CODEC(ZSTD(1)),
    body String CODEC(ZSTD(3)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(happened_at)
ORDER BY (organization_id, happened_at, event_id)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW late_events SQL SECURITY INVOKER AS
SELECT
    organization_id,
    happened_at,
    event_id,
    reason,
    nullIf(received_at, toDateTime64(0, 6, 'UTC')) AS received_at,
    source,
    type,
    nullIf(call_id, toUUID('00000000-0000-0000-0000-000000000000')) AS call_id,
    nullIf(queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    body
FROM late_events_versions FINAL;

-- received_date is 1970-01-01 where the time of receipt is not known (files): such rows are kept for ever.
CREATE TABLE IF NOT EXISTS rejects_versions
(
    organization_id UUID,
    received_date Date,
    topic LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64,
    event_id UUID CODEC(ZSTD(1)),
    source LowCardinality(String),
    reason LowCardinality(String),
    detail String CODEC(ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    body String CODEC(ZSTD(3)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(received_date)
ORDER BY (organization_id, received_date, topic, kafka_partition, kafka_offset)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW rejects SQL SECURITY INVOKER AS
SELECT
    organization_id,
    received_date,
    topic,
    kafka_partition,
    kafka_offset,
    nullIf(event_id, toUUID('00000000-0000-0000-0000-000000000000')) AS event_id,
    source,
    reason,
    detail,
    nullIf(received_at, toDateTime64(0, 6, 'UTC')) AS received_at,
    body
FROM rejects_versions FINAL;

-- One account per organization and partition that had events of it, -1 for files: what came to the wrong partition, or
-- names an organization in a file, is counted there and leaves the account of the organization's own partition alone.
CREATE TABLE IF NOT EXISTS queues_versions
(
    organization_id UUID,
    queue_id UUID,
    queue_name String,
    time_zone LowCardinality(String),
    region LowCardinality(String),
    group_ids Array(UUID),
    group_names Array(String),
    deleted Bool,
    changed_at DateTime64(6, 'UTC'),
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, queue_id);

-- deleted: the vendor deleted the queue; its row stays, so that history keeps its name.
CREATE OR REPLACE VIEW queues SQL SECURITY INVOKER AS
SELECT organization_id, queue_id, queue_name, time_zone, region, group_ids, group_names, deleted,
    nullIf(changed_at, toDateTime64(0, 6, 'UTC')) AS changed_at
FROM queues_versions FINAL;

CREATE TABLE IF NOT EXISTS agents_versions
(
    organization_id UUID,
    agent_id UUID,
    agent_name String,
    queue_ids Array(UUID),
    changed_at DateTime64(6, 'UTC'),
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, agent_id);

CREATE OR REPLACE VIEW agents SQL SECURITY INVOKER AS
SELECT organization_id, agent_id, agent_name, queue_ids, nullIf(changed_at, toDateTime64(0, 6, 'UTC')) AS changed_at
FROM agents_versions FINAL;

CREATE TABLE IF NOT EXISTS organizations_versions
(
    organization_id UUID,
    seen_at DateTime64(6, 'UTC'),
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY organization_id;

-- The Kafka partition an organization's events are in, in every topic.
CREATE OR REPLACE VIEW organizations SQL SECURITY INVOKER AS
SELECT organization_id, kafka_partition, nullIf(seen_at, toDateTime64(0, 6, 'UTC')) AS seen_at
FROM organizations_versions FINAL;
