"""A key value keeps its meaning on every way between source, warehouse and wire."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.reconcile.wire import logical, of_text, of_warehouse, to_text
from ops.verify.canon import canon

DATE = {"type": "int", "logicalType": "date"}
INSTANT = ["null", {"type": "long", "logicalType": "timestamp-micros"}]
LOCAL = {"type": "long", "logicalType": "local-timestamp-micros"}
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}
ID = {"type": "string", "logicalType": "uuid"}

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2299, 12, 31))
VALUES = st.one_of(
    st.tuples(st.just("int4"), st.just("int"), st.integers(-(1 << 31), (1 << 31) - 1)),
    st.tuples(st.just("int8"), st.just(["null", "long"]), st.integers(-(1 << 63), (1 << 63) - 1)),
    st.tuples(st.just("text"), st.just("string"), st.text()),
    st.tuples(st.just("bool"), st.just("boolean"), st.booleans()),
    st.tuples(st.just("float8"), st.just("double"), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just("date"), st.just(DATE), st.dates(date(1900, 1, 1), date(2299, 12, 31))),
    st.tuples(st.just("timestamptz"), st.just(INSTANT), MOMENTS.map(lambda at: at.replace(tzinfo=UTC))),
    st.tuples(st.just("timestamp"), st.just(LOCAL), MOMENTS),
    st.tuples(st.just("numeric"), st.just(MONEY), st.decimals(-(10**16), 10**16, places=4)),
    st.tuples(st.just("uuid"), st.just(ID), st.uuids()),
)


@given(VALUES)
def test_the_text_of_a_value_and_its_wire_form_say_the_same(value: tuple[str, Any, Any]) -> None:
    pg_type, avro, stored = value
    text = canon(pg_type)(stored)
    wire = of_warehouse(avro, stored)
    assert of_text(avro, text) == wire
    assert to_text(avro, pg_type, wire) == text
    assert to_text(avro, pg_type, orjson.loads(orjson.dumps(wire, default=bytes.hex))) == text


def test_values_on_the_wire_are_those_of_the_conformed_schema() -> None:
    assert of_warehouse(DATE, date(1970, 1, 2)) == 1
    assert of_warehouse(INSTANT, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1_000_000
    assert of_warehouse(MONEY, Decimal("0.0256")) == b"\x01\x00"
    assert of_warehouse(ID, UUID(int=1)) == "00000000-0000-0000-0000-000000000001"
    assert logical(["null", MONEY]) == "decimal"


@pytest.mark.parametrize(("avro", "text"), [(DATE, "infinity"), (LOCAL, "infinity"), (MONEY, "NaN"), ("int", "")])
def test_a_text_that_the_type_cannot_hold_is_refused(avro: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        of_text(avro, text)
