-- What the database hotich of Hộ tịch needs before Suối may capture it.
-- For the DBA, as a superuser:  psql -v ON_ERROR_STOP=1 -d hotich -f <this file>
-- May be run again at any time: twice changes nothing, after the source file gained or lost a table it follows.
--
-- The role has no password here. Set it in psql with  \password suoi_cdc
-- and hand the same password over as the secret hotich.password.
-- The server needs wal_level = logical and a free place in max_replication_slots and max_wal_senders;
-- max_slot_wal_keep_size = 19073MB bounds the log this capture may hold back.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '10s';  -- rather fail and be run again than hold up the agency's own work

DO $do$
BEGIN
  IF current_setting('wal_level') <> 'logical' THEN
    RAISE EXCEPTION 'wal_level is %; valid: logical (set it and restart the server)', current_setting('wal_level');
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'suoi_cdc') THEN
    CREATE ROLE "suoi_cdc" LOGIN REPLICATION;
  END IF;
END
$do$;
-- The log spells values as the sessions of its reader do: ours in one way, whatever others see.
ALTER ROLE "suoi_cdc" SET bytea_output = 'hex';
ALTER ROLE "suoi_cdc" SET datestyle = 'ISO';
ALTER ROLE "suoi_cdc" SET extra_float_digits = '1';
ALTER ROLE "suoi_cdc" SET intervalstyle = 'postgres';
ALTER ROLE "suoi_cdc" SET lc_monetary = 'C';
-- A policy that hides rows from us is an error, not fewer rows.
ALTER ROLE "suoi_cdc" SET row_security = 'off';

-- Our own tables: the heartbeat carries the log position through quiet hours and says whose log it is and what the
-- tables look like; the signal table takes requests.
CREATE SCHEMA IF NOT EXISTS suoi_cdc;
CREATE TABLE IF NOT EXISTS suoi_cdc.heartbeat (id int PRIMARY KEY, ts timestamptz NOT NULL);
ALTER TABLE suoi_cdc.heartbeat
  ADD COLUMN IF NOT EXISTS beat bigint, ADD COLUMN IF NOT EXISTS identity text, ADD COLUMN IF NOT EXISTS shapes text;
CREATE TABLE IF NOT EXISTS suoi_cdc.debezium_signal (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data text);
DO $do$
BEGIN
  IF (SELECT atttypid <> 'text'::regtype FROM pg_attribute
      WHERE attrelid = 'suoi_cdc.debezium_signal'::regclass AND attname = 'data') THEN
    ALTER TABLE suoi_cdc.debezium_signal ALTER COLUMN data TYPE text;
  END IF;
END
$do$;

-- What every captured table looks like: what changes here may have changed rows without a single event.
-- Catalogs only, no function that locks a table: this is asked while somebody may hold one exclusively.
CREATE OR REPLACE VIEW suoi_cdc.shape AS
SELECT captured.name AS "table", shaped.columns, md5(array_to_string(shaped.columns, E'\n')) AS hash
FROM (
  SELECT n.nspname || '.' || c.relname AS name, c.oid AS id
  FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
  JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE p.pubname = 'suoi_hotich' AND n.nspname <> 'suoi_cdc'
) captured, LATERAL (
  WITH RECURSIVE part (id) AS (
    SELECT inhrelid FROM pg_inherits WHERE inhparent = captured.id
    UNION SELECT inhrelid FROM pg_inherits JOIN part ON inhparent = part.id
  )
  SELECT array(
    SELECT format('%s %s %s', attnum, attname, format_type(atttypid, atttypmod))
    FROM pg_attribute WHERE attrelid = captured.id AND attnum > 0 AND NOT attisdropped ORDER BY attnum
  ) || array(
    SELECT format('partition %s', c.oid) FROM part JOIN pg_class c ON c.oid = part.id
    WHERE c.relkind = 'r' AND c.relispartition ORDER BY c.oid
  ) AS columns
) shaped;
-- Whose log this is: the cluster, its history since the last promotion, the database.
CREATE OR REPLACE VIEW suoi_cdc.told AS
SELECT format('%s/%s/%s',
    (SELECT system_identifier FROM pg_control_system()),
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int,
    (SELECT oid FROM pg_database WHERE datname = current_database())) AS identity,
  (SELECT coalesce(json_object_agg("table", hash ORDER BY "table"), '{}')::text FROM suoi_cdc.shape) AS shapes;

-- Exactly the listed tables, and ours. Before the grants: this locks a table against its vacuum, and a vacuum that
-- holds the lock already would wait for what a grant has written.
DO $do$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'suoi_hotich') THEN
    CREATE PUBLICATION "suoi_hotich";
  END IF;
END
$do$;
ALTER PUBLICATION "suoi_hotich" SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);
ALTER PUBLICATION "suoi_hotich" SET TABLE
  "public"."khai_sinh",
  "public"."khai_tu",
  suoi_cdc.heartbeat,
  suoi_cdc.debezium_signal;

-- Read what is listed, write only what is ours.
GRANT CONNECT ON DATABASE "hotich" TO "suoi_cdc";
GRANT USAGE ON SCHEMA suoi_cdc TO "suoi_cdc";
GRANT SELECT, INSERT, UPDATE ON suoi_cdc.heartbeat TO "suoi_cdc";
GRANT SELECT ON suoi_cdc.shape, suoi_cdc.told TO "suoi_cdc";
GRANT SELECT, INSERT, DELETE ON suoi_cdc.debezium_signal TO "suoi_cdc";
GRANT USAGE ON SCHEMA "public" TO "suoi_cdc";
GRANT SELECT ON "public"."khai_sinh" TO "suoi_cdc";
GRANT SELECT ON "public"."khai_tu" TO "suoi_cdc";

-- Deletes and updates carry the whole old row; a partition needs that for itself.
DO $do$
DECLARE captured regclass;
BEGIN
  FOR captured IN
    WITH listed AS (SELECT unnest(ARRAY[
      '"public"."khai_sinh"',
      '"public"."khai_tu"'
    ]::regclass[]) AS id),
    parts AS (SELECT id FROM listed UNION SELECT relid FROM listed, pg_partition_tree(id))
    SELECT oid FROM pg_class WHERE oid IN (SELECT id FROM parts) AND relreplident <> 'f'
  LOOP
    EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', captured);
  END LOOP;
END
$do$;
COMMIT;
