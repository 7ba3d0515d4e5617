-- What the database $database_plain of $title needs before Suối may capture it.
-- For the DBA, as an administrator:  mariadb --default-character-set=utf8mb4 < <this file>
-- May be run again at any time: twice changes nothing, after the source file gained a table it follows.
--
-- Nobody can log in as the new account yet. Give it a password with  ALTER USER $user IDENTIFIED BY '...'
-- and hand the same password over as the secret $password_file.
-- The server needs log_bin, binlog_format = ROW, binlog_row_image = FULL, binlog_row_metadata = FULL, log_bin_compress = OFF,
-- max_binlog_size + max_binlog_cache_size up to 4 GiB (positions beyond are not unique), and to keep its binary logs for
-- longer than capture may ever rest: it keeps none for us.
SET SESSION lock_wait_timeout = 10;  -- rather fail and be run again than hold up the agency's own work
EXECUTE IMMEDIATE IF(@@log_bin = 1 AND @@global.binlog_format = 'ROW' AND @@global.binlog_row_image = 'FULL', 'DO 0',
  'SIGNAL SQLSTATE ''45000'' SET MESSAGE_TEXT = ''valid: log_bin, binlog_format = ROW, binlog_row_image = FULL''');

-- Our own tables: the heartbeat carries the log position through quiet hours and says whose log it is and what the
-- tables look like; the signal table takes requests; the origin tells this server's data from any other's.
CREATE DATABASE IF NOT EXISTS $schema CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS $schema.heartbeat (
  id int PRIMARY KEY, ts timestamp(6) NOT NULL DEFAULT current_timestamp(6), beat bigint, identity text, shapes longtext
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS $schema.debezium_signal (
  id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data longtext
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS $schema.origin (id varchar(36) PRIMARY KEY) ENGINE = InnoDB;
INSERT INTO $schema.origin SELECT uuid() FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM $schema.origin);

-- The files behind a table, by numbers that are never used again: another number means that rows may have changed
-- without a single event (created anew, renamed over, a partition truncated or exchanged, rewritten). The definer may
-- ask the engine for it, the account of the capture may not.
CREATE OR REPLACE FUNCTION $schema.files(base varchar(64), name varchar(64)) RETURNS longtext CHARSET utf8mb4
READS SQL DATA SQL SECURITY DEFINER
RETURN (
  SELECT coalesce(json_arrayagg(
    concat_ws(' ', 'partition', t.table_id, if(locate('#P#', t.name), CONVERT(CONVERT(CONVERT(
      substring_index(t.name, '#P#', -1) USING binary) USING filename) USING utf8mb4), NULL)) ORDER BY t.table_id
  ), '[]')
  FROM information_schema.innodb_sys_tables t
  WHERE substring_index(t.name, '#', 1) = CAST(concat(
    CAST(CONVERT(base USING filename) AS BINARY), '/', CAST(CONVERT(name USING filename) AS BINARY)
  ) AS CHAR CHARACTER SET utf8mb3)
);
-- Whose log this is: the server, its domain, the data behind it.
CREATE OR REPLACE FUNCTION $schema.identity() RETURNS text CHARSET utf8mb4
READS SQL DATA SQL SECURITY DEFINER
RETURN (SELECT concat_ws('/', @@global.server_id, @@global.gtid_domain_id, min(id)) FROM $schema.origin);

-- What every captured table looks like. One look-up by name each: a condition over all would open every table there is.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW $schema.shape AS
SELECT shaped.name AS `table`, shaped.told AS columns, md5(shaped.told) AS hash
FROM (
  $shapes
) shaped;
CREATE OR REPLACE SQL SECURITY INVOKER VIEW $schema.told AS
SELECT $schema.identity() AS identity,
  (SELECT coalesce(json_objectagg(`table`, hash), '{}') FROM $schema.shape) AS shapes;

-- Read the log and what is listed, write only what is ours. REFERENCES shows how tables are made and none of their rows.
CREATE USER IF NOT EXISTS $user IDENTIFIED VIA mysql_native_password USING 'invalid';
GRANT RELOAD, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO $user;
GRANT SELECT, EXECUTE ON $schema.* TO $user;
GRANT INSERT, UPDATE ON $schema.heartbeat TO $user;
GRANT INSERT, DELETE ON $schema.debezium_signal TO $user;
$grants
