-- The engine's state (docs/CHECKPOINTS.md). Rows are a log of what changed, latest last; nothing is replaced but by the same
-- row again. Generations are partitions, so that what is no longer needed is dropped whole. The tombstones of is_deleted are
-- kept: they hide earlier rows of their key, which may be in another partition.
CREATE TABLE IF NOT EXISTS checkpoints_versions
(
    kafka_group String,
    kafka_partition Int32,
    epoch UInt32,
    generation UInt32,
    sequence UInt64,
    row_number UInt64 CODEC(Delta, ZSTD(1)),
    kind UInt8,
    organization_id UUID CODEC(ZSTD(1)),
    key String CODEC(ZSTD(1)),
    data String CODEC(ZSTD(1)),
    row_hash UInt64,
    version UInt64 CODEC(ZSTD(1)),
    is_deleted UInt8 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY (kafka_group, kafka_partition, epoch, generation)
ORDER BY (kafka_group, kafka_partition, epoch, generation, sequence, row_number);

CREATE OR REPLACE VIEW checkpoints SQL SECURITY INVOKER AS
SELECT kafka_group, kafka_partition, epoch, generation, sequence, row_number, kind, organization_id, key, length(data) AS bytes, row_hash, is_deleted
FROM checkpoints_versions FINAL;

-- What makes checkpoint rows valid; written after them. The segments are those of docs/CHECKPOINTS.md.
CREATE TABLE IF NOT EXISTS checkpoint_manifests_versions
(
    kafka_group String,
    kafka_partition Int32,
    epoch UInt32,
    sequence UInt64,
    format UInt16,
    segment_epochs Array(UInt32),
    segment_generations Array(UInt32),
    segment_sequences Array(UInt64),
    row_count UInt64,
    byte_count UInt64,
    checksum UInt64,
    topics Array(String),
    offsets Array(Int64),
    written_at DateTime64(6, 'UTC'),
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (kafka_group, kafka_partition);

CREATE OR REPLACE VIEW checkpoint_manifests SQL SECURITY INVOKER AS
SELECT kafka_group, kafka_partition, epoch, sequence, format, segment_epochs, segment_generations, segment_sequences, row_count, byte_count, checksum,
    topics, offsets, written_at
FROM checkpoint_manifests_versions FINAL;

-- The positions that rows about to be written may cover: a successor stays silent up to them.
CREATE TABLE IF NOT EXISTS flush_marks_versions
(
    kafka_group String,
    kafka_partition Int32,
    topics Array(String),
    offsets Array(Int64),
    written_at DateTime64(6, 'UTC'),
    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (kafka_group, kafka_partition);

CREATE OR REPLACE VIEW flush_marks SQL SECURITY INVOKER AS
SELECT kafka_group, kafka_partition, topics, offsets, written_at, version
FROM flush_marks_versions FINAL;
