"""Which type a column is published under, told from the writer's schema."""

from typing import Any

import pytest
from builders.debezium import DATE, INSTANT

from streams.conform.types import ColumnType, column_type


def column(avro: str, name: str = "", **told: str) -> ColumnType:
    """A nullable column whose source type is told beside it, as Debezium does."""
    parameters = {f"__debezium.source.column.{key}": value for key, value in told.items()}
    named = {"connect.name": name} if name else {}
    return column_type(["null", {"type": avro, "connect.parameters": parameters, **named}])


def numeric(length: int, scale: int, kind: str = "NUMERIC") -> ColumnType:
    return column("string", type=kind, length=str(length), scale=str(scale))


def carried(kind: ColumnType, value: Any) -> Any:
    """What becomes of a value."""
    assert kind.convert is not None
    return kind.convert(value)


def test_a_nullable_column_has_the_type_of_its_value() -> None:
    assert column_type(["null", "string"]).avro == "string"
    assert column_type("long").avro == "long"


def test_the_meaning_of_a_number_comes_from_the_schema_name() -> None:
    assert column_type(["null", DATE]).avro == {"type": "int", "logicalType": "date"}
    assert column_type(INSTANT).avro == {"type": "long", "logicalType": "timestamp-micros"}


@pytest.mark.parametrize("kind", ["NUMERIC", "DECIMAL", "DECIMAL UNSIGNED", "TIEN"])
def test_a_decimal_keeps_precision_and_scale_in_a_domain_too(kind: str) -> None:
    assert numeric(18, 2, kind).avro == {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}


@pytest.mark.parametrize(("length", "scale"), [(131_089, 0), (77, 2), (5, 2046), (2, 5)])
def test_a_number_without_bounds_the_warehouse_has_stays_text(length: int, scale: int) -> None:
    assert numeric(length, scale).avro == "string"


def test_a_number_whose_bounds_are_not_told_stays_text() -> None:
    assert column("string", type="NUMERIC").avro == "string"


@pytest.mark.parametrize(("kind", "scale"), [("VARCHAR", "0"), ("TIMETZ", "6"), ("SO_DINH_DANH", "0")])
def test_another_text_column_is_not_taken_for_a_number(kind: str, scale: str) -> None:
    assert column("string", type=kind, length="12", scale=scale) == ColumnType("string")


def test_an_unsigned_number_of_64_bits_is_a_decimal() -> None:
    field = {"type": "bytes", "precision": 20, "connect.parameters": {"scale": "0"}}
    kind = column_type({**field, "connect.name": "org.apache.kafka.connect.data.Decimal"})
    assert kind.avro == {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 0}


def test_an_array_is_read_by_the_type_of_its_elements() -> None:
    kind = column("string", type="_INT4", length="10", scale="0")
    assert (kind.avro, carried(kind, "{1,NULL}")) == ("string", "[1,null]")
    assert carried(column("string", type="_NUMERIC", length="10", scale="2"), "{1.50}") == '["1.50"]'


def test_bytes_are_base64_unless_the_source_prints_a_text() -> None:
    assert carried(column("bytes", type="BYTEA"), b"\x00\xff") == "AP8="
    assert carried(column("bytes", type="LONGBLOB"), b"\x00\xff") == "AP8="
    assert carried(column("bytes", type="TSQUERY"), b"'a' & 'b'") == "'a' & 'b'"


def test_bits_are_as_many_as_the_column_has() -> None:
    field = {"type": "bytes", "connect.name": "io.debezium.data.Bits", "connect.parameters": {"length": "12"}}
    assert carried(column_type(["null", field]), b"\x01") == "000000000001"


def test_what_has_no_flat_type_becomes_json_text() -> None:
    kind = column_type(["null", {"type": "array", "items": "string"}])
    assert (kind.avro, carried(kind, ["a", None])) == ("string", '["a",null]')
