-- Callbacks: one row per request, and what each list comes to.

CREATE TABLE IF NOT EXISTS callbacks_versions
(
    organization_id        UUID,
    callback_date          Date,
    callback_id            UUID,
    known                  Bool,
    call_list_id           UUID CODEC(ZSTD(1)),
    type_id                Int32 CODEC(ZSTD(1)),
    queue_id               UUID CODEC(ZSTD(1)),
    call_id                UUID CODEC(ZSTD(1)),
    contact_number         String CODEC(ZSTD(1)),
    contact_name           String CODEC(ZSTD(1)),
    channel_in             LowCardinality(String),
    calculated_priority    LowCardinality(String),
    assigned_user_id       UUID CODEC(ZSTD(1)),
    last_attempt_user_id   UUID CODEC(ZSTD(1)),
    last_modified_user_id  UUID CODEC(ZSTD(1)),
    last_attempt_type_id   Int32 CODEC(ZSTD(1)),
    classification_id      UUID CODEC(ZSTD(1)),
    is_closed              Bool,
    created_at             DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    modified               DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    due_date               DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    expiry_date            DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    not_before             DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    first_attempt_at       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    last_attempt_timestamp DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    answered_at            DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    closed_at              DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    last_event_at          DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    attempts_by_type       Map(Int32, UInt32) CODEC(ZSTD(1)),
    calls_out              Int32 CODEC(ZSTD(1)),
    kafka_partition        Int32 CODEC(ZSTD(1)),
    version                UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted             UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(callback_date)
ORDER BY (organization_id, callback_date, callback_id)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

-- What depends on time is computed from instants: the row does not change merely because time passes. Where the
-- organization's events are more than an hour behind (a replay, a stopped engine), the present is that of its last event.
CREATE OR REPLACE VIEW callbacks SQL SECURITY INVOKER AS
SELECT
    organization_id,
    c.callback_date AS callback_date,
    c.callback_id AS callback_id,
    nullIf(c.call_list_id, toUUID('00000000-0000-0000-0000-000000000000')) AS call_list_id,
    multiIf(NOT c.known, 'unknown', c.is_closed, 'closed', isNotNull(expiry_date) AND c.expiry_date <= as_of, 'expired',
            isNotNull(assigned_user_id), 'assigned', c.not_before > as_of, 'hiding', 'free') AS status,
    toBool(status IN ('assigned', 'hiding', 'free') AND isNotNull(due_date) AND c.due_date <= as_of) AS is_overdue,
    nullIf(c.type_id, -1) AS type_id,
    nullIf(c.queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    nullIf(c.call_id, toUUID('00000000-0000-0000-0000-000000000000')) AS call_id,
    c.contact_number AS contact_number,
    c.contact_name AS contact_name,
    c.channel_in AS channel_in,
    c.calculated_priority AS calculated_priority,
    nullIf(c.assigned_user_id, toUUID('00000000-0000-0000-0000-000000000000')) AS assigned_user_id,
    nullIf(c.last_attempt_user_id, toUUID('00000000-0000-0000-0000-000000000000')) AS last_attempt_user_id,
    nullIf(c.last_modified_user_id, toUUID('00000000-0000-0000-0000-000000000000')) AS last_modified_user_id,
    nullIf(c.last_attempt_type_id, -1) AS last_attempt_type_id,
    nullIf(c.classification_id, toUUID('00000000-0000-0000-0000-000000000000')) AS classification_id,
    c.is_closed AS is_closed,
    nullIf(c.created_at, toDateTime64(0, 6, 'UTC')) AS created_at,
    nullIf(c.modified, toDateTime64(0, 6, 'UTC')) AS modified,
    nullIf(c.due_date, toDateTime64(0, 6, 'UTC')) AS due_date,
    nullIf(c.expiry_date, toDateTime64(0, 6, 'UTC')) AS expiry_date,
    nullIf(c.not_before, toDateTime64(0, 6, 'UTC')) AS not_before,
    nullIf(c.first_attempt_at, toDateTime64(0, 6, 'UTC')) AS first_attempt_at,
    nullIf(c.last_attempt_timestamp, toDateTime64(0, 6, 'UTC')) AS last_attempt_timestamp,
    nullIf(c.answered_at, toDateTime64(0, 6, 'UTC')) AS answered_at,
    nullIf(c.closed_at, toDateTime64(0, 6, 'UTC')) AS closed_at,
    c.last_event_at AS last_event_at,
    toUInt32(arraySum(mapValues(c.attempts_by_type))) AS attempts,
    c.attempts_by_type AS attempts_by_type,
    c.calls_out AS calls_out,
    if(isNull(closed_at) OR isNull(due_date), NULL, c.closed_at <= c.due_date)::Nullable(Bool) AS closed_within_due,
    if(isNull(created_at) OR isNull(first_attempt_at), NULL,
       greatest(0, toUnixTimestamp64Micro(c.first_attempt_at) - toUnixTimestamp64Micro(c.created_at)) / 1e6) AS time_to_first_attempt_sec,
    if(isNull(created_at) OR isNull(closed_at), NULL,
       greatest(0, toUnixTimestamp64Micro(c.closed_at) - toUnixTimestamp64Micro(c.created_at)) / 1e6) AS time_to_close_sec,
    if(account.horizon < now64(6, 'UTC') - INTERVAL 1 HOUR, account.horizon, now64(6, 'UTC')) AS as_of
FROM (SELECT * FROM callbacks_versions FINAL) AS c
LEFT JOIN (SELECT organization_id, max(horizon) AS horizon FROM accounting_versions FINAL GROUP BY organization_id) AS account USING (organization_id);

CREATE TABLE IF NOT EXISTS callback_list_status_versions
(
    organization_id UUID,
    call_list_id UUID,
    observed_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    total_open_requests Int32 CODEC(T64, ZSTD(1)),
    total_free_for_allocation Int32 CODEC(T64, ZSTD(1)),
    total_assigned Int32 CODEC(T64, ZSTD(1)),
    total_hiding_not_before Int32 CODEC(T64, ZSTD(1)),
    next_hour_revealed_not_before Int32 CODEC(T64, ZSTD(1)),
    total_over_due_date Int32 CODEC(T64, ZSTD(1)),
    next_hour_over_due_date Int32 CODEC(T64, ZSTD(1)),
    expires_in_24h Int32 CODEC(T64, ZSTD(1)),
    total_serving_agents Int32 CODEC(T64, ZSTD(1)),
    published_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    is_auto_allocate Int32 CODEC(T64, ZSTD(1)),
    total_active_agents Int32 CODEC(T64, ZSTD(1)),
    total_auto_allocate_agents Int32 CODEC(T64, ZSTD(1)),
    total_serving_auto_allocate_agents Int32 CODEC(T64, ZSTD(1)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toMonday(observed_at)
ORDER BY (organization_id, call_list_id, observed_at)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW callback_list_status SQL SECURITY INVOKER AS
SELECT
    organization_id,
    call_list_id,
    observed_at,
    total_open_requests,
    total_free_for_allocation,
    total_assigned,
    total_hiding_not_before,
    next_hour_revealed_not_before,
    total_over_due_date,
    next_hour_over_due_date,
    expires_in_24h,
    total_serving_agents,
    nullIf(published_at, toDateTime64(0, 6, 'UTC')) AS published_at,
    if(is_auto_allocate < 0, NULL, is_auto_allocate = 1)::Nullable(Bool) AS is_auto_allocate,
    if(total_active_agents < 0, NULL, total_active_agents) AS total_active_agents,
    if(total_auto_allocate_agents < 0, NULL, total_auto_allocate_agents) AS total_auto_allocate_agents,
    if(total_serving_auto_allocate_agents < 0, NULL, total_serving_auto_allocate_agents) AS total_serving_auto_allocate_agents
FROM callback_list_status_versions FINAL;

CREATE TABLE IF NOT EXISTS callback_list_status_now_versions
(
    organization_id UUID,
    call_list_id UUID,
    observed_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    total_open_requests Int32 CODEC(T64, ZSTD(1)),
    total_free_for_allocation Int32 CODEC(T64, ZSTD(1)),
    total_assigned Int32 CODEC(T64, ZSTD(1)),
    total_hiding_not_before Int32 CODEC(T64, ZSTD(1)),
    next_hour_revealed_not_before Int32 CODEC(T64, ZSTD(1)),
    total_over_due_date Int32 CODEC(T64, ZSTD(1)),
    next_hour_over_due_date Int32 CODEC(T64, ZSTD(1)),
    expires_in_24h Int32 CODEC(T64, ZSTD(1)),
    total_serving_agents Int32 CODEC(T64, ZSTD(1)),
    published_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    is_auto_allocate Int32 CODEC(T64, ZSTD(1)),
    total_active_agents Int32 CODEC(T64, ZSTD(1)),
    total_auto_allocate_agents Int32 CODEC(T64, ZSTD(1)),
    total_serving_auto_allocate_agents Int32 CODEC(T64, ZSTD(1)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, call_list_id);

CREATE OR REPLACE VIEW callback_list_status_now SQL SECURITY INVOKER AS
SELECT
    organization_id,
    call_list_id,
    observed_at,
    total_open_requests,
    total_free_for_allocation,
    total_assigned,
    total_hiding_not_before,
    next_hour_revealed_not_before,
    total_over_due_date,
    next_hour_over_due_date,
    expires_in_24h,
    total_serving_agents,
    nullIf(published_at, toDateTime64(0, 6, 'UTC')) AS published_at,
    if(is_auto_allocate < 0, NULL, is_auto_allocate = 1)::Nullable(Bool) AS is_auto_allocate,
    if(total_active_agents < 0, NULL, total_active_agents) AS total_active_agents,
    if(total_auto_allocate_agents < 0, NULL, total_auto_allocate_agents) AS total_auto_allocate_agents,
    if(total_serving_auto_allocate_agents < 0, NULL, total_serving_auto_allocate_agents) AS total_serving_auto_allocate_agents
FROM callback_list_status_now_versions FINAL;

-- The visits that ended without an answer and whose callback was answered later: they are lost for the service level, but
-- not for the caller.
CREATE OR REPLACE VIEW recovered_calls SQL SECURITY INVOKER AS
SELECT
    v.organization_id AS organization_id,
    v.call_date AS call_date,
    v.call_id AS call_id,
    v.queue_id AS queue_id,
    v.visit AS visit,
    v.queue_name AS queue_name,
    v.begun_at AS begun_at,
    nullIf(v.ended_at, toDateTime64(0, 6, 'UTC')) AS ended_at,
    v.outcome AS outcome,
    v.caller AS caller,
    cb.callback_date AS callback_date,
    cb.callback_id AS callback_id,
    nullIf(cb.call_list_id, toUUID('00000000-0000-0000-0000-000000000000')) AS call_list_id,
    cb.answered_at AS recovered_at,
    if(isNull(ended_at), NULL,
       greatest(0, toUnixTimestamp64Micro(cb.answered_at) - toUnixTimestamp64Micro(v.ended_at)) / 1e6) AS time_to_recover_sec
FROM (SELECT * FROM calls_versions FINAL
      WHERE direction = 'inbound' AND outcome NOT IN ('open', 'answered', 'transferred', 'passed_through')) AS v
INNER JOIN (SELECT * FROM callbacks_versions FINAL WHERE toUnixTimestamp64Micro(answered_at) > 0) AS cb
    ON v.organization_id = cb.organization_id AND v.call_id = cb.call_id
WHERE v.queue_id = cb.queue_id AND v.callback_id IN (toUUID('00000000-0000-0000-0000-000000000000'), cb.callback_id);
