-- The history of names, groups and attachments, lists of callbacks, and figures by queue group.
--
-- What single events say is kept, a row per event, and put together by the views: a row does not depend on the events before
-- it, so that the history is the same whatever the order in which they came. Events of one microsecond are ordered by
-- `tick`, the seventh digit of their instant, then by the text of their id.

CREATE TABLE IF NOT EXISTS queue_changes_versions
(
    organization_id UUID,
    queue_id UUID,
    changed_at DateTime64(6, 'UTC'),
    tick UInt8,
    event_id UUID,
    queue_name String,
    region LowCardinality(String),
    time_zone LowCardinality(String),
    group_ids Array(UUID),
    group_names Array(String),
    deleted Bool,
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, queue_id, changed_at, event_id);

-- What each QueueChanged says.
CREATE OR REPLACE VIEW queue_changes SQL SECURITY INVOKER AS
SELECT organization_id, queue_id, changed_at, event_id, queue_name, region, time_zone, group_ids, group_names, deleted
FROM queue_changes_versions FINAL;

-- What a queue was from valid_from until before valid_to, NULL: to the present. Before its first change nothing is known.
CREATE OR REPLACE VIEW queue_history SQL SECURITY INVOKER AS
SELECT
    organization_id,
    queue_id,
    step.1 AS valid_from,
    until AS valid_to,
    step.4.1 AS queue_name,
    step.4.2 AS region,
    step.4.3 AS time_zone,
    step.4.4 AS group_ids,
    step.4.5 AS group_names,
    step.4.6 AS deleted
FROM
(
    SELECT
        organization_id,
        queue_id,
        arraySort(c -> (c.1, c.2, c.3), groupArray((changed_at, tick, toString(event_id),
            (queue_name, toString(region), toString(time_zone), group_ids, group_names, deleted)))) AS changes,
        arrayFilter((c, i) -> i = 1 OR c.4 != changes[i - 1].4, changes, arrayEnumerate(changes)) AS steps,
        arrayPushBack(arrayPopFront(arrayMap(c -> toNullable(c.1), steps)), NULL) AS ends
    FROM queue_changes_versions FINAL
    GROUP BY organization_id, queue_id
)
ARRAY JOIN steps AS step, ends AS until
WHERE until IS NULL OR until > step.1;

CREATE TABLE IF NOT EXISTS queue_attachments_versions
(
    organization_id UUID,
    queue_id UUID,
    changed_at DateTime64(6, 'UTC'),
    tick UInt8,
    event_id UUID,
    whole_list Bool,
    agent_ids Array(UUID),
    attached Array(Bool),
    active Array(Bool),
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, queue_id, changed_at, event_id);

-- What each UserQueueAttached, of one agent, and each QueueAttachedUsers, of all of them, says.
CREATE OR REPLACE VIEW queue_attachments SQL SECURITY INVOKER AS
SELECT organization_id, queue_id, changed_at, event_id, whole_list, agent_ids, attached, active
FROM queue_attachments_versions FINAL;

-- Which agents were attached to which queue, and active there, from valid_from until before valid_to, NULL: to the present.
-- A whole list ends the attachment of everybody who is not in it.
CREATE OR REPLACE VIEW queue_agent_history SQL SECURITY INVOKER AS
SELECT
    organization_id,
    queue_id,
    agent_id,
    step.1 AS valid_from,
    until AS valid_to,
    step.5 AS active
FROM
(
    SELECT
        own.organization_id AS organization_id,
        own.queue_id AS queue_id,
        own.agent_id AS agent_id,
        arraySort(c -> (c.1, c.2, c.3), arrayConcat(own.told, arrayMap(l -> (l.1, l.2, l.3, false, false),
            arrayFilter(l -> NOT has(own.events, l.3), lists.told)))) AS changes,
        arrayFilter((c, i) -> i = 1 OR c.4 != changes[i - 1].4 OR c.5 != changes[i - 1].5, changes, arrayEnumerate(changes)) AS steps,
        arrayPushBack(arrayPopFront(arrayMap(c -> toNullable(c.1), steps)), NULL) AS ends
    FROM
    (
        SELECT organization_id, queue_id, agent_id, groupArray(toString(event_id)) AS events,
            groupArray((changed_at, tick, toString(event_id), is_attached, is_attached AND is_active)) AS told
        FROM queue_attachments_versions FINAL
        ARRAY JOIN agent_ids AS agent_id, attached AS is_attached, active AS is_active
        GROUP BY organization_id, queue_id, agent_id
    ) AS own
    LEFT JOIN
    (
        SELECT organization_id, queue_id, groupArray((changed_at, tick, toString(event_id))) AS told
        FROM queue_attachments_versions FINAL
        WHERE whole_list
        GROUP BY organization_id, queue_id
    ) AS lists ON lists.organization_id = own.organization_id AND lists.queue_id = own.queue_id
)
ARRAY JOIN steps AS step, ends AS until
WHERE step.4 AND (until IS NULL OR until > step.1);

CREATE TABLE IF NOT EXISTS seen_names_versions
(
    organization_id UUID,
    kind Enum8('queue' = 0, 'agent' = 1),
    id UUID,
    seen_date Date,
    name String,
    seen_at DateTime64(6, 'UTC'),
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, kind, id, seen_date, name, seen_at);

-- The earliest event of each UTC date that calls a queue or agent by a name. There may be rows of later events of the date,
-- which say nothing more.
CREATE OR REPLACE VIEW seen_names SQL SECURITY INVOKER AS
SELECT organization_id, kind, id, seen_date, name, seen_at
FROM seen_names_versions FINAL;

-- By what name events have called a queue or agent, from the first that did until before valid_to, NULL: to the present. A
-- name counts from its first event of each UTC date.
CREATE OR REPLACE VIEW name_history SQL SECURITY INVOKER AS
SELECT organization_id, kind, id, step.1 AS valid_from, until AS valid_to, step.2 AS name
FROM
(
    SELECT
        organization_id,
        kind,
        id,
        arraySort(groupArray((first_at, name))) AS seen,
        arrayFilter((c, i) -> i = 1 OR c.2 != seen[i - 1].2, seen, arrayEnumerate(seen)) AS steps,
        arrayPushBack(arrayPopFront(arrayMap(c -> toNullable(c.1), steps)), NULL) AS ends
    FROM
    (
        SELECT organization_id, kind, id, seen_date, name, min(seen_at) AS first_at
        FROM seen_names_versions FINAL
        GROUP BY organization_id, kind, id, seen_date, name
    )
    GROUP BY organization_id, kind, id
)
ARRAY JOIN steps AS step, ends AS until
WHERE until IS NULL OR until > step.1;

CREATE TABLE IF NOT EXISTS callback_lists_versions
(
    organization_id UUID,
    list_id UUID,
    first_seen_at DateTime64(6, 'UTC'),
    last_seen_at DateTime64(6, 'UTC'),
    auto_allocate Int8,
    kafka_partition Int32,
    version UInt64,
    is_deleted UInt8,
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (organization_id, list_id);

-- is_auto_allocate: of the vendor's last CallbackListStatus, NULL where there was none. The vendor gives lists no name.
CREATE OR REPLACE VIEW callback_lists SQL SECURITY INVOKER AS
SELECT organization_id, list_id, first_seen_at, last_seen_at, if(auto_allocate < 0, NULL, CAST(auto_allocate = 1, 'Bool')) AS is_auto_allocate
FROM callback_lists_versions FINAL;

-- The groups that queues are in now. A deleted queue is in none.
CREATE OR REPLACE VIEW queue_groups SQL SECURITY INVOKER AS
SELECT
    organization_id,
    group_id,
    argMax(name_in_group, (last_change, toString(queue_id))) AS group_name,
    arraySort(groupUniqArray(queue_id)) AS queue_ids
FROM
(
    SELECT organization_id, queue_id, changed_at AS last_change, group_ids, group_names
    FROM queues_versions FINAL
    WHERE NOT deleted
) AS q
ARRAY JOIN group_ids AS group_id, group_names AS name_in_group
GROUP BY organization_id, group_id;

-- Figures of a queue group and date. A queue's day counts in the groups that the queue had at noon UTC of the date, the instant
-- that decides the day's zone and threshold, too. Sums are added, means, percentages and percentiles made anew of them. The
-- service level is that of the queues for which one is configured, each measured by its own threshold.
CREATE OR REPLACE VIEW queue_group_daily_call_metrics SQL SECURITY INVOKER AS
WITH
    i -> if(buckets[i] < 128, toInt64(buckets[i]), bitShiftLeft(toInt64(64 + buckets[i] % 64), intDiv(buckets[i], 64) - 1)
        + intDiv(bitShiftLeft(toInt64(1), greatest(intDiv(buckets[i], 64), 1) - 1), 2)) AS wait_of,
    mapKeys(inbound_wait_histogram) AS buckets,
    arrayCumSum(mapValues(inbound_wait_histogram)) AS running,
    arraySum(mapValues(inbound_wait_histogram)) AS waits
SELECT
    organization_id,
    queue_date,
    group_id,
    group_name,
    queues,
    inbound_total_calls,
    inbound_service_closed_calls,
    inbound_answered_calls,
    inbound_overflowed_calls + inbound_rejected_only_calls AS inbound_rejected_calls,
    inbound_user_transfers,
    inbound_queue_transfers,
    inbound_wait_sum_us / nullIf(inbound_wait_count, 0) / 1e6 AS inbound_avg_wait_time_sec,
    inbound_talk_sum_us / nullIf(inbound_talk_count, 0) / 1e6 AS inbound_avg_talk_time_sec,
    inbound_hold_sum_us / nullIf(inbound_talk_count, 0) / 1e6 AS inbound_avg_hold_time_sec,
    100 * level_met / nullIf(level_answered + level_abandoned - level_short_abandons + level_failed, 0) AS inbound_service_level_percentage,
    outbound_total_calls,
    outbound_answered_calls,
    outbound_rejected_calls,
    outbound_talk_sum_us / nullIf(outbound_ended_calls, 0) / 1e6 AS outbound_avg_talk_time_sec,
    outbound_wait_sum_us / nullIf(outbound_ended_calls, 0) / 1e6 AS outbound_avg_wait_time,
    inbound_open_calls,
    inbound_abandoned_calls,
    inbound_left_early_calls,
    inbound_rejected_only_calls,
    inbound_overflowed_calls,
    inbound_callback_calls,
    inbound_transferred_calls,
    inbound_lost_calls,
    inbound_passed_through_calls,
    inbound_short_abandons,
    inbound_answered_wait_sum_us / nullIf(inbound_answered_wait_count, 0) / 1e6 AS inbound_asa_sec,
    if(inbound_max_wait_us < 0, NULL, inbound_max_wait_us / 1e6) AS inbound_max_wait_sec,
    if(waits = 0, NULL, wait_of(arrayFirstIndex(c -> c * 100 >= waits * 50, running)) / 1e6) AS inbound_wait_p50_sec,
    if(waits = 0, NULL, wait_of(arrayFirstIndex(c -> c * 100 >= waits * 90, running)) / 1e6) AS inbound_wait_p90_sec,
    if(waits = 0, NULL, wait_of(arrayFirstIndex(c -> c * 100 >= waits * 95, running)) / 1e6) AS inbound_wait_p95_sec,
    if(waits = 0, NULL, wait_of(arrayFirstIndex(c -> c * 100 >= waits * 99, running)) / 1e6) AS inbound_wait_p99_sec,
    inbound_handle_sum_us / nullIf(inbound_handle_count, 0) / 1e6 AS inbound_aht_sec,
    inbound_abandoned_wait_sum_us / nullIf(inbound_abandoned_wait_count, 0) / 1e6 AS inbound_avg_abandon_wait_sec,
    if(min_threshold_us = max_threshold_us, max_threshold_us / 1e6, NULL) AS service_level_threshold_sec,
    if(min_target = max_target, max_target, NULL) AS service_level_target,
    100 * level_met / nullIf(level_answered + level_abandoned - level_short_abandons + level_failed, 0) AS service_level_ignore_short_abandons,
    100 * level_met / nullIf(level_answered + level_abandoned + level_failed, 0) AS service_level_all_offered,
    100 * level_met / nullIf(level_answered, 0) AS service_level_answered_only,
    100 * (level_met + level_short_abandons) / nullIf(level_answered + level_abandoned + level_failed, 0) AS service_level_short_abandons_met,
    level_met,
    level_answered,
    level_abandoned,
    level_short_abandons,
    level_failed,
    inbound_wait_count,
    inbound_wait_sum_us / 1e6 AS inbound_wait_sum_sec,
    inbound_answered_wait_count,
    inbound_answered_wait_sum_us / 1e6 AS inbound_answered_wait_sum_sec,
    inbound_abandoned_wait_count,
    inbound_abandoned_wait_sum_us / 1e6 AS inbound_abandoned_wait_sum_sec,
    inbound_talk_count,
    inbound_talk_sum_us / 1e6 AS inbound_talk_sum_sec,
    inbound_hold_sum_us / 1e6 AS inbound_hold_sum_sec,
    inbound_handle_count,
    inbound_handle_sum_us / 1e6 AS inbound_handle_sum_sec,
    inbound_wrap_up_sum_us / 1e6 AS inbound_wrap_up_sum_sec,
    outbound_ended_calls,
    outbound_talk_sum_us / 1e6 AS outbound_talk_sum_sec,
    outbound_wait_sum_us / 1e6 AS outbound_wait_sum_sec,
    inbound_wait_histogram,
    inbound_answered_wait_histogram
FROM
(
    SELECT
        d.organization_id AS organization_id,
        d.queue_date AS queue_date,
        h.group_id AS group_id,
        argMax(h.group_name, (h.valid_from, toString(h.queue_id))) AS group_name,
        count() AS queues,
        sum(d.inbound_total_calls) AS inbound_total_calls,
        sum(d.inbound_open_calls) AS inbound_open_calls,
        sum(d.inbound_answered_calls) AS inbound_answered_calls,
        sum(d.inbound_abandoned_calls) AS inbound_abandoned_calls,
        sum(d.inbound_left_early_calls) AS inbound_left_early_calls,
        sum(d.inbound_rejected_only_calls) AS inbound_rejected_only_calls,
        sum(d.inbound_overflowed_calls) AS inbound_overflowed_calls,
        sum(d.inbound_service_closed_calls) AS inbound_service_closed_calls,
        sum(d.inbound_callback_calls) AS inbound_callback_calls,
        sum(d.inbound_transferred_calls) AS inbound_transferred_calls,
        sum(d.inbound_lost_calls) AS inbound_lost_calls,
        sum(d.inbound_passed_through_calls) AS inbound_passed_through_calls,
        sum(d.inbound_user_transfers) AS inbound_user_transfers,
        sum(d.inbound_queue_transfers) AS inbound_queue_transfers,
        sum(d.inbound_short_abandons) AS inbound_short_abandons,
        sum(d.level_met) AS level_met,
        sum(d.level_answered) AS level_answered,
        sum(d.level_abandoned) AS level_abandoned,
        sum(d.level_short_abandons) AS level_short_abandons,
        sum(d.level_failed) AS level_failed,
        sum(d.inbound_wait_count) AS inbound_wait_count,
        sum(d.inbound_wait_sum_us) AS inbound_wait_sum_us,
        sum(d.inbound_answered_wait_count) AS inbound_answered_wait_count,
        sum(d.inbound_answered_wait_sum_us) AS inbound_answered_wait_sum_us,
        sum(d.inbound_abandoned_wait_count) AS inbound_abandoned_wait_count,
        sum(d.inbound_abandoned_wait_sum_us) AS inbound_abandoned_wait_sum_us,
        sum(d.inbound_talk_count) AS inbound_talk_count,
        sum(d.inbound_talk_sum_us) AS inbound_talk_sum_us,
        sum(d.inbound_hold_sum_us) AS inbound_hold_sum_us,
        sum(d.inbound_handle_count) AS inbound_handle_count,
        sum(d.inbound_handle_sum_us) AS inbound_handle_sum_us,
        sum(d.inbound_wrap_up_sum_us) AS inbound_wrap_up_sum_us,
        sum(d.outbound_total_calls) AS outbound_total_calls,
        sum(d.outbound_answered_calls) AS outbound_answered_calls,
        sum(d.outbound_rejected_calls) AS outbound_rejected_calls,
        sum(d.outbound_ended_calls) AS outbound_ended_calls,
        sum(d.outbound_talk_sum_us) AS outbound_talk_sum_us,
        sum(d.outbound_wait_sum_us) AS outbound_wait_sum_us,
        max(d.inbound_max_wait_us) AS inbound_max_wait_us,
        minIf(d.threshold_us, d.threshold_us > 0) AS min_threshold_us,
        nullIf(maxIf(d.threshold_us, d.threshold_us > 0), 0) AS max_threshold_us,
        minIf(d.target, d.threshold_us > 0) AS min_target,
        if(countIf(d.threshold_us > 0) = 0, NULL, maxIf(d.target, d.threshold_us > 0)) AS max_target,
        sumMap(d.inbound_wait_histogram) AS inbound_wait_histogram,
        sumMap(d.inbound_answered_wait_histogram) AS inbound_answered_wait_histogram
    FROM (SELECT * FROM queue_daily_call_metrics_versions FINAL) AS d
    INNER JOIN
    (
        SELECT organization_id, queue_id, valid_from, ifNull(valid_to, toDateTime64('2299-01-01', 6, 'UTC')) AS until, one_id AS group_id,
            min(one_name) AS group_name
        FROM queue_history
        ARRAY JOIN group_ids AS one_id, group_names AS one_name
        GROUP BY organization_id, queue_id, valid_from, until, group_id
    ) AS h ON h.organization_id = d.organization_id AND h.queue_id = d.queue_id
    WHERE addHours(toDateTime64(d.queue_date, 6, 'UTC'), 12) >= h.valid_from AND addHours(toDateTime64(d.queue_date, 6, 'UTC'), 12) < h.until
    GROUP BY organization_id, queue_date, group_id
);

-- Figures of a queue group and quarter of an hour, by the groups that each queue had at the end of it.
CREATE OR REPLACE VIEW queue_group_interval_metrics SQL SECURITY INVOKER AS
SELECT
    organization_id,
    interval_start,
    group_id,
    group_name,
    queues,
    inbound_total_calls,
    inbound_open_calls,
    inbound_answered_calls,
    inbound_abandoned_calls,
    inbound_left_early_calls,
    inbound_rejected_only_calls,
    inbound_overflowed_calls,
    inbound_service_closed_calls,
    inbound_callback_calls,
    inbound_transferred_calls,
    inbound_lost_calls,
    inbound_passed_through_calls,
    inbound_user_transfers,
    inbound_queue_transfers,
    inbound_short_abandons,
    level_met,
    level_answered,
    level_abandoned,
    level_short_abandons,
    level_failed,
    inbound_wait_count,
    inbound_wait_sum_us / 1e6 AS inbound_wait_sum_sec,
    inbound_answered_wait_count,
    inbound_answered_wait_sum_us / 1e6 AS inbound_answered_wait_sum_sec,
    inbound_abandoned_wait_count,
    inbound_abandoned_wait_sum_us / 1e6 AS inbound_abandoned_wait_sum_sec,
    inbound_talk_count,
    inbound_talk_sum_us / 1e6 AS inbound_talk_sum_sec,
    inbound_hold_sum_us / 1e6 AS inbound_hold_sum_sec,
    inbound_handle_count,
    inbound_handle_sum_us / 1e6 AS inbound_handle_sum_sec,
    inbound_wrap_up_sum_us / 1e6 AS inbound_wrap_up_sum_sec,
    outbound_total_calls,
    outbound_answered_calls,
    outbound_rejected_calls,
    outbound_ended_calls,
    outbound_talk_sum_us / 1e6 AS outbound_talk_sum_sec,
    outbound_wait_sum_us / 1e6 AS outbound_wait_sum_sec,
    if(inbound_max_wait_us < 0, NULL, inbound_max_wait_us / 1e6) AS inbound_max_wait_sec,
    inbound_wait_histogram,
    inbound_answered_wait_histogram
FROM
(
    SELECT
        d.organization_id AS organization_id,
        d.interval_start AS interval_start,
        h.group_id AS group_id,
        argMax(h.group_name, (h.valid_from, toString(h.queue_id))) AS group_name,
        count() AS queues,
        sum(d.inbound_total_calls) AS inbound_total_calls,
        sum(d.inbound_open_calls) AS inbound_open_calls,
        sum(d.inbound_answered_calls) AS inbound_answered_calls,
        sum(d.inbound_abandoned_calls) AS inbound_abandoned_calls,
        sum(d.inbound_left_early_calls) AS inbound_left_early_calls,
        sum(d.inbound_rejected_only_calls) AS inbound_rejected_only_calls,
        sum(d.inbound_overflowed_calls) AS inbound_overflowed_calls,
        sum(d.inbound_service_closed_calls) AS inbound_service_closed_calls,
        sum(d.inbound_callback_calls) AS inbound_callback_calls,
        sum(d.inbound_transferred_calls) AS inbound_transferred_calls,
        sum(d.inbound_lost_calls) AS inbound_lost_calls,
        sum(d.inbound_passed_through_calls) AS inbound_passed_through_calls,
        sum(d.inbound_user_transfers) AS inbound_user_transfers,
        sum(d.inbound_queue_transfers) AS inbound_queue_transfers,
        sum(d.inbound_short_abandons) AS inbound_short_abandons,
        sum(d.level_met) AS level_met,
        sum(d.level_answered) AS level_answered,
        sum(d.level_abandoned) AS level_abandoned,
        sum(d.level_short_abandons) AS level_short_abandons,
        sum(d.level_failed) AS level_failed,
        sum(d.inbound_wait_count) AS inbound_wait_count,
        sum(d.inbound_wait_sum_us) AS inbound_wait_sum_us,
        sum(d.inbound_answered_wait_count) AS inbound_answered_wait_count,
        sum(d.inbound_answered_wait_sum_us) AS inbound_answered_wait_sum_us,
        sum(d.inbound_abandoned_wait_count) AS inbound_abandoned_wait_count,
        sum(d.inbound_abandoned_wait_sum_us) AS inbound_abandoned_wait_sum_us,
        sum(d.inbound_talk_count) AS inbound_talk_count,
        sum(d.inbound_talk_sum_us) AS inbound_talk_sum_us,
        sum(d.inbound_hold_sum_us) AS inbound_hold_sum_us,
        sum(d.inbound_handle_count) AS inbound_handle_count,
        sum(d.inbound_handle_sum_us) AS inbound_handle_sum_us,
        sum(d.inbound_wrap_up_sum_us) AS inbound_wrap_up_sum_us,
        sum(d.outbound_total_calls) AS outbound_total_calls,
        sum(d.outbound_answered_calls) AS outbound_answered_calls,
        sum(d.outbound_rejected_calls) AS outbound_rejected_calls,
        sum(d.outbound_ended_calls) AS outbound_ended_calls,
        sum(d.outbound_talk_sum_us) AS outbound_talk_sum_us,
        sum(d.outbound_wait_sum_us) AS outbound_wait_sum_us,
        max(d.inbound_max_wait_us) AS inbound_max_wait_us,
        sumMap(d.inbound_wait_histogram) AS inbound_wait_histogram,
        sumMap(d.inbound_answered_wait_histogram) AS inbound_answered_wait_histogram
    FROM (SELECT * FROM queue_interval_metrics_versions FINAL) AS d
    INNER JOIN
    (
        SELECT organization_id, queue_id, valid_from, ifNull(valid_to, toDateTime64('2299-01-01', 6, 'UTC')) AS until, one_id AS group_id,
            min(one_name) AS group_name
        FROM queue_history
        ARRAY JOIN group_ids AS one_id, group_names AS one_name
        GROUP BY organization_id, queue_id, valid_from, until, group_id
    ) AS h ON h.organization_id = d.organization_id AND h.queue_id = d.queue_id
    WHERE addMinutes(d.interval_start, 15) > h.valid_from AND addMinutes(d.interval_start, 15) <= h.until
    GROUP BY organization_id, interval_start, group_id
);
