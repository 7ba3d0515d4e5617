"""What a statement is, where an INSERT's data comes from, which engine is asked for."""

import pytest

from embedded.gateway.errors import ClickHouseError
from embedded.gateway.statements import Insert, bare, check, check_engine, is_select, parse_insert, split_format


@pytest.mark.parametrize(
    "sql", ["SELECT 1", " -- c\n select 1", "((SELECT 1))", "WITH 1 AS x SELECT x", "FROM t SELECT 1"]
)
def test_what_can_be_streamed_is_a_select(sql: str) -> None:
    assert is_select(sql)


@pytest.mark.parametrize("sql", ["SHOW TABLES", "CREATE VIEW v AS SELECT 1", "EXPLAIN SELECT 1", ""])
def test_other_statements_are_no_select(sql: str) -> None:
    assert not is_select(sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO t VALUES", Insert("t", "", "", "Values", "")),
        ("insert into `a b`.`t` (`x`, y) values ;", Insert("`a b`.`t`", "`x`, y", "", "Values", "")),
        ("INSERT INTO TABLE t (x) SETTINGS a = 1 FORMAT Native", Insert("t", "x", "SETTINGS a = 1", "Native", "")),
        ("INSERT INTO t FORMAT CSV\n1\n2\n", Insert("t", "", "", "CSV", "1\n2\n")),
    ],
)
def test_an_insert_to_be_fed_is_taken_apart(sql: str, expected: Insert) -> None:
    assert parse_insert(sql) == expected


@pytest.mark.parametrize(
    "sql", ["INSERT INTO t SELECT 1", "INSERT INTO t (a) VALUES (1)", "INSERT INTO t (SELECT 1)", "SELECT 'INSERT'"]
)
def test_what_brings_its_own_rows_is_not_fed(sql: str) -> None:
    assert parse_insert(sql) is None


@pytest.mark.parametrize("sql", ["SELECT 1;", "SELECT 1 ; ;", "SELECT 1; -- end"])
def test_one_statement_may_end_with_semicolons(sql: str) -> None:
    assert bare(sql).strip() == "SELECT 1"


def test_a_semicolon_in_a_literal_ends_nothing() -> None:
    assert bare("SELECT ';'") == "SELECT ';'"


def test_several_statements_at_once_are_a_syntax_error() -> None:
    with pytest.raises(ClickHouseError, match="one statement") as caught:
        bare("SELECT 1; DROP TABLE t")
    assert caught.value.code == 62


def test_a_format_at_the_end_of_a_select_is_taken_off() -> None:
    assert split_format("SELECT 'x FORMAT CSV' FORMAT JSON") == ("SELECT 'x FORMAT CSV' ", "JSON")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a Int8) ENGINE = Kafka SETTINGS kafka_broker_list = 'b:9092'",
        "CREATE TABLE t (a Int8) ENGINE Kafka",
        "create or replace table t (engine String) engine=`Kafka`()",
        "ATTACH TABLE t (a Int8) /* x */ ENGINE = ReplicatedMergeTree('/a', 'b') ORDER BY a",
        "CREATE DATABASE d ENGINE = PostgreSQL('h', 'd', 'u', 'p')",
        "CREATE MATERIALIZED VIEW v ENGINE = RabbitMQ AS SELECT 1",
        "CREATE TABLE t AS mysql('h:1', 'd', 't', 'u', 'p')",
        "CREATE TABLE t (a Int8) AS kafka('b:1')",
    ],
)
def test_an_engine_that_reaches_beyond_the_data_folder_is_refused(sql: str) -> None:
    with pytest.raises(ClickHouseError, match=r"Engine \w+ is not supported .* MergeTree") as caught:
        check_engine(sql)
    assert caught.value.code == 344


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a Int8, engine Kafka) ENGINE = ReplacingMergeTree(a) ORDER BY a",
        "CREATE TABLE engine (a Int8) ENGINE = Memory",
        "CREATE VIEW v AS SELECT * FROM system.tables WHERE engine = name",
        "CREATE VIEW v AS (SELECT engine FROM t)",
        "CREATE MATERIALIZED VIEW v TO t AS SELECT engine Kafka FROM u",
        "CREATE TABLE t COMMENT 'ENGINE = Kafka' AS u",
        "SELECT 'CREATE TABLE t ENGINE = Kafka'",
        "CREATE TABLE t ENGINE = Memory AS SELECT count(1)",
        "CREATE FUNCTION f AS (x) -> g(x)",
    ],
)
def test_everything_else_may_pass(sql: str) -> None:
    check_engine(sql)
    assert parse_insert(sql) is None


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT file ('/etc/passwd')",
        "SELECT * FROM executable('id', 'CSV', 'a String')",
        "INSERT INTO FUNCTION file('/tmp/x', 'CSV', 'a Int8') SELECT 1",
        "CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(path 'x' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
        "SELECT * FROM Python('engine')",
    ],
)
def test_a_statement_that_reaches_into_the_machine_is_refused(sql: str) -> None:
    with pytest.raises(ClickHouseError, match="reaches no files") as caught:
        check(sql)
    assert caught.value.code == 291


@pytest.mark.parametrize(
    "sql",
    ["SELECT file FROM t", "SELECT 'file(' AS x", "SELECT profile('x')", "SELECT `file`('x')", "-- file(\nSELECT 1"],
)
def test_a_name_that_looks_like_it_may_pass(sql: str) -> None:
    check(sql)
    assert parse_insert(sql) is None


@pytest.mark.parametrize("sql", ["SYSTEM SHUTDOWN", "system /* x */ kill"])
def test_no_statement_ends_the_server(sql: str) -> None:
    """The engine would send the signal to the whole group of processes, supervisor included."""
    with pytest.raises(ClickHouseError, match="its supervisor stops it") as caught:
        check(sql)
    assert caught.value.code == 344


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 FORMAT CSV SETTINGS max_threads = 1", ("SELECT 1  SETTINGS max_threads = 1", "CSV")),
        ("SHOW TABLES FORMAT JSON", ("SHOW TABLES ", "JSON")),
        ("SELECT format FROM t", ("SELECT format FROM t", "")),
        ("SELECT * FROM (SELECT 1 FORMAT CSV)", ("SELECT * FROM (SELECT 1 FORMAT CSV)", "")),
        ("INSERT INTO t FORMAT CSV", ("INSERT INTO t FORMAT CSV", "")),
    ],
)
def test_the_format_is_found_where_a_statement_ends(sql: str, expected: tuple[str, str]) -> None:
    assert split_format(sql) == expected
