-- What was refused, by the coordinates of the raw record; its bytes stay in Kafka. `sequence` is the offset of the dead
-- letter itself: a later one for the same record, or the tombstone that closes it, wins.
CREATE TABLE IF NOT EXISTS ops.dead_letter
(
    agency LowCardinality(String),
    `table` LowCardinality(String),
    topic LowCardinality(String),
    partition Int32,
    offset Int64,
    stage LowCardinality(String),
    reason LowCardinality(String),
    actor LowCardinality(String),
    detail String,
    time DateTime64(6, 'UTC'),
    revision Int32,
    sequence UInt64,
    closed UInt8
)
ENGINE = ReplacingMergeTree(sequence, closed)
ORDER BY (topic, partition, offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW ops.dead_letter_open AS
SELECT * EXCEPT (closed, sequence) FROM ops.dead_letter FINAL;
