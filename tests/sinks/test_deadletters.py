"""Dead letters in the warehouse: open until their tombstone, whatever is delivered again."""

from itertools import count
from typing import Any

import pytest
from builders.conformed import FakeRecord

from sinks.clickhouse import Store
from sinks.deadletters import DeadLetterLane, coordinates
from suoi import avro
from suoi.errors import Contract
from suoi.resources import resource
from suoi.warehouse import Warehouse

SCHEMA = resource("schemas", "avro", "dead_letter.avsc").read_text(encoding="utf-8")
AGENCIES = (f"letters_{number}" for number in count())


class Letters:
    """The dead letters of one agency."""

    def __init__(self, store: Store, warehouse: Warehouse) -> None:
        self.agency, self._warehouse = next(AGENCIES), warehouse
        self.lane = DeadLetterLane(store, lambda _: SCHEMA)
        self._encode = avro.encoder(SCHEMA)

    def key(self, offset: int) -> bytes:
        return f"{self.agency}.public.t/3/{offset}".encode()

    def letter(self, offset: int, at: int, detail: str = "no key") -> FakeRecord:
        where = {"agency": self.agency, "table": "t", "topic": f"{self.agency}.public.t", "partition": 3}
        why = {"stage": "process", "reason": "no_key", "actor": "owner", "detail": detail, "time": 0, "revision": 1}
        value = {**where, **why, "offset": offset, "key": None, "value": b"bytes"}
        return FakeRecord(avro.frame(1, self._encode(value)), at, self.key(offset))

    def tombstone(self, offset: int, at: int) -> FakeRecord:
        return FakeRecord(None, at, self.key(offset))

    def open(self) -> list[tuple[Any, ...]]:
        query = "SELECT offset, detail FROM ops.dead_letter_open WHERE agency = %(agency)s ORDER BY offset"
        return self._warehouse.query(query, {"agency": self.agency})


@pytest.fixture
def letters(store: Store, warehouse: Warehouse) -> Letters:
    return Letters(store, warehouse)


def test_a_letter_is_open_until_its_tombstone(letters: Letters) -> None:
    letters.lane.write([letters.letter(7, at=0), letters.letter(8, at=1)])
    assert letters.open() == [(7, "no key"), (8, "no key")]

    letters.lane.write([letters.tombstone(7, at=2)])
    assert letters.open() == [(8, "no key")]


def test_a_closed_letter_that_is_delivered_again_stays_closed(letters: Letters) -> None:
    records = [letters.letter(7, at=0), letters.tombstone(7, at=1)]
    letters.lane.write(records)
    letters.lane.write(records[:1])

    assert letters.open() == []


def test_a_record_that_is_refused_once_more_is_open_again(letters: Letters) -> None:
    letters.lane.write([letters.letter(7, at=0), letters.tombstone(7, at=1), letters.letter(7, at=2, detail="again")])

    assert letters.open() == [(7, "again")]


@pytest.mark.parametrize("key", [None, b"", b"topic/1", b"topic/x/1", b"topic/1/-1"])
def test_a_key_that_is_no_coordinates_is_refused(key: bytes | None) -> None:
    with pytest.raises(Contract, match="not topic/partition/offset"):
        coordinates(key)
