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
