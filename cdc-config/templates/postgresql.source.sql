-- What the database $database_plain of $title needs before Suối may capture it.
-- For the DBA, as a superuser:  psql -v ON_ERROR_STOP=1 -d $database_plain -f <this file>
-- May be run again at any time: twice changes nothing, after the source file gained or lost a table it follows.
--
-- The role has no password here. Set it in psql with  \password $user_plain
-- and hand the same password over as the secret $password_file.
-- The server needs wal_level = logical and a free place in max_replication_slots and max_wal_senders;
-- max_slot_wal_keep_size = $max_log bounds the log this capture may hold back.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '10s';  -- rather fail and be run again than hold up the agency's own work

DO $$$tag$$
BEGIN
  IF current_setting('wal_level') <> 'logical' THEN
    RAISE EXCEPTION 'wal_level is %; valid: logical (set it and restart the server)', current_setting('wal_level');
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $user_text) THEN
    CREATE ROLE $user LOGIN REPLICATION;
  END IF;
END
$$$tag$$;

-- Our own tables: the heartbeat carries the log position through quiet hours, the signal table takes requests.
CREATE SCHEMA IF NOT EXISTS suoi_cdc;
CREATE TABLE IF NOT EXISTS suoi_cdc.heartbeat (id int PRIMARY KEY, ts timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS suoi_cdc.debezium_signal (
  id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048)
);

-- Read what is listed, write only what is ours.
GRANT CONNECT ON DATABASE $database TO $user;
GRANT USAGE ON SCHEMA suoi_cdc TO $user;
GRANT SELECT, INSERT, UPDATE ON suoi_cdc.heartbeat TO $user;
GRANT SELECT, INSERT, DELETE ON suoi_cdc.debezium_signal TO $user;
$grants

-- Deletes and updates carry the whole old row; a partition needs that for itself.
DO $$$tag$$
DECLARE captured regclass;
BEGIN
  FOR captured IN
    WITH listed AS (SELECT unnest(ARRAY[
      $listed
    ]::regclass[]) AS id),
    parts AS (SELECT id FROM listed UNION SELECT relid FROM listed, pg_partition_tree(id))
    SELECT oid FROM pg_class WHERE oid IN (SELECT id FROM parts) AND relreplident <> 'f'
  LOOP
    EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', captured);
  END LOOP;
END
$$$tag$$;

-- Exactly the listed tables, and ours.
DO $$$tag$$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = $publication_text) THEN
    CREATE PUBLICATION $publication;
  END IF;
END
$$$tag$$;
ALTER PUBLICATION $publication SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);
ALTER PUBLICATION $publication SET TABLE
  $published;
COMMIT;
