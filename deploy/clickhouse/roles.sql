-- Roles and users of a ClickHouse server for Ringside. Put your own in the place of what stands between @ signs, and run it once,
-- as a user who may manage access:
--
--   sed -e "s/@WRITER_SHA256@/$(printf %s "$WRITER_PASSWORD" | sha256sum | cut -c1-64)/" \
--       -e "s/@READER_SHA256@/$(printf %s "$READER_PASSWORD" | sha256sum | cut -c1-64)/" roles.sql | clickhouse-client --multiquery
--
-- Everything can be run again; the passwords of users that are there already stay as they are (ALTER USER changes them).
-- On a cluster add ON CLUSTER to each statement.

-- The engine: its own database, made by itself, and the scratch databases of `ringside recompute`.
CREATE ROLE IF NOT EXISTS ringside_writer;
GRANT SELECT, INSERT, ALTER, CREATE, DROP, OPTIMIZE, TRUNCATE ON ringside.* TO ringside_writer;
GRANT SELECT, INSERT, ALTER, CREATE, DROP, OPTIMIZE, TRUNCATE ON `ringside_recompute_*`.* TO ringside_writer;
GRANT SELECT ON system.databases TO ringside_writer;
GRANT SELECT ON system.tables TO ringside_writer;
GRANT SELECT ON system.columns TO ringside_writer;
GRANT SELECT ON system.detached_parts TO ringside_writer;

-- Grafana, analysts: reading, whatever the statement says. The views read the tables behind them as who asks, so the tables
-- have to be granted, too. The saved state of the engine is nobody else's business.
CREATE SETTINGS PROFILE IF NOT EXISTS ringside_reader SETTINGS
    readonly = 2,
    max_execution_time = 30 MAX 300,
    max_memory_usage = 4000000000 MAX 8000000000,
    max_result_rows = 1000000 MAX 1000000,
    result_overflow_mode = 'throw';
CREATE ROLE IF NOT EXISTS ringside_reader SETTINGS PROFILE 'ringside_reader';
GRANT SELECT ON ringside.* TO ringside_reader;
REVOKE SELECT ON ringside.checkpoints FROM ringside_reader;
REVOKE SELECT ON ringside.checkpoints_versions FROM ringside_reader;
REVOKE SELECT ON ringside.checkpoint_manifests FROM ringside_reader;
REVOKE SELECT ON ringside.checkpoint_manifests_versions FROM ringside_reader;
REVOKE SELECT ON ringside.flush_marks FROM ringside_reader;
REVOKE SELECT ON ringside.flush_marks_versions FROM ringside_reader;

CREATE USER IF NOT EXISTS ringside IDENTIFIED WITH sha256_hash BY '@WRITER_SHA256@' DEFAULT ROLE ringside_writer;
GRANT ringside_writer TO ringside;
CREATE USER IF NOT EXISTS grafana IDENTIFIED WITH sha256_hash BY '@READER_SHA256@' DEFAULT ROLE ringside_reader;
GRANT ringside_reader TO grafana;
