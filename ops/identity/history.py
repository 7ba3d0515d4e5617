"""What happened to a person, as the warehouse keeps it: merges, splits and moves, and the record that caused each."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from suoi.errors import Contract, Transient
from suoi.settings import Settings
from suoi.warehouse import Warehouse

_QUERY = """
SELECT what, before, after, topic, partition, offset, time FROM identity.event_current
WHERE hasAny(arrayConcat(before, after), %(ids)s) ORDER BY version, id
"""


class Happened(NamedTuple):
    """One event: golden ids before and after, and the place and time of the record that caused it."""

    what: str
    before: list[str]
    after: list[str]
    topic: str
    partition: int
    offset: int
    time: datetime | None


def happened(settings: Settings, ids: Iterable[str]) -> list[Happened] | None:
    """All events of these ids, the first one first; None where the warehouse does not answer or has none kept yet."""
    try:
        with Warehouse(settings) as warehouse:
            return [Happened(*row) for row in warehouse.query(_QUERY, {"ids": list(ids)})]
    except (Transient, Contract):
        return None
