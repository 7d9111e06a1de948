-- What the vendor has published, beside what its events give: one row per published figure. figure_date is the local date that
-- the figure is of; two summaries of one queue may be published at once, of today and of yesterday.
CREATE TABLE IF NOT EXISTS reconciliation_versions
(
    organization_id UUID,
    figure_date Date,
    kind LowCardinality(String),
    entity_id UUID,
    field LowCardinality(String),
    published_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    published Nullable(Float64) CODEC(ZSTD(1)),
    recomputed Nullable(Float64) CODEC(ZSTD(1)),
    shown_then Nullable(Float64) CODEC(ZSTD(1)),
    difference Float64 CODEC(ZSTD(1)),
    explained_by LowCardinality(String),
    run_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    kafka_partition Int32 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1)),
    INDEX version_range version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(figure_date)
ORDER BY (organization_id, figure_date, kind, entity_id, field, published_at)
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE OR REPLACE VIEW reconciliation SQL SECURITY INVOKER AS
SELECT organization_id, figure_date, kind, entity_id, field, published_at, published, recomputed, shown_then, difference, explained_by, run_at
FROM reconciliation_versions FINAL;
