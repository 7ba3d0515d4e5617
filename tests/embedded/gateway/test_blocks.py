"""Blocks end where their types say: checked against the blocks clickhouse-driver itself writes."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from clickhouse_driver.block import ColumnOrientedBlock
from clickhouse_driver.bufferedwriter import CompressedBufferedWriter
from clickhouse_driver.streams.native import BlockOutputStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedded.gateway.blocks import Block, Column, read_native, read_wire
from embedded.gateway.errors import ClickHouseError
from embedded.gateway.packets import REVISION
from embedded.gateway.wire import MemoryReader

BLOCK_INFO_SIZE = 8
Typed = tuple[str, st.SearchStrategy[Any]]

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
LEAVES: list[Typed] = [
    ("String", TEXTS),
    ("FixedString(3)", st.text("abc", min_size=3, max_size=3)),
    ("Bool", st.booleans()),
    ("Int64", st.integers(-(2**63), 2**63 - 1)),
    ("UInt128", st.integers(0, 2**128 - 1)),
    ("Float64", st.floats()),
    ("Date32", st.dates(dt.date(1925, 1, 1), dt.date(2283, 1, 1))),
    ("DateTime64(6, 'UTC')", st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2200, 1, 1))),
    ("UUID", st.uuids()),
    ("Decimal(18, 2)", st.decimals(-(10**15), 10**15, places=2)),
    ("Decimal(38, 4)", st.decimals(-(10**15), 10**15, places=4)),
    ("Enum8('a' = 1, 'b,(' = 2)", st.sampled_from(["a", "b,("])),
]


def nullable(inner: Typed) -> Typed:
    return f"Nullable({inner[0]})", st.none() | inner[1]


def array(inner: Typed) -> Typed:
    return f"Array({inner[0]})", st.lists(inner[1], max_size=3)


def pair(first: Typed, second: Typed) -> Typed:
    return f"Tuple(a {first[0]}, `b c` {second[0]})", st.tuples(first[1], second[1])


def mapping(value: Typed) -> Typed:
    return f"Map(String, {value[0]})", st.dictionaries(TEXTS, value[1], max_size=3)


LOW: list[Typed] = [("LowCardinality(String)", TEXTS), ("LowCardinality(Nullable(String))", st.none() | TEXTS)]
leaves = st.sampled_from(LEAVES)
singles = leaves | leaves.map(nullable) | st.sampled_from(LOW)
# Left out is what the driver cannot write: tuples inside arrays, tuples of enums or of several decimals, commas
# inside maps; and empty maps of nullable LowCardinality, which it writes as no server reads them.
maps = st.sampled_from([leaf for leaf in [*LEAVES, LOW[0]] if "," not in leaf[0]]).map(mapping)
arrays = st.recursive(singles | maps, lambda inner: inner.map(array), max_leaves=3).map(array)
parts = (singles | arrays).filter(lambda typed: "Enum8" not in typed[0] and "Decimal" not in typed[0])
types = singles | maps | arrays | st.builds(pair, parts, parts)


class Collector:
    """Takes the bytes of the driver's writer."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def flush(self) -> None:
        """Nothing is held back."""


def written_by_the_driver(columns: list[tuple[str, str]], values: list[list[Any]]) -> bytes:
    """A block as clickhouse-driver sends it, after the block info."""
    settings = {
        "strings_as_bytes": False,
        "strings_encoding": "utf-8",
        "use_numpy": False,
        "input_format_null_as_default": False,
    }
    server = SimpleNamespace(used_revision=REVISION, get_timezone=lambda: "UTC")
    context = SimpleNamespace(server_info=server, client_settings=settings, settings={})
    collector = Collector()
    stream = BlockOutputStream(CompressedBufferedWriter(collector, 1 << 16), context)
    stream.write(ColumnOrientedBlock(columns, values))
    return collector.data[BLOCK_INFO_SIZE:]


@st.composite
def blocks(draw: st.DrawFn) -> tuple[list[tuple[str, str]], int, bytes]:
    """Names and types, rows, and the bytes of a block of any types."""
    drawn = draw(st.lists(types, min_size=1, max_size=4))
    rows = draw(st.integers(1, 5))
    columns = [(f"c{i}", spec) for i, (spec, _) in enumerate(drawn)]
    values = [draw(st.lists(strategy, min_size=rows, max_size=rows)) for _, strategy in drawn]
    return columns, rows, written_by_the_driver(columns, values)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(blocks(), st.binary(max_size=9))
def test_exactly_one_block_is_consumed(drawn: tuple[list[tuple[str, str]], int, bytes], rest: bytes) -> None:
    columns, rows, encoded = drawn
    reader = MemoryReader(encoded + rest)
    block = read_wire(reader)
    assert reader.position == len(encoded)
    assert [(column.name, column.type) for column in block.columns] == columns
    assert block.rows == rows
    assert block.wire() == encoded


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(blocks(), max_size=3))
def test_the_engines_form_of_a_block_reads_back_as_the_same_block(drawn: list[Any]) -> None:
    read = [read_wire(MemoryReader(encoded)) for _, _, encoded in drawn]
    assert list(read_native(b"".join(block.native() for block in read))) == read


def test_a_header_has_no_rows_and_no_values() -> None:
    block = Block((Column("a", "Int8", b"\1"),), 1)
    assert block.header() == Block((Column("a", "Int8"),))
    assert read_wire(MemoryReader(block.header().wire())) == block.header()


def test_other_type_names_leave_the_values_alone() -> None:
    block = Block((Column("a", "DateTime", b"\1\0\0\0"),), 1)
    described = (Column("a", "DateTime('UTC')"),)
    assert block.retyped(described) == Block((Column("a", "DateTime('UTC')", b"\1\0\0\0"),), 1)


@pytest.mark.parametrize(
    "spec", ["AggregateFunction(sum, UInt64)", "Array(Nonsense)", "Decimal(99, 2)", "FixedString(x)", "Tuple(a)"]
)
def test_a_type_without_a_known_end_is_refused_by_name(spec: str) -> None:
    block = Block((Column("a", spec, b"\0"),), 1)
    with pytest.raises(ClickHouseError, match="not supported") as caught:
        read_wire(MemoryReader(block.wire()))
    assert caught.value.code == 50
