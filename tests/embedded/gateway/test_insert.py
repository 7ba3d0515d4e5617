"""Inserts: every type of the path, both ways, all or nothing."""

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOW = dt.datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=dt.UTC)
TYPES: dict[str, list[Any]] = {
    "String": ["Nguyễn Thị Suối", "", "\n\0"],
    "Nullable(String)": ["a", None, ""],
    "LowCardinality(String)": ["nam", "nữ", "nam"],
    "LowCardinality(Nullable(String))": ["nam", None, ""],
    "FixedString(16)": ["0123456789abcdef"] * 3,
    "Date32": [dt.date(1900, 1, 1), dt.date(1945, 9, 2), dt.date(2299, 12, 31)],
    "Nullable(Date32)": [None, dt.date(1945, 9, 2), None],
    "DateTime64(6, 'UTC')": [NOW, dt.datetime(1900, 1, 1, tzinfo=dt.UTC), NOW],
    "Nullable(DateTime64(6, 'UTC'))": [NOW, None, NOW],
    "UInt8": [0, 1, 255],
    "UInt128": [0, 2**128 - 1, 1 << 64],
    "Nullable(Int32)": [-(2**31), None, 2**31 - 1],
    "Int64": [-(2**63), 0, 2**63 - 1],
    "Nullable(Int64)": [None, 0, 1],
    "Float64": [0.1, -1e300, 0.0],
    "Decimal(18, 2)": [Decimal("-0.01"), Decimal(0), Decimal("9999999999999999.99")],
    "Nullable(Decimal(38, 6))": [Decimal("1.000001"), None, Decimal(-1)],
    "Bool": [True, False, True],
    "Nullable(Bool)": [True, None, False],
    "UUID": [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=1)],
    "Array(String)": [[], ["a", ""], ["ờ"]],
    "Array(Nullable(Int64))": [[], [None, 1], [2]],
    "Map(String, String)": [{}, {"a": "b", "": ""}, {"ở": "ợ"}],
    "Enum8('a' = 1, 'b' = 2)": ["a", "b", "a"],
}


def create(client: Client, table: str, columns: str, options: str = "ENGINE = MergeTree ORDER BY tuple()") -> None:
    client.execute(f"CREATE TABLE `{table}` ({columns}) {options}")


def test_every_type_of_the_path_comes_back(gateway: Any, name: str, compression: Any) -> None:
    client = gateway.client(compression=compression)
    columns = ", ".join(f"`c{i}` {spec}" for i, spec in enumerate(TYPES))
    create(client, name, f"n UInt8, {columns}")
    values = [[1, 2, 3], *TYPES.values()]
    assert client.execute(f"INSERT INTO `{name}` VALUES", values, columnar=True) == 3
    assert client.execute(f"SELECT * FROM `{name}` ORDER BY n", columnar=True) == [tuple(column) for column in values]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
ROWS = st.lists(
    st.tuples(
        TEXTS,
        st.none() | TEXTS,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.integers(0, 2**128 - 1),
        st.lists(st.none() | TEXTS, max_size=3),
        st.dictionaries(TEXTS, TEXTS, max_size=3),
    ),
    min_size=1,
    max_size=20,
)
COLUMNS = (
    "a String, b LowCardinality(Nullable(String)), c Nullable(Int64), d UInt128,"
    " e Array(Nullable(String)), f Map(String, String)"
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_any_rows_come_back(client: Client, rows: list[Any]) -> None:
    client.execute("DROP TABLE IF EXISTS any_rows")
    create(client, "any_rows", COLUMNS, "ENGINE = Memory")
    client.execute("INSERT INTO any_rows VALUES", rows)
    back = client.execute("SELECT * FROM any_rows")
    client.execute("DROP TABLE any_rows")
    assert back == rows


def test_many_blocks_are_one_insert(gateway: Any, name: str, compression: Any) -> None:
    client = gateway.client(compression=compression)
    create(client, name, "a Int64, b String")
    rows = ((i, str(i)) for i in range(5000))
    assert client.execute(f"INSERT INTO `{name}` VALUES", rows, settings={"insert_block_size": 700}) == 5000
    assert client.execute(f"SELECT count(), sum(a), sum(toInt64(b)) FROM `{name}`") == [(5000, 12497500, 12497500)]
    assert client.execute(f"SELECT count() FROM system.parts WHERE table = '{name}' AND active") == [(1,)]


def test_an_insert_reports_the_rows_written(client: Client, name: str) -> None:
    create(client, name, "a Int64")
    client.execute(f"INSERT INTO `{name}` VALUES", [(1,), (2,)])
    assert client.last_query.progress.written_rows == 2


def test_an_insert_of_no_rows_is_fine(client: Client, name: str) -> None:
    create(client, name, "a LowCardinality(String), b Array(LowCardinality(String))")
    assert client.execute(f"INSERT INTO `{name}` VALUES", []) == 0
    assert client.execute(f"SELECT count() FROM `{name}`") == [(0,)]


def test_columns_may_be_named_in_any_order_and_quoted(client: Client, name: str) -> None:
    create(client, name, "`họ tên` String, b Int64 DEFAULT 7, c Int64 MATERIALIZED b + 1")
    client.execute(f"INSERT INTO `{name}` (b, `họ tên`) SETTINGS max_threads = 1 VALUES", [(1, "x")])
    client.execute(f"INSERT INTO `{name}` (`họ tên`) VALUES", [("y",)])
    client.execute(f"INSERT INTO `{name}` VALUES", [("z", 3)])
    assert client.execute(f"SELECT *, c FROM `{name}` ORDER BY 1") == [("x", 1, 2), ("y", 7, 8), ("z", 3, 4)]


def test_rows_inside_the_statement_may_be_values_or_any_format(client: Client, name: str) -> None:
    create(client, name, "a Int64, b String")
    client.execute(f"INSERT INTO `{name}` VALUES (1, 'a;b'),\n (2, 'c')")
    client.execute(f'INSERT INTO `{name}` FORMAT CSV\n3,"d"\n4,"e"\n')
    assert client.execute(f"SELECT * FROM `{name}` ORDER BY a") == [(1, "a;b"), (2, "c"), (3, "d"), (4, "e")]


def test_rows_can_be_changed_and_deleted_in_place(client: Client, name: str) -> None:
    create(client, name, "a Int64, b String")
    client.execute(f"INSERT INTO `{name}` VALUES", [(1, "a"), (2, "b"), (3, "c")])
    client.execute(f"ALTER TABLE `{name}` UPDATE b = 'z' WHERE a = 1", settings={"mutations_sync": 1})
    client.execute(f"DELETE FROM `{name}` WHERE a = 2")
    assert client.execute(f"SELECT * FROM `{name}` ORDER BY a") == [(1, "z"), (3, "c")]


def test_a_violated_constraint_refuses_the_whole_insert(client: Client, name: str) -> None:
    create(client, name, "a Int64, CONSTRAINT positive CHECK a > 0")
    with pytest.raises(ServerException, match="positive") as caught:
        client.execute(f"INSERT INTO `{name}` VALUES", [(1,), (-1,)])
    assert caught.value.code == 469
    assert client.execute(f"SELECT count() FROM `{name}`") == [(0,)]


def test_an_error_of_a_materialized_view_is_not_swallowed(client: Client, name: str) -> None:
    create(client, name, "a Int64")
    client.execute(
        f"CREATE MATERIALIZED VIEW `{name}_v` ENGINE = MergeTree ORDER BY tuple()"
        f" AS SELECT throwIf(a < 0, 'negative') AS b FROM `{name}`"
    )
    with pytest.raises(ServerException, match="negative") as caught:
        client.execute(f"INSERT INTO `{name}` VALUES", [(-1,)])
    assert caught.value.code == 395


def test_an_insert_sent_again_with_its_token_is_written_once(client: Client, name: str) -> None:
    create(
        client,
        name,
        "a Int64",
        "ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100",
    )
    for value in (1, 2):
        client.execute(f"INSERT INTO `{name}` VALUES", [(value,)], settings={"insert_deduplication_token": "t"})
    assert client.execute(f"SELECT a FROM `{name}`") == [(1,)]


def test_a_client_lost_in_mid_insert_leaves_nothing(gateway: Any, client: Client, name: str) -> None:
    create(client, name, "a Int64")
    lost = gateway.client()

    def rows() -> Iterator[tuple[int]]:
        yield from ((i,) for i in range(3000))
        lost.connection.socket.close()
        yield (3000,)

    with pytest.raises(OSError, match="descriptor"):
        lost.execute(f"INSERT INTO `{name}` VALUES", rows(), settings={"insert_block_size": 1000})
    assert client.execute(f"SELECT count() FROM `{name}`") == [(0,)]


def test_an_insert_stopped_by_its_own_client_leaves_nothing(client: Client, name: str) -> None:
    create(client, name, "a Int64")

    def rows() -> Iterator[tuple[int]]:
        yield from ((i,) for i in range(3000))
        raise LookupError

    with pytest.raises(LookupError):
        client.execute(f"INSERT INTO `{name}` VALUES", rows(), settings={"insert_block_size": 1000})
    assert client.execute(f"SELECT count() FROM `{name}`") == [(0,)]


def test_a_column_that_cannot_be_sent_is_refused_and_the_connection_goes_on(client: Client, name: str) -> None:
    create(client, name, "a AggregateFunction(sum, UInt64)")
    with pytest.raises(ServerException, match="AggregateFunction") as caught:
        client.execute(f"INSERT INTO `{name}` VALUES", [(1,)])
    assert caught.value.code == 50
    assert client.execute("SELECT 1") == [(1,)]
