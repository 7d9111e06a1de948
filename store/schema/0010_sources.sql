-- Sources whose messages tell of several events: `part` says which event of its body a row is, counted from 0.
ALTER TABLE events_versions ADD COLUMN IF NOT EXISTS part UInt8 AFTER body;

ALTER TABLE late_events_versions ADD COLUMN IF NOT EXISTS part UInt8 AFTER body;

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
    body,
    part
FROM events_versions FINAL;

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
    body,
    part
FROM late_events_versions FINAL;

-- Figures that the sources of a queue do not tell are -1, and NULL in the views: neither zero nor known.
CREATE OR REPLACE VIEW queue_status SQL SECURITY INVOKER AS
SELECT
    organization_id,
    queue_id,
    observed_at,
    queue_name,
    nullIf(nbr_of_providers, -1) AS nbr_of_providers,
    nullIf(nbr_of_requesters, -1) AS nbr_of_requesters,
    nullIf(nbr_of_serving_agents_estimate, -1) AS nbr_of_serving_agents_estimate,
    nullIf(nbr_of_allocated, -1) AS nbr_of_allocated,
    nullIf(nbr_of_connected, -1) AS nbr_of_connected,
    nullIf(nbr_of_queuing_requesters, -1) AS nbr_of_queuing_requesters,
    nullIf(nbr_of_not_served_requesters, -1) AS nbr_of_not_served_requesters,
    nullIf(nbr_of_agents_long_term_away, -1) AS nbr_of_agents_long_term_away,
    nullIf(nbr_of_agents_short_term_away, -1) AS nbr_of_agents_short_term_away,
    nullIf(nbr_of_agents_immediately_free, -1) AS nbr_of_agents_immediately_free,
    nullIf(nbr_of_agents_checked_in_queue, -1) AS nbr_of_agents_checked_in_queue,
    nullIf(nbr_of_agents_on_wrap_up, -1) AS nbr_of_agents_on_wrap_up,
    nullIf(nbr_of_agents_on_fetch_mode, -1) AS nbr_of_agents_on_fetch_mode,
    if(isNull(nbr_of_not_served_requesters), NULL, if(isNull(longest_wait_since), 0,
       greatest(0, intDiv(toUnixTimestamp64Micro(observed_at) - toUnixTimestamp64Micro(assumeNotNull(longest_wait_since)), 1000000)))) AS max_wait_time,
    open_status,
    nullIf(longest_wait_since, toDateTime64(0, 6, 'UTC')) AS longest_wait_since,
    stale_agents
FROM queue_status_versions FINAL;

CREATE OR REPLACE VIEW queue_status_now SQL SECURITY INVOKER AS
SELECT
    organization_id,
    queue_id,
    observed_at,
    queue_name,
    nullIf(nbr_of_providers, -1) AS nbr_of_providers,
    nullIf(nbr_of_requesters, -1) AS nbr_of_requesters,
    nullIf(nbr_of_serving_agents_estimate, -1) AS nbr_of_serving_agents_estimate,
    nullIf(nbr_of_allocated, -1) AS nbr_of_allocated,
    nullIf(nbr_of_connected, -1) AS nbr_of_connected,
    nullIf(nbr_of_queuing_requesters, -1) AS nbr_of_queuing_requesters,
    nullIf(nbr_of_not_served_requesters, -1) AS nbr_of_not_served_requesters,
    nullIf(nbr_of_agents_long_term_away, -1) AS nbr_of_agents_long_term_away,
    nullIf(nbr_of_agents_short_term_away, -1) AS nbr_of_agents_short_term_away,
    nullIf(nbr_of_agents_immediately_free, -1) AS nbr_of_agents_immediately_free,
    nullIf(nbr_of_agents_checked_in_queue, -1) AS nbr_of_agents_checked_in_queue,
    nullIf(nbr_of_agents_on_wrap_up, -1) AS nbr_of_agents_on_wrap_up,
    nullIf(nbr_of_agents_on_fetch_mode, -1) AS nbr_of_agents_on_fetch_mode,
    if(isNull(nbr_of_not_served_requesters), NULL, if(isNull(longest_wait_since), 0,
       greatest(0, intDiv(
           toUnixTimestamp64Micro(if(last_event_at < now64(6, 'UTC') - INTERVAL 1 HOUR, last_event_at, now64(6, 'UTC')))
           - toUnixTimestamp64Micro(assumeNotNull(longest_wait_since)), 1000000)))) AS max_wait_time,
    open_status,
    nullIf(longest_wait_since, toDateTime64(0, 6, 'UTC')) AS longest_wait_since,
    stale_agents,
    waiting_since,
    greatest(observed_at, horizon) AS last_event_at
FROM (SELECT * FROM queue_status_now_versions FINAL) AS status
LEFT JOIN (SELECT organization_id, max(horizon) AS horizon FROM accounting_versions FINAL GROUP BY organization_id) AS account USING (organization_id);
