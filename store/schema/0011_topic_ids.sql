-- Kafka's ids of the topics that the offsets are of, in their order: a topic that was deleted and made anew has another. Zero, or
-- an empty array in rows from before this column: not known.
ALTER TABLE checkpoint_manifests_versions ADD COLUMN IF NOT EXISTS topic_ids Array(UUID) AFTER offsets;

CREATE OR REPLACE VIEW checkpoint_manifests SQL SECURITY INVOKER AS
SELECT kafka_group, kafka_partition, epoch, sequence, format, segment_epochs, segment_generations, segment_sequences, row_count, byte_count, checksum,
    topics, offsets, topic_ids, written_at
FROM checkpoint_manifests_versions FINAL;
