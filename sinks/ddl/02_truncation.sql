-- Rows of a table below this version are gone. A position, not an event: its order against inserts does not matter.
CREATE TABLE IF NOT EXISTS ops.truncation
(
    agency LowCardinality(String),
    `table` LowCardinality(String),
    version UInt128
)
ENGINE = ReplacingMergeTree
ORDER BY (agency, `table`, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
