-- Agents by quarter of an hour of UTC: what they did, by themselves and for each queue. Stored: integer sums that add up over
-- agents, queues and time. The row of the nil queue has the agent's own figures, over all queues and calls without one;
-- the views keep the two apart, so that nothing is added up twice.

CREATE TABLE IF NOT EXISTS agent_interval_metrics_versions
(
    organization_id UUID,
    interval_start DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    agent_id UUID CODEC(ZSTD(1)),
    queue_id UUID CODEC(ZSTD(1)),
    agent_name LowCardinality(String),
    queue_name LowCardinality(String),
    unknown_us Int64 CODEC(T64, ZSTD(1)),
    talking_us Int64 CODEC(T64, ZSTD(1)),
    hold_us Int64 CODEC(T64, ZSTD(1)),
    ringing_us Int64 CODEC(T64, ZSTD(1)),
    wrap_up_us Int64 CODEC(T64, ZSTD(1)),
    off_work_us Int64 CODEC(T64, ZSTD(1)),
    away_us Int64 CODEC(T64, ZSTD(1)),
    available_us Int64 CODEC(T64, ZSTD(1)),
    serving_us Int64 CODEC(T64, ZSTD(1)),
    offers Int64 CODEC(T64, ZSTD(1)),
    offers_answered Int64 CODEC(T64, ZSTD(1)),
    offers_declined Int64 CODEC(T64, ZSTD(1)),
    offers_not_answered Int64 CODEC(T64, ZSTD(1)),
    offer_ring_sum_us Int64 CODEC(T64, ZSTD(1)),
    handled_calls Int64 CODEC(T64, ZSTD(1)),
    handle_sum_us Int64 CODEC(T64, ZSTD(1)),
    fetch_requests Int64 CODEC(T64, ZSTD(1)),
    fetch_allocated Int64 CODEC(T64, ZSTD(1)),
    fetch_no_calls Int64 CODEC(T64, ZSTD(1)),
    fetch_unavailable Int64 CODEC(T64, ZSTD(1)),
    fetch_other Int64 CODEC(T64, ZSTD(1)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(interval_start)
ORDER BY (organization_id, interval_start, agent_id, queue_id)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

-- Per agent. Occupancy is the share of the time spent on calls in that and in being available.
CREATE OR REPLACE VIEW agent_interval_metrics SQL SECURITY INVOKER AS
SELECT
    organization_id,
    interval_start,
    agent_id,
    agent_name,
    talking_us / 1e6 AS talking_sec,
    hold_us / 1e6 AS hold_sec,
    ringing_us / 1e6 AS ringing_sec,
    wrap_up_us / 1e6 AS wrap_up_sec,
    off_work_us / 1e6 AS off_work_sec,
    away_us / 1e6 AS away_sec,
    available_us / 1e6 AS available_sec,
    unknown_us / 1e6 AS unknown_sec,
    (talking_us + hold_us + ringing_us + wrap_up_us + away_us + available_us) / 1e6 AS logged_in_sec,
    serving_us / 1e6 AS serving_sec,
    100 * (talking_us + hold_us + wrap_up_us) / nullIf(talking_us + hold_us + wrap_up_us + available_us, 0) AS occupancy_percentage,
    offers,
    offers_answered,
    offers_declined,
    offers_not_answered,
    offer_ring_sum_us / 1e6 AS offer_ring_sum_sec,
    offer_ring_sum_us / nullIf(offers_answered + offers_declined + offers_not_answered, 0) / 1e6 AS avg_ring_sec,
    handled_calls,
    handle_sum_us / 1e6 AS handle_sum_sec,
    handle_sum_us / nullIf(handled_calls, 0) / 1e6 AS aht_sec,
    fetch_requests,
    fetch_allocated,
    fetch_no_calls,
    fetch_unavailable,
    fetch_other
FROM agent_interval_metrics_versions FINAL
WHERE queue_id = toUUID('00000000-0000-0000-0000-000000000000');

-- Per agent and queue: the agent's part in the queue's calls. An agent in two calls at once is counted in both.
CREATE OR REPLACE VIEW agent_queue_interval_metrics SQL SECURITY INVOKER AS
SELECT
    organization_id,
    interval_start,
    agent_id,
    queue_id,
    agent_name,
    queue_name,
    talking_us / 1e6 AS talking_sec,
    hold_us / 1e6 AS hold_sec,
    ringing_us / 1e6 AS ringing_sec,
    wrap_up_us / 1e6 AS wrap_up_sec,
    offers,
    offers_answered,
    offers_declined,
    offers_not_answered,
    offer_ring_sum_us / 1e6 AS offer_ring_sum_sec,
    offer_ring_sum_us / nullIf(offers_answered + offers_declined + offers_not_answered, 0) / 1e6 AS avg_ring_sec,
    handled_calls,
    handle_sum_us / 1e6 AS handle_sum_sec,
    handle_sum_us / nullIf(handled_calls, 0) / 1e6 AS aht_sec
FROM agent_interval_metrics_versions FINAL
WHERE queue_id != toUUID('00000000-0000-0000-0000-000000000000');

-- An agent who has been talking for longer than any call is held.
ALTER TABLE agent_status_versions ADD COLUMN IF NOT EXISTS stuck Bool AFTER stale;

ALTER TABLE agent_status_now_versions ADD COLUMN IF NOT EXISTS stuck Bool AFTER stale;

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
    stuck,
    immediately_free
FROM agent_status_versions FINAL;

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
    stuck,
    immediately_free
FROM agent_status_now_versions FINAL;
