-- The shared code lists as they ship, written whole by `sinks.codelists` whenever their content changes.
CREATE DATABASE IF NOT EXISTS codelist;

CREATE TABLE IF NOT EXISTS codelist.list
(
    list LowCardinality(String),
    title String,
    owner String COMMENT 'who issues it; empty where no official text was at hand',
    legal_source String,
    unverified Bool
)
ENGINE = MergeTree
ORDER BY list;

CREATE TABLE IF NOT EXISTS codelist.version
(
    list LowCardinality(String),
    version LowCardinality(String) COMMENT 'a date for lists that are dated, a coding for the others',
    valid_from Nullable(Date32) COMMENT 'first day in force; null for a coding',
    valid_to Nullable(Date32) COMMENT 'first day no longer in force; null while it is',
    unverified Bool COMMENT 'no official text was at hand',
    content String COMMENT 'SHA-256 of everything that was loaded'
)
ENGINE = MergeTree
ORDER BY (list, version);

CREATE TABLE IF NOT EXISTS codelist.unit
(
    list LowCardinality(String),
    version LowCardinality(String),
    code String COMMENT 'as it is written in that version',
    unit String COMMENT 'what it means: what `<column>__unit` holds',
    name String,
    level LowCardinality(String),
    kind LowCardinality(String),
    parent String,
    province String,
    valid_from Nullable(Date32),
    valid_to Nullable(Date32)
)
ENGINE = MergeTree
ORDER BY (list, version, code);

CREATE TABLE IF NOT EXISTS codelist.projection
(
    version LowCardinality(String) COMMENT 'of the administrative units',
    unit String,
    target LowCardinality(String) COMMENT 'version that is asked for',
    status LowCardinality(String),
    units Array(String) COMMENT 'the one when status is ok, else all that stay possible',
    rule LowCardinality(String),
    reason String
)
ENGINE = MergeTree
ORDER BY (version, unit, target);

-- The same by key and in memory, for what is asked for every row: joinGet('codelist.carried', 'units', version, unit, target).
-- No dictionary: that would need a password in its definition on a server of its own.
CREATE TABLE IF NOT EXISTS codelist.carried
(
    version LowCardinality(String),
    unit String,
    target LowCardinality(String),
    status LowCardinality(String),
    units Array(String)
)
ENGINE = Join(ANY, LEFT, version, unit, target);

-- So that codelist.open has something to look through before there is any source.
CREATE OR REPLACE VIEW codelist.none_codes AS
SELECT '' AS list, '' AS agency, '' AS `table`, '' AS `column`, '' AS value, '' AS status, emptyArrayString() AS candidates,
  toUInt64(0) AS rows, emptyArrayString() AS sample, toDateTime64(0, 6, 'UTC') AS newest
WHERE false;

-- Values that wait for a steward, by list, source, column and value: counted when asked for.
CREATE OR REPLACE VIEW codelist.open AS
SELECT list, agency, `table`, `column`, value, status, candidates, rows, sample, newest FROM merge(REGEXP('.*'), '_codes$');

CREATE OR REPLACE VIEW codelist.today AS
SELECT max(version) AS version FROM codelist.version
WHERE list = 'admin_unit' AND valid_from <= toDate32(now('Asia/Ho_Chi_Minh'));

-- The entries in force on a day: codelist.unit_at(on = '2025-08-01').
CREATE OR REPLACE VIEW codelist.unit_at AS
SELECT list, version, code, unit, name, level, kind, parent, province FROM codelist.unit
WHERE valid_from IS NULL OR (valid_from <= {on:Date32} AND (valid_to IS NULL OR valid_to > {on:Date32}));
