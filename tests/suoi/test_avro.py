"""The codec gives and takes the same bytes as an independent implementation."""

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suoi import avro
from suoi.errors import Poison

SCHEMA = {
    "type": "record",
    "name": "row",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "name", "type": ["null", "string"], "default": None},
        {"name": "days", "type": ["null", {"type": "int", "connect.name": "io.debezium.time.Date"}], "default": None},
        {"name": "amount", "type": ["null", "bytes"], "default": None},
        {"name": "ratio", "type": ["null", "double"], "default": None},
        {"name": "yes", "type": "boolean"},
        {"name": "names", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "faults", "type": {"type": "map", "values": "string"}, "default": {}},
        {"name": "version", "type": {"type": "fixed", "name": "version", "size": 16}},
    ],
}
TEXT = json.dumps(SCHEMA)
PARSED = fastavro.parse_schema(SCHEMA)

rows = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "name": st.none() | st.text(),
        "days": st.none() | st.integers(-(2**31), 2**31 - 1),
        "amount": st.none() | st.binary(),
        "ratio": st.none() | st.floats(allow_nan=False),
        "yes": st.booleans(),
        "names": st.lists(st.text(), max_size=3),
        "faults": st.dictionaries(st.text(), st.text(), max_size=3),
        "version": st.binary(min_size=16, max_size=16),
    }
)


def by_fastavro(row: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, PARSED, row)
    return out.getvalue()


@given(rows)
def test_a_row_has_the_same_bytes_as_under_fastavro_and_comes_back_equal(row: dict[str, Any]) -> None:
    raw = avro.encoder(TEXT)(row)
    assert raw == by_fastavro(row)
    assert avro.decoder(TEXT)(raw) == fastavro.schemaless_reader(io.BytesIO(raw), PARSED, None) == row


@given(st.binary(max_size=60))
def test_broken_bytes_are_an_exception_or_a_row_and_never_the_end_of_the_process(raw: bytes) -> None:
    decode = avro.decoder(TEXT)
    try:
        row = decode(raw)
    except Exception:  # noqa: BLE001 - which one is the codec's own affair
        return
    assert isinstance(row, dict)


@given(st.integers(0, 2**32 - 1), st.binary())
def test_a_frame_gives_back_schema_id_and_bytes(schema_id: int, payload: bytes) -> None:
    assert avro.unframe(avro.frame(schema_id, payload)) == (schema_id, payload)


@pytest.mark.parametrize("raw", [b"", b"\x00\x00", b"\x01\x00\x00\x00\x01abc"])
def test_bytes_without_a_frame_are_poison(raw: bytes) -> None:
    with pytest.raises(Poison, match="not written through the registry"):
        avro.unframe(raw)
