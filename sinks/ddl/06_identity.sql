-- What identity publishes, one table per topic of `suoi.identity.*`: per key the highest version wins.
CREATE DATABASE IF NOT EXISTS identity;

CREATE TABLE IF NOT EXISTS identity.person
(
    id String COMMENT 'golden id',
    version UInt128,
    live Bool COMMENT 'false: retired, its alias says where it leads',
    tier LowCardinality(String) COMMENT 'certified or candidate; empty when retired',
    born Int64 COMMENT 'of several ids the lowest is the oldest',
    rows Array(String) COMMENT 'rids, sorted',
    fields Nested(field LowCardinality(String), value String, rid String, rule LowCardinality(String))
        COMMENT 'the golden record: the row that says so, and what decided for that row'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW identity.person_current AS
SELECT id, tier, born, rows, CAST((fields.field, fields.value), 'Map(String, String)') AS fields, version
FROM identity.person FINAL WHERE live;

-- Every field of every live person, with its source and rule.
CREATE OR REPLACE VIEW identity.field_current AS
SELECT id AS person, told.1 AS field, told.2 AS value, told.3 AS rid, told.4 AS rule,
  splitByChar('.', splitByChar('|', rid, 2)[1])[1] AS agency, splitByChar('.', splitByChar('|', rid, 2)[1])[2] AS `table`
FROM identity.person FINAL
ARRAY JOIN arrayZip(fields.field, fields.value, fields.rid, fields.rule) AS told
WHERE live;

-- Live persons whose golden records bear one personal number: a right number beside another name and another date.
CREATE OR REPLACE VIEW identity.conflict AS
SELECT field, value, arraySort(groupArray(person)) AS persons FROM identity.field_current
WHERE field = 'number.personal' GROUP BY field, value HAVING count() > 1;

-- Ordered so that the rows of a table in one role, or one row, are found at once; the rid tells any two rows apart.
CREATE TABLE IF NOT EXISTS identity.member
(
    rid String COMMENT '<agency>.<table>|<key>|<role>',
    version UInt128,
    agency LowCardinality(String),
    `table` LowCardinality(String),
    role LowCardinality(String),
    key Array(String) COMMENT 'the parts of the primary key as text',
    person Nullable(String) COMMENT 'golden id; null: the row is deleted',
    proven Nullable(String) COMMENT 'smallest rid of the rows that numbers prove to be of one person with this one'
)
ENGINE = ReplacingMergeTree(version)
PRIMARY KEY (agency, `table`, role, key)
ORDER BY (agency, `table`, role, key, rid)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW identity.member_current AS
SELECT rid, agency, `table`, role, key, assumeNotNull(m.person) AS person, assumeNotNull(m.proven) AS proven, version
FROM identity.member AS m FINAL WHERE m.person IS NOT NULL;

CREATE TABLE IF NOT EXISTS identity.alias
(
    id String COMMENT 'an id that was given once',
    version UInt128,
    person Nullable(String) COMMENT 'the live id; the id itself: it is live again; null: all its rows are deleted',
    born Int64,
    rows Array(String) COMMENT 'rids it had when it was retired, sorted'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW identity.alias_current AS
SELECT id, person, born, rows, version FROM identity.alias FINAL WHERE person IS NULL OR person != id;

CREATE TABLE IF NOT EXISTS identity.event
(
    id String,
    version UInt128,
    what LowCardinality(String) COMMENT 'merge, split or move',
    before Array(String) COMMENT 'golden ids, sorted',
    after Array(String) COMMENT 'golden ids, sorted',
    topic LowCardinality(String) COMMENT 'of the record that caused it, the last of several',
    partition Int32,
    offset Int64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE identity.event
ADD COLUMN IF NOT EXISTS time Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source committed the cause, or a clerk decided';

CREATE OR REPLACE VIEW identity.event_current AS
SELECT id, what, before, after, topic, partition, offset, time, version FROM identity.event FINAL;

CREATE TABLE IF NOT EXISTS identity.review
(
    id String COMMENT 'of the pair',
    version UInt128,
    open Bool COMMENT 'false: settled, or one of the rows is gone',
    what LowCardinality(String) COMMENT 'doubt, conflict or contradicted',
    x String COMMENT 'rid',
    y String COMMENT 'rid',
    bits Nullable(Float64) COMMENT 'weight of the pair; null where a rule forbids it',
    together Bool COMMENT 'both are one person now',
    persons Int32 COMMENT 'how many of the present persons a decision would change'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW identity.review_current AS
SELECT id, what, x, y, bits, together, persons, version FROM identity.review FINAL WHERE open;
