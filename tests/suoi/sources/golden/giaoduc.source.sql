-- What the database giaoduc of Giáo dục needs before Suối may capture it.
-- For the DBA, as an administrator:  mariadb --default-character-set=utf8mb4 < <this file>
-- May be run again at any time: twice changes nothing, after the source file gained a table it follows.
--
-- Nobody can log in as the new account yet. Give it a password with  ALTER USER 'suoi_giaoduc'@'%' IDENTIFIED BY '...'
-- and hand the same password over as the secret giaoduc.password.
-- The server needs log_bin, binlog_format = ROW, binlog_row_image = FULL, binlog_row_metadata = FULL, log_bin_compress = OFF,
-- max_binlog_size + max_binlog_cache_size up to 4 GiB (positions beyond are not unique), and to keep its binary logs for
-- longer than capture may ever rest: it keeps none for us.
SET SESSION lock_wait_timeout = 10;  -- rather fail and be run again than hold up the agency's own work
EXECUTE IMMEDIATE IF(@@log_bin = 1 AND @@global.binlog_format = 'ROW' AND @@global.binlog_row_image = 'FULL', 'DO 0',
  'SIGNAL SQLSTATE ''45000'' SET MESSAGE_TEXT = ''valid: log_bin, binlog_format = ROW, binlog_row_image = FULL''');

-- Our own tables: the heartbeat carries the log position through quiet hours and says whose log it is and what the
-- tables look like; the signal table takes requests; the origin tells this server's data from any other's.
CREATE DATABASE IF NOT EXISTS `suoi_giaoduc` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS `suoi_giaoduc`.heartbeat (
  id int PRIMARY KEY, ts timestamp(6) NOT NULL DEFAULT current_timestamp(6), beat bigint, identity text, shapes longtext
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS `suoi_giaoduc`.debezium_signal (
  id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data longtext
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS `suoi_giaoduc`.origin (id varchar(36) PRIMARY KEY) ENGINE = InnoDB;
INSERT INTO `suoi_giaoduc`.origin SELECT uuid() FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `suoi_giaoduc`.origin);

-- The files behind a table, by numbers that are never used again: another number means that rows may have changed
-- without a single event (created anew, renamed over, a partition truncated or exchanged, rewritten). The definer may
-- ask the engine for it, the account of the capture may not.
CREATE OR REPLACE FUNCTION `suoi_giaoduc`.files(base varchar(64), name varchar(64)) RETURNS longtext CHARSET utf8mb4
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
CREATE OR REPLACE FUNCTION `suoi_giaoduc`.identity() RETURNS text CHARSET utf8mb4
READS SQL DATA SQL SECURITY DEFINER
RETURN (SELECT concat_ws('/', @@global.server_id, @@global.gtid_domain_id, min(id)) FROM `suoi_giaoduc`.origin);

-- What every captured table looks like. One look-up by name each: a condition over all would open every table there is.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW `suoi_giaoduc`.shape AS
SELECT shaped.name AS `table`, shaped.told AS columns, md5(shaped.told) AS hash
FROM (
  SELECT 'giaoduc.hoc_sinh' AS name,
    json_merge_preserve(json_arrayagg(concat_ws(' ', column_name, column_type, character_set_name) ORDER BY ordinal_position), `suoi_giaoduc`.files('giaoduc', 'hoc_sinh')) AS told
  FROM information_schema.columns WHERE table_schema = 'giaoduc' AND table_name = 'hoc_sinh' HAVING count(*) > 0
  UNION ALL SELECT 'giáo_dục.Bảng `o''lớn\\' AS name,
    json_merge_preserve(json_arrayagg(concat_ws(' ', column_name, column_type, character_set_name) ORDER BY ordinal_position), `suoi_giaoduc`.files('giáo_dục', 'Bảng `o''lớn\\')) AS told
  FROM information_schema.columns WHERE table_schema = 'giáo_dục' AND table_name = 'Bảng `o''lớn\\' HAVING count(*) > 0
) shaped;
CREATE OR REPLACE SQL SECURITY INVOKER VIEW `suoi_giaoduc`.told AS
SELECT `suoi_giaoduc`.identity() AS identity,
  (SELECT coalesce(json_objectagg(`table`, hash), '{}') FROM `suoi_giaoduc`.shape) AS shapes;

-- Read the log and what is listed, write only what is ours. REFERENCES shows how tables are made and none of their rows.
CREATE USER IF NOT EXISTS 'suoi_giaoduc'@'%' IDENTIFIED VIA mysql_native_password USING 'invalid';
GRANT RELOAD, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO 'suoi_giaoduc'@'%';
GRANT SELECT, EXECUTE ON `suoi_giaoduc`.* TO 'suoi_giaoduc'@'%';
GRANT INSERT, UPDATE ON `suoi_giaoduc`.heartbeat TO 'suoi_giaoduc'@'%';
GRANT INSERT, DELETE ON `suoi_giaoduc`.debezium_signal TO 'suoi_giaoduc'@'%';
GRANT REFERENCES ON `giaoduc`.* TO 'suoi_giaoduc'@'%';
GRANT REFERENCES ON `giáo\_dục`.* TO 'suoi_giaoduc'@'%';
GRANT SELECT ON `giaoduc`.`hoc_sinh` TO 'suoi_giaoduc'@'%';
GRANT SELECT ON `giáo_dục`.`Bảng ``o'lớn\` TO 'suoi_giaoduc'@'%';
