-- Rows that came under a schema which their table could not become: where a new table version begins.
CREATE TABLE IF NOT EXISTS ops.schema_refusal
(
    agency LowCardinality(String),
    `table` LowCardinality(String),
    position UInt128 COMMENT 'version of the first such row of an insert',
    detail String,
    written DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (agency, `table`, written)
TTL toDateTime(written, 'UTC') + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Table versions that are written no more, `<table>_v<number>`: rows below the position belong to them. Until a renaming
-- is finished nobody writes the table.
CREATE TABLE IF NOT EXISTS ops.table_version
(
    agency LowCardinality(String),
    `table` LowCardinality(String),
    number UInt32,
    below UInt128 COMMENT 'the source position at which it ended',
    finished UInt8 COMMENT 'whether it bears its new name',
    written DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(finished)
ORDER BY (agency, `table`, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
