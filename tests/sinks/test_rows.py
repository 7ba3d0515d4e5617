"""Records to columns: nothing lost, nothing mixed, nothing reordered."""

from typing import Any

import pytest
from builders.conformed import a_row, a_schema, records, version
from hypothesis import given
from hypothesis import strategies as st

from sinks.rows import CHUNK, by_schema, parted, turn
from suoi import avro
from suoi.errors import Contract, Poison

SCHEMA = a_schema("hotich", "t", {"id": "long", "ten": "string"})


@given(st.integers(0, 3 * CHUNK + 1))
def test_rows_become_columns_in_order(count: int) -> None:
    written = [record.payload or b"" for record in records(SCHEMA, (a_row(version(1), id=at) for at in range(count)))]
    (payloads,) = by_schema(written).values() or ([],)

    assert turn(avro.decoder(SCHEMA), payloads, 12)[0] == list(range(count))


@given(st.lists(st.tuples(st.integers(0, 5), st.binary())))
def test_records_are_kept_by_schema_oldest_first_and_in_order(written: list[tuple[int, bytes]]) -> None:
    found = by_schema(avro.frame(number, payload) for number, payload in written)

    assert list(found) == sorted({number for number, _ in written})
    for number, payloads in found.items():
        assert payloads == [payload for at, payload in written if at == number]


@given(st.lists(st.tuples(st.integers(), st.booleans())))
def test_parting_keeps_every_row_on_one_side(rows: list[tuple[int, bool]]) -> None:
    turned: list[list[Any]] = [[value for value, _ in rows], [str(value) for value, _ in rows]]
    marked, others = parted(turned, [mark for _, mark in rows])

    assert marked[0] == [value for value, mark in rows if mark]
    assert others[1] == [str(value) for value, mark in rows if not mark]


def test_a_row_that_is_cut_off_is_refused() -> None:
    whole = (records(SCHEMA, [a_row(version(1), id=1, ten="An")])[0].payload or b"")[5:]

    with pytest.raises(Contract, match="not what its schema says"):
        turn(avro.decoder(SCHEMA), [whole, whole[:-3]], 12)


def test_a_record_that_is_not_framed_is_refused() -> None:
    with pytest.raises(Poison, match="not written through the registry"):
        by_schema([b"\x01plain"])
