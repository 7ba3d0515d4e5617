"""MariaDB behind the port, on a real server: what it says of itself, what it lacks, what a snapshot of it sees."""

from collections.abc import Iterable

import pytest
from builders.mariadbd import Running

from ops.databases.kinds import of
from ops.databases.port import Reader, SourceDatabase
from ops.databases.values import LET_GO, Sight
from ops.verify.compare import Column, Texts
from suoi.errors import Transient, UserError
from suoi.ids import Epoch
from suoi.position import Position
from suoi.sources import Source

ODD = "O'Brien \\ Đặng 😀"


@pytest.fixture(scope="module")
def kho(mariadb: Running) -> Source:
    ddl = """
    CREATE TABLE hang (id int unsigned PRIMARY KEY, ten varchar(40), gia decimal(18,2), luc timestamp(6) NULL);
    CREATE TABLE phan (id int PRIMARY KEY, ten text) PARTITION BY RANGE (id)
      (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (200));
    CREATE TABLE khoa (ma varchar(30), so int, loai enum('z', 'a'), tep varbinary(9), luc timestamp(6) NOT NULL,
      PRIMARY KEY (ma, loai, tep, luc, so));
    CREATE TABLE kieu (id int(6) zerofill PRIMARY KEY, thuc float, doi double, mot bit(1), nhieu bit(7), nam year,
      lon bigint unsigned, ngay date, gio time(3), luc datetime(3), lua set('a','b'), anh blob, chu longtext);
    """
    return mariadb.source("kho", ddl, "hang", "phan", "khoa", "kieu")


@pytest.fixture
def database(mariadb: Running, kho: Source) -> SourceDatabase:
    return of(kho, mariadb.settings)


def all_rows(reader: Reader, table: str) -> list[Texts]:
    return list(reader.rows(table, reader.shape(table)[0]))


def ids(rows: Iterable[Texts]) -> list[str | None]:
    return [row[0] for row in rows]


def test_a_database_prepared_by_the_rendered_sql_lacks_nothing(kho: Source, database: SourceDatabase) -> None:
    assert database.inspect(kho.tables).lacks == ()


def test_the_catalog_tells_keys_types_and_whether_a_value_is_needed(database: SourceDatabase) -> None:
    table = database.tables()["kho.hang"]
    assert table.key is not None
    assert table.key.columns == ("id",)
    assert [(c.name, c.type, c.required) for c in table.columns] == [
        ("id", "int8", True),
        ("ten", "text", False),
        ("gia", "numeric", False),
        ("luc", "timestamptz", False),
    ]


def test_a_unique_index_that_is_never_null_is_offered_as_the_key(mariadb: Running) -> None:
    ddl = "CREATE TABLE a (x int NOT NULL, y int NOT NULL, UNIQUE xy (x, y)); CREATE TABLE b (x int, UNIQUE (x))"
    found = of(mariadb.source("khong_khoa", ddl, "a"), mariadb.settings).tables()
    (index,) = found["khong_khoa.a"].indexes
    assert index.as_key == "ALTER TABLE `khong_khoa`.`a` ADD PRIMARY KEY (`x`, `y`)"
    assert [one.as_key for one in found["khong_khoa.b"].indexes] == [""]


def test_what_cannot_be_read_exactly_is_unfit(mariadb: Running) -> None:
    ddl = "CREATE TABLE a (x int PRIMARY KEY) ENGINE=MyISAM; CREATE TABLE b (x int PRIMARY KEY) WITH SYSTEM VERSIONING"
    ddl += "; CREATE TABLE c (x enum('z', 'a') PRIMARY KEY, y int); CREATE TABLE d (x int PRIMARY KEY, y enum('a'))"
    ddl += "; CREATE TABLE e (x int PRIMARY KEY, dia_chi inet6); CREATE TABLE f (x uuid PRIMARY KEY)"
    ddl += "; CREATE TABLE g (x int PRIMARY KEY, y enum('a', 'b,''c'), z enum('d'))"
    found = of(mariadb.source("khong_hop", ddl, "a"), mariadb.settings).tables()
    told = [lack.problem.partition(" ")[0] if (lack := found[f"khong_hop.{name}"].unfit) else "" for name in "abcdefg"]
    assert told == ["engine", "keeps", "key", "", "column", "column", "column"]


def test_a_table_with_zero_dates_is_told_with_its_columns(mariadb: Running) -> None:
    ddl = """
    CREATE TABLE a (x int PRIMARY KEY, ngay date, luc datetime(6) NOT NULL, mot timestamp NOT NULL, nam year, ten text);
    CREATE TABLE b (x int PRIMARY KEY, ngay date, luc datetime, nam year);
    CREATE TABLE c (x int PRIMARY KEY, ngay date);
    SET sql_mode = '';
    INSERT INTO a VALUES (1, '2020-05-00', '0000-00-00', '0000-00-00', 0, '0'), (2, NULL, now(), now(), NULL, NULL);
    INSERT INTO b VALUES (1, '2025-07-01', now(), 2026), (2, NULL, NULL, NULL);
    """
    source = mariadb.source("so_khong", ddl, "a", "b", "c")
    told = [(lack.table, lack.problem) for lack in of(source, mariadb.settings).inspect(source.tables).lacks]
    why = "they would arrive as null or as another day"
    assert told == [("so_khong.a", f"has zero dates in ngay, luc, mot, nam: {why}")]


def test_each_setting_of_the_log_that_would_lose_rows_is_told(mariadb: Running, database: SourceDatabase) -> None:
    wrong = {"binlog_row_image": "MINIMAL", "binlog_row_metadata": "MINIMAL", "log_bin_compress": "ON"}
    mariadb.run(";".join(f"SET GLOBAL {name} = {value}" for name, value in wrong.items()))
    try:
        told = [lack.problem for lack in database.inspect(()).lacks]
    finally:
        right = {"binlog_row_image": "FULL", "binlog_row_metadata": "FULL", "log_bin_compress": "OFF"}
        mariadb.run(";".join(f"SET GLOBAL {name} = {value}" for name, value in right.items()))
    assert told == [f"{name} is {value}" for name, value in wrong.items()]


def test_a_role_without_rights_and_a_server_without_our_tables_are_told(mariadb: Running) -> None:
    source = mariadb.source("thieu", "CREATE TABLE a (x int PRIMARY KEY)", "a")
    mariadb.run("REVOKE BINLOG MONITOR ON *.* FROM suoi_thieu; REVOKE INSERT ON suoi_thieu.heartbeat FROM suoi_thieu")
    mariadb.run("REVOKE SELECT ON thieu.a FROM suoi_thieu; DROP TABLE suoi_thieu.debezium_signal")
    told = [(lack.table, lack.problem) for lack in of(source, mariadb.settings).inspect(source.tables).lacks]
    role = "role suoi_thieu@%"
    assert told == [
        ("", f"{role} lacks the right BINLOG MONITOR"),
        ("", f"{role} may not write suoi_thieu.heartbeat"),
        ("", "suoi_thieu.debezium_signal does not exist"),
        ("thieu.a", f"{role} may not read it"),
    ]


def test_a_wrong_password_is_told_and_a_server_that_is_away_is_waited_for(mariadb: Running) -> None:
    source = mariadb.source("sai", "CREATE TABLE a (x int PRIMARY KEY)", "a")
    mariadb.settings.secret("sai.password").write_text("sai")
    with pytest.raises(UserError, match=r"Access denied.*; valid: the password that the role has there"):
        of(source, mariadb.settings).look()
    away = source.model_copy(update={"database": source.database.model_copy(update={"port": 1})})
    with pytest.raises(Transient):
        of(away, mariadb.settings).look()


def test_it_says_who_it_is_where_its_log_ends_and_what_its_tables_look_like(
    mariadb: Running, kho: Source, database: SourceDatabase
) -> None:
    before = database.look()
    mariadb.run("INSERT INTO kho.hang VALUES (900, 'a', 1, NULL); DELETE FROM kho.hang WHERE id = 900")
    after = database.look()
    assert before.identity == after.identity
    assert before.begins <= before.end < after.end
    assert set(after.shapes) == set(kho.tables)


def test_the_heartbeat_tells_the_same_hashes(mariadb: Running, database: SourceDatabase) -> None:
    with mariadb.connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT json_value(shapes, '$.\"kho.hang\"') FROM suoi_kho.told")
        ((told,),) = cursor.fetchall()
    assert told == database.look().shapes["kho.hang"].hash


def a_look_after(mariadb: Running, database: SourceDatabase, change: str) -> tuple[Sight, Sight]:
    before = database.look()
    mariadb.run(change)
    return before, database.look()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE {0} ADD COLUMN moi int DEFAULT 7",
        "CREATE OR REPLACE TABLE {0} (x int PRIMARY KEY, y int)",
        "CREATE TABLE kia LIKE {0}; RENAME TABLE {0} TO cu, kia TO {0}; DROP TABLE cu",
    ],
)
def test_what_changes_rows_without_an_event_changes_the_shape(mariadb: Running, change: str) -> None:
    agency = f"dang_{abs(hash(change)) % 1000}"
    source = mariadb.source(agency, "CREATE TABLE a (x int PRIMARY KEY, y int)", "a")
    before = of(source, mariadb.settings).look().shapes[f"{agency}.a"]
    mariadb.run(change.format("a"), agency)
    assert of(source, mariadb.settings).look().shapes[f"{agency}.a"].hash != before.hash


def test_a_partition_that_came_is_known_to_be_empty_or_not(mariadb: Running, database: SourceDatabase) -> None:
    mariadb.run("INSERT INTO kho.phan VALUES (1, 'a')")
    lines = [line for line in database.look().shapes["kho.phan"].columns if line.startswith("partition ")]
    assert len(lines) == 2
    (found,) = database.empty("kho.phan", lines)
    assert found.endswith(" p1")


def test_a_signal_is_an_insert_each_time_and_our_note_is_seen(mariadb: Running, database: SourceDatabase) -> None:
    database.signal(LET_GO, "suoi", "first")
    database.signal(LET_GO, "suoi", "second")
    assert database.look().let_go == "second"
    database.take_back([LET_GO])
    assert database.look().let_go == ""


def test_a_purged_log_begins_behind_what_it_was(mariadb: Running, database: SourceDatabase) -> None:
    before = database.look()
    mariadb.run("FLUSH BINARY LOGS")
    mariadb.purge()
    after = database.look()
    assert before.begins < after.begins
    assert before.end < after.begins
    assert database.spelled(after.begins).endswith(":0")


def test_a_log_that_was_reset_went_back(mariadb: Running, database: SourceDatabase) -> None:
    mariadb.run("FLUSH BINARY LOGS")
    before, after = a_look_after(mariadb, database, "RESET MASTER")
    assert after.end < before.end


def test_a_snapshot_sees_what_stands_in_the_log_before_it_and_nothing_else(
    mariadb: Running, database: SourceDatabase
) -> None:
    mariadb.run("DELETE FROM kho.hang; INSERT INTO kho.hang VALUES (1, 'trước', 1.50, '2026-11-22 10:00:00.5')")
    end = database.look().end
    with database.snapshot(["kho.hang"], Epoch(2)) as reader:
        mariadb.run("INSERT INTO kho.hang VALUES (2, 'sau', 1, NULL)")
        assert ids(all_rows(reader, "kho.hang")) == ["1"]
        moment = reader.moment
    later = database.look().end
    at = [Position(place >> 48, place & (1 << 48) - 1) for place in (end - 1, end, later)]
    assert [moment.passed_by(position) for position in at] == [False, True, True]
    assert moment.epoch == 2


def test_a_table_that_was_emptied_after_the_snapshot_is_no_answer(mariadb: Running, database: SourceDatabase) -> None:
    mariadb.run("REPLACE INTO kho.hang VALUES (1, 'a', 1, NULL); DELETE FROM kho.hang WHERE id > 1")
    with database.snapshot(["kho.hang"], Epoch(1)) as reader:
        with mariadb.connection() as connection, connection.cursor() as cursor:
            cursor.execute("SET lock_wait_timeout = 1")
            with pytest.raises(Exception, match="Lock wait timeout"):
                cursor.execute("TRUNCATE TABLE kho.hang")
        assert ids(all_rows(reader, "kho.hang")) == ["1"]


def test_a_missing_table_is_named(database: SourceDatabase) -> None:
    with pytest.raises(UserError, match=r"table kho\.khong does not exist"), database.snapshot(["kho.khong"], Epoch(1)):
        pass


def test_values_of_every_type_have_their_text(mariadb: Running, database: SourceDatabase) -> None:
    values = (
        "7, 0.1, 1e300, b'1', b'101', 2024, 18446744073709551615, '1066-10-14', '23:59:59.5', "
        "'9999-12-31 23:59:59.999', 'a,b', X'00FF', 'Đặng 😀'"
    )
    mariadb.run(f"REPLACE INTO kho.kieu VALUES ({values})")
    with database.snapshot(["kho.kieu"], Epoch(1)) as reader:
        (row,) = all_rows(reader, "kho.kieu")
        assert reader.shape("kho.kieu")[1] == ()
    assert row == (
        "7",
        "0.10000000149011612",
        "1e+300",
        "true",
        "0000101",
        "2024",
        "18446744073709551615",
        "1066-10-14",
        "23:59:59.5",
        "253402300799999000",
        "a,b",
        "AP8=",
        "Đặng 😀",
    )


def test_windows_go_through_a_table_in_the_order_of_any_key(mariadb: Running, database: SourceDatabase) -> None:
    keys = [
        (ma, so, loai, tep, luc)
        for ma in ("a", ODD, "z")
        for so in (1, 2)
        for loai in ("z", "a")
        for tep in (b"", b"\x00\xff")
        for luc in ("2026-11-22 10:00:00.000001", "2026-11-22 10:00:00.000002")
    ]
    with mariadb.connection("kho") as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM khoa")
        cursor.executemany("INSERT INTO khoa VALUES (%s, %s, %s, %s, %s)", keys)
    with database.snapshot(["kho.khoa"], Epoch(1)) as reader:
        shape, _ = reader.shape("kho.khoa")
        seen, after = list[Texts](), None
        while part := list(reader.window("kho.khoa", shape, after, 7)):
            seen += [row for row, _ in part]
            after = part[-1][1]
        assert sorted(seen) == sorted(all_rows(reader, "kho.khoa"))
        assert len(seen) == len(set(seen)) == len(keys)
        asked = [raw for _, raw in reader.window("kho.khoa", shape, None, 5)]
        assert [raw for _, raw in reader.these("kho.khoa", shape, asked)] == asked


def test_a_condition_means_the_same_in_a_session_of_any_zone_or_mode(
    mariadb: Running, database: SourceDatabase
) -> None:
    with mariadb.connection("kho") as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM khoa")
        moment = "2026-11-22 10:00:00.5"
        cursor.execute("INSERT INTO khoa VALUES (%s, 1, 'z', X'00', %s), ('x', 1, 'z', '', %s)", [ODD, moment, moment])
        columns = [Column("ma", "ma", "text"), Column("luc", "luc", "timestamptz"), Column("tep", "tep", "bytea")]
        where = database.condition(columns, [(ODD, "2026-11-22 10:00:00.500000+00", "\\x00")])
        cursor.execute("SET time_zone = '+07:00', sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'")
        cursor.execute(f"SELECT ma FROM khoa WHERE {where}")
        assert cursor.fetchall() == ((ODD,),)


def test_the_heartbeat_has_an_age_once_it_was_written(mariadb: Running, database: SourceDatabase) -> None:
    assert database.heartbeat_age() is None
    mariadb.run("INSERT INTO suoi_kho.heartbeat (id) VALUES (1)")
    age = database.heartbeat_age()
    assert age is not None
    assert 0 <= age < 60
    mariadb.run("DELETE FROM suoi_kho.heartbeat")


def test_the_log_is_told_in_words(database: SourceDatabase) -> None:
    good, seen = database.log(1)
    assert good
    assert "mariadb-bin." in seen
