-- Up to which source position the warehouse holds everything of a table, and up to which time that is. Written by ops.
CREATE TABLE IF NOT EXISTS ops.watermark
(
    agency LowCardinality(String),
    `table` LowCardinality(String),
    position UInt128 COMMENT 'everything below this version has arrived',
    time DateTime64(3, 'UTC') COMMENT 'source time of that position',
    state LowCardinality(String) COMMENT 'live, loading, paused or stopped',
    refused_open UInt64 COMMENT 'dead letters that are excepted',
    written DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (agency, `table`, written)
TTL toDateTime(written, 'UTC') + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW ops.watermark_current AS
SELECT * FROM ops.watermark ORDER BY written DESC, position DESC LIMIT 1 BY agency, `table`;
