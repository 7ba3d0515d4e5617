"""Every type that a client can hold, there and back: by clickhouse-driver, by numpy, by clickhouse-connect."""

import datetime as dt
import ipaddress
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException, UnknownTypeError
from numpy.typing import NDArray

NOW = dt.datetime(2026, 11, 22, 3, 4, 5, tzinfo=dt.UTC)
BY_DRIVER: dict[str, list[Any]] = {
    "Int8": [-128, 0, 127],
    "Int16": [-(2**15), 0, 2**15 - 1],
    "Int32": [-(2**31), 0, 2**31 - 1],
    "Int64": [-(2**63), 0, 2**63 - 1],
    "Int128": [-(2**127), 0, 2**127 - 1],
    "Int256": [-(2**255), 0, 2**255 - 1],
    "UInt8": [0, 1, 2**8 - 1],
    "UInt16": [0, 1, 2**16 - 1],
    "UInt32": [0, 1, 2**32 - 1],
    "UInt64": [0, 1, 2**64 - 1],
    "UInt128": [0, 1, 2**128 - 1],
    "UInt256": [0, 1, 2**256 - 1],
    "Float32": [0.5, -1.25, float("inf")],
    "Float64": [0.1, -1e300, float("-inf")],
    "Decimal(9, 4)": [Decimal("-1.0001"), Decimal(0), Decimal("99999.9999")],
    "Decimal(18, 2)": [Decimal("-0.01"), Decimal(0), Decimal("9999999999999999.99")],
    "Decimal(38, 6)": [Decimal("1.000001"), Decimal(0), Decimal(-1)],
    "Decimal(76, 10)": [Decimal("1.0000000001"), Decimal(0), Decimal(-1)],
    "Bool": [True, False, True],
    "String": ["Nguyễn Thị Suối 🌊", "", "\n\0"],
    "FixedString(4)": ["abcd", "xyzu", "1234"],
    "UUID": [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=1)],
    "Date": [dt.date(1970, 1, 1), dt.date(2026, 7, 1), dt.date(2149, 6, 6)],
    "Date32": [dt.date(1900, 1, 1), dt.date(1945, 9, 2), dt.date(2299, 12, 31)],
    "DateTime('UTC')": [NOW, dt.datetime(1970, 1, 1, tzinfo=dt.UTC), NOW],
    "DateTime64(9, 'UTC')": [NOW, dt.datetime(1970, 1, 1, tzinfo=dt.UTC), NOW],
    "Enum8('a' = 1, 'b,(' = -2)": ["a", "b,(", "a"],
    "Enum16('a' = 1000, 'b' = 2)": ["a", "b", "a"],
    "IPv4": [ipaddress.IPv4Address("0.0.0.0"), ipaddress.IPv4Address("10.1.2.3"), ipaddress.IPv4Address(2**32 - 1)],
    "IPv6": [ipaddress.IPv6Address("::"), ipaddress.IPv6Address("fe80::1"), ipaddress.IPv6Address("::ffff:1.2.3.4")],
    "LowCardinality(Nullable(String))": ["nam", None, ""],
    "Array(Array(Nullable(Int64)))": [[], [[]], [[None, 1], [2]]],
    "Array(LowCardinality(String))": [["a", "b"], [], ["a"]],
    "Map(String, Array(Int32))": [{}, {"a": [1, 2]}, {"b": [], "c": [3]}],
    "Tuple(Int32, String)": [(1, "a"), (0, ""), (-1, "ờ")],
    "Tuple(a Int32, `b c` Nullable(String))": [(1, None), (0, ""), (-1, "ờ")],
    "Point": [(0.0, 0.0), (1.5, -2.0), (3.0, 4.0)],
    "Ring": [[(0.0, 0.0), (1.0, 1.0)], [], [(3.0, 4.0)]],
    "MultiPolygon": [[[[(0.0, 0.0)]]], [], [[]]],
    "SimpleAggregateFunction(max, Int64)": [1, 2, 3],
    "JSON": [{"a": 1, "b": {"c": ["x", "y"]}}, {}, {"b": {"c": ["z"]}, "d": "e"}],
}


def table(client: Any, name: str, types: list[str]) -> None:
    columns = ", ".join(f"`c{number}` {spec}" for number, spec in enumerate(types))
    run = client.execute if isinstance(client, Client) else client.command
    run(f"CREATE TABLE `{name}` (n Int32, {columns}) ENGINE = MergeTree ORDER BY n")


def test_every_type_of_the_driver_comes_back(gateway: Any, name: str, compression: Any) -> None:
    client = gateway.client(compression=compression)
    table(client, name, list(BY_DRIVER))
    values = [[1, 2, 3], *BY_DRIVER.values()]
    # Lists of their own: the driver writes its numbers over dates.
    assert client.execute(f"INSERT INTO `{name}` VALUES", [list(column) for column in values], columnar=True) == 3
    back = client.execute(f"SELECT * FROM `{name}` ORDER BY n", columnar=True)
    assert dict(zip(["n", *BY_DRIVER], back, strict=True)) == {
        spec: tuple(column) for spec, column in zip(["n", *BY_DRIVER], values, strict=True)
    }


def test_types_the_driver_only_reads_pass_in_one_block_with_others(client: Client) -> None:
    sql = "SELECT INTERVAL 3 DAY, INTERVAL 2 MONTH, NULL, [], 'after'"
    assert client.execute(sql) == [(3, 2, None, [], "after")]


@pytest.mark.parametrize(
    ("value", "unknown"),
    [("'a'::Variant(Int64, String)", "Variant"), ("'a'::Dynamic", "Dynamic"), ("1::BFloat16", "BFloat16")],
)
def test_a_type_the_driver_does_not_know_is_its_error_not_ours(gateway: Any, value: str, unknown: str) -> None:
    """A server sends such a column all the same; that connection is of no use any more, others are."""
    with gateway.client() as client, pytest.raises(UnknownTypeError, match=unknown):
        client.execute(f"SELECT {value}")
    assert gateway.client().execute("SELECT 1") == [(1,)]


def test_numpy_columns_go_in_and_come_out(gateway: Any, name: str, compression: Any) -> None:
    client = gateway.client(compression=compression, settings={"use_numpy": True})
    rows = 100_000
    table(client, name, ["Float64", "String", "DateTime('UTC')", "Nullable(Int32)"])
    texts = np.array([f"chữ {number % 7}" for number in range(rows)], dtype=object)
    moments = np.datetime64("2026-01-01T00:00:00") + np.arange(rows).astype("timedelta64[s]")
    columns: list[NDArray[Any]] = [
        np.arange(rows, dtype=np.int32),
        np.arange(rows) / 7,
        texts,
        moments,
        np.full(rows, 5),
    ]
    client.execute(f"INSERT INTO `{name}` VALUES", columns, columnar=True)
    back = client.execute(f"SELECT * FROM `{name}` ORDER BY n", columnar=True)
    for sent, received in zip(columns, back, strict=True):
        assert list(np.asarray(received).astype(sent.dtype)) == list(sent)


BY_CONNECT: dict[str, list[Any]] = {
    "Int64": [-(2**63), 0, 2**63 - 1],
    "UInt256": [0, 1, 2**256 - 1],
    "Float64": [0.1, -1e300, 0.0],
    "Nullable(Decimal(38, 6))": [Decimal("1.000001"), None, Decimal(-1)],
    "String": ["Nguyễn Thị Suối 🌊", "", "x"],
    "LowCardinality(Nullable(String))": ["nam", None, "nữ"],
    "UUID": [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=1)],
    "Date32": [dt.date(1900, 1, 1), dt.date(1945, 9, 2), dt.date(2299, 12, 31)],
    "DateTime64(6, 'Asia/Ho_Chi_Minh')": [NOW, NOW, NOW],
    "Array(Nullable(Int64))": [[], [None, 1], [2]],
    "Map(String, String)": [{}, {"a": "b"}, {"ở": "ợ"}],
    "Variant(Array(Int64), Int64, String)": [1, "x", [1, 2]],
    "Dynamic": ["a", "b", "c"],
    "JSON": [{"a": 1, "b": {"c": "x"}}, {}, {"d": [1, 2]}],
    "JSON(b.c String, a Int64)": [
        {"a": 1, "b": {"c": "x"}},
        {"a": 2, "b": {"c": ""}},
        {"a": 3, "b": {"c": ""}, "d": 1},
    ],
}


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_every_type_of_clickhouse_connect_comes_back(gateway: Any, name: str, compress: Any) -> None:
    client = gateway.connect(compress=compress)
    table(client, name, list(BY_CONNECT))
    rows = [list(row) for row in zip([1, 2, 3], *BY_CONNECT.values(), strict=True)]
    assert client.insert(name, rows).written_rows == 3
    back = client.query(f"SELECT * FROM `{name}` ORDER BY n").result_columns
    assert dict(zip(BY_CONNECT, map(list, back[1:]), strict=True)) == BY_CONNECT
    client.close()


def test_states_of_aggregate_functions_go_neither_way(own: Any, name: str) -> None:
    """The length of a state is known to its function alone; formats by HTTP carry it."""
    client = own.client()
    table(client, name, ["AggregateFunction(sum, UInt64)"])
    for sql, rows in ((f"INSERT INTO `{name}` VALUES", [(1, 1)]), ("SELECT sumState(1)", None)):
        with pytest.raises(ServerException, match="AggregateFunction") as caught:
            client.execute(sql, rows)
        assert caught.value.code == 50
        assert client.execute("SELECT 1") == [(1,)]
    assert own.http(query="SELECT hex(sumState(number)) FROM numbers(3)").text == "0300000000000000\n"
