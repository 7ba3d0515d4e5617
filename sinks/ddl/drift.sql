-- Rows in which source and warehouse were found to differ, one per key; `how` is empty while they still do. Never a
-- value. Two passes over one table at once may both find a row: what was said of a key last is what holds.
CREATE TABLE IF NOT EXISTS ops.drift
(
    agency LowCardinality(String),
    `table` LowCardinality(String),
    key String COMMENT 'the primary key as in Kafka: a JSON array',
    kind LowCardinality(String) COMMENT 'missing, extra or different, as seen from the source',
    columns Array(String) COMMENT 'of a different row: the source columns that differ',
    found DateTime64(3, 'UTC'),
    position UInt128 COMMENT 'the watermark of the table before the source was read',
    repaired Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was seen to be equal again',
    how LowCardinality(String) COMMENT 'empty while it is open, then reloaded, deleted or by itself',
    written DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(written)
ORDER BY (agency, `table`, key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW ops.drift_open AS
SELECT agency, `table`, key, kind, columns, found, position FROM ops.drift FINAL WHERE how = '';

-- Passes over a table that came to their end: when it was last proven to be equal, and what was not.
CREATE TABLE IF NOT EXISTS ops.reconciled
(
    agency LowCardinality(String),
    `table` LowCardinality(String),
    started DateTime64(3, 'UTC'),
    finished DateTime64(3, 'UTC'),
    source_rows UInt64,
    warehouse_rows UInt64,
    drift UInt64 COMMENT 'rows that differ at the end of the pass',
    refused UInt64 COMMENT 'rows that differ because a change of theirs is a dead letter',
    position UInt128 COMMENT 'the watermark of the table when the pass began'
)
ENGINE = MergeTree
ORDER BY (agency, `table`, finished)
TTL toDateTime(finished, 'UTC') + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW ops.reconciled_last AS
SELECT * FROM ops.reconciled ORDER BY finished DESC LIMIT 1 BY agency, `table`;
