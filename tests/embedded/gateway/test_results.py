"""Results: streamed, typed, also when empty; views, parameters, FINAL, dictionaries."""

import datetime as dt
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException


def test_a_large_result_streams(gateway: Any, compression: Any) -> None:
    client = gateway.client(compression=compression, settings={"max_block_size": 10_000})
    rows = client.execute_iter("SELECT number, toString(number) FROM numbers(300000)")
    assert sum(number for number, text in rows if text == str(number)) == 299_999 * 150_000


def test_the_first_rows_come_before_the_last_are_made(gateway: Any) -> None:
    client = gateway.client(settings={"max_block_size": 1000})
    rows = client.execute_iter("SELECT number FROM numbers(1000000000000)")
    assert list(islice(rows, 3)) == [(0,), (1,), (2,)]
    client.disconnect()


def test_an_empty_result_has_names_and_types(client: Client) -> None:
    result = client.execute("SELECT number AS n, 'x' AS `a b` FROM numbers(0)", with_column_types=True)
    assert result == ([], [("n", "UInt64"), ("a b", "String")])


def test_a_time_zone_is_kept(client: Client) -> None:
    sql = "SELECT toDateTime(number, 'Asia/Ho_Chi_Minh') AS t FROM numbers(2)"
    rows, columns = client.execute(sql, with_column_types=True)
    assert columns == [("t", "DateTime('Asia/Ho_Chi_Minh')")]
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    assert [t for (t,) in rows] == [dt.datetime(1970, 1, 1, 8, 0, second, tzinfo=zone) for second in (0, 1)]


def test_deeply_nested_types_come_through(client: Client) -> None:
    nested = "[(1, map('a', [NULL, toLowCardinality('b')]))]"
    assert client.execute(f"SELECT {nested}, 'after'") == [([(1, {"a": [None, "b"]})], "after")]


def test_statements_other_than_select_answer_too(client: Client, name: str) -> None:
    client.execute(f"CREATE TABLE `{name}` (a Int8) ENGINE = Memory")
    assert (name,) in client.execute("SHOW TABLES")
    assert client.execute(f"EXISTS TABLE `{name}`") == [(1,)]
    assert client.execute(f"DESCRIBE TABLE `{name}`")[0][:2] == ("a", "Int8")


def test_a_format_in_the_statement_does_not_disturb(client: Client) -> None:
    assert client.execute("SELECT 1 FORMAT JSON;") == [(1,)]


def test_parameters_travel_beside_the_statement(gateway: Any) -> None:
    client = gateway.client(settings={"server_side_params": True})
    parameters = {"p": 2**128 - 1, "s": "a'b\\c\n{d}", "d": dt.date(1945, 9, 2)}
    sql = "SELECT {p:UInt128}, {s:String}, {d:Date32}"
    assert client.execute(sql, parameters) == [tuple(parameters.values())]
    assert client.execute("SELECT count() FROM numbers(9) WHERE number > {p:UInt128}", {"p": 3}) == [(5,)]


def test_a_missing_parameter_is_the_engines_error(client: Client) -> None:
    with pytest.raises(ServerException, match="Substitution") as caught:
        client.execute("SELECT {p:UInt128}")
    assert caught.value.code == 456


def test_the_tables_of_the_path_work(gateway: Any, client: Client) -> None:
    """History, the view that feeds the live table, FINAL, and the past by a view with a parameter (DESIGN 9)."""
    client.execute("DROP DATABASE IF EXISTS `hộ tịch`")
    client.execute("CREATE DATABASE `hộ tịch`")
    table = "(id Int64, name Nullable(String), _version UInt128, _deleted Bool)"
    client.execute(f"CREATE TABLE `hộ tịch`.`khai sinh_history` {table} ENGINE = MergeTree ORDER BY (id, _version)")
    client.execute(
        "CREATE MATERIALIZED VIEW `hộ tịch`.`khai sinh` ENGINE = ReplacingMergeTree(_version) ORDER BY id"
        " AS SELECT * FROM `hộ tịch`.`khai sinh_history`"
    )
    client.execute(
        "CREATE VIEW `hộ tịch`.`khai sinh_current` AS SELECT * FROM `hộ tịch`.`khai sinh` FINAL WHERE NOT _deleted"
    )
    client.execute(
        "CREATE VIEW `hộ tịch`.`khai sinh_at` AS SELECT * FROM `hộ tịch`.`khai sinh_history`"
        " WHERE _version <= {position:UInt128} ORDER BY _version DESC LIMIT 1 BY id"
    )
    first, second, third = 1 << 100, (1 << 100) + 1, (1 << 100) + 2
    rows = [(1, "a", first, False), (2, None, first, False), (1, "b", second, False), (2, None, third, True)]
    client.execute("INSERT INTO `hộ tịch`.`khai sinh_history` VALUES", rows)
    assert client.execute("SELECT * FROM `hộ tịch`.`khai sinh_current`") == [(1, "b", second, False)]
    # Quoted: a number beyond 64 bits would be read as a float.
    past = f"SELECT id, name FROM `hộ tịch`.`khai sinh_at`(position = '{second}') ORDER BY id"
    assert client.execute(past) == [(1, "b"), (2, None)]
    asked = gateway.client(settings={"server_side_params": True}, database="hộ tịch")
    sql = "SELECT id, name FROM `khai sinh_at`(position = {p:UInt128}) ORDER BY id"
    assert asked.execute(sql, {"p": first}) == [(1, "a"), (2, None)]


def test_a_dictionary_answers(client: Client, name: str) -> None:
    client.execute(f"CREATE TABLE `{name}` (code String, title String) ENGINE = MergeTree ORDER BY code")
    client.execute(f"INSERT INTO `{name}` VALUES", [("01", "Hà Nội")])
    client.execute(
        f"CREATE DICTIONARY `{name}_d` (code String, title String) PRIMARY KEY code"
        f" SOURCE(CLICKHOUSE(TABLE '{name}')) LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(0)"
    )
    assert client.execute(f"SELECT dictGet('{name}_d', 'title', '01')") == [("Hà Nội",)]


def test_totals_come_after_the_rows(client: Client) -> None:
    sql = "SELECT number % 2 AS a, count(), toDecimal64(sum(number), 2) AS s FROM numbers(5) GROUP BY a WITH TOTALS"
    assert client.execute(f"{sql} ORDER BY a") == [(0, 3, Decimal(6)), (1, 2, Decimal(4)), (0, 5, Decimal(10))]
    assert client.execute(f"SELECT count() FROM ({sql})") == [(2,)]
