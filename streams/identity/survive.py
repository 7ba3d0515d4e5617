"""Which value of each field a person shows: always computed from the rows, so taking rows apart loses nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from streams.identity.state import table_of
from suoi.person import Day, Name, PersonRecord, Place

Shown = Name | Day | Place | str
Held = tuple[Shown, "Source"]


class Source(NamedTuple):
    """A row of a person: where it was said, and its version (comparable within one table)."""

    record: PersonRecord
    version: int

    @property
    def table(self) -> str:
        """`<agency>.<table>`."""
        return table_of(self.record.rid)


class Chosen(NamedTuple):
    """A value, the row it is from, and what decided for it."""

    value: Shown
    rid: str
    rule: Literal["only value", "authority", "most rows", "newest", "smallest rid"]


Authority = Mapping[str, Mapping[str, int]]
"""Field → agency → its rank: the highest is believed; an agency that is not there has none, and is believed last."""
_UNRANKED = -1


def survivors(rows: Sequence[Source], authority: Authority) -> dict[str, Chosen]:
    """The value of every field that any of `rows` has: by authority, then most rows, then newest, then smallest rid.

    A full date is preferred to a year only.
    """
    held: dict[str, list[Held]] = {}
    for row in rows:
        for field, value in values(row.record):
            held.setdefault(field, []).append((value, row))
    return {field: _chosen(_fullest(of), _ranking(authority.get(field, {}))) for field, of in held.items()}


def values(record: PersonRecord) -> Iterator[tuple[str, Shown]]:
    """Field → value, as persons are published; a field of several values comes several times."""
    single: tuple[tuple[str, Shown | None], ...] = (
        ("name", record.name),
        ("birth", record.birth),
        ("death", record.death),
        ("sex", record.sex),
        ("mother", record.mother),
        ("father", record.father),
        ("residence", record.residence),
        ("birth_place", record.birth_place),
        ("registered_at", record.registered_at),
    )
    yield from ((field, value) for field, value in single if value is not None)
    yield from ((f"number.{number.kind}", number.value) for number in record.numbers)
    yield from (("phone", phone) for phone in record.phones)
    yield from ((f"other.{field}", value) for field, value in record.other)


def _fullest(held: list[Held]) -> list[Held]:
    full = [one for one in held if isinstance(one[0], Day) and one[0].month]
    return full or held


def _ranking(ranks: Mapping[str, int]) -> Callable[[Source], int]:
    def rank(of: Source) -> int:
        return ranks.get(of.table.partition(".")[0], _UNRANKED)

    return rank


def _chosen(held: list[Held], rank: Callable[[Source], int]) -> Chosen:
    if len({value for value, _ in held}) == 1:
        value, row = min(held, key=lambda one: (-rank(one[1]), one[1].record.rid))
        return Chosen(value, row.record.rid, "only value")
    best = max(rank(row) for _, row in held)
    believed = [one for one in held if rank(one[1]) == best]
    if len({value for value, _ in believed}) == 1:
        return Chosen(believed[0][0], min(row.record.rid for _, row in believed), "authority")
    support = Counter(value for value, _ in believed)
    most = max(support.values())
    left = sorted((one for one in believed if support[one[0]] == most), key=lambda one: one[1].record.rid)
    if len({value for value, _ in left}) == 1:
        return Chosen(left[0][0], left[0][1].record.rid, "most rows")
    if len({row.table for _, row in left}) == 1:
        value, row = max(left, key=lambda one: one[1].version)
        return Chosen(value, row.record.rid, "newest")
    return Chosen(left[0][0], left[0][1].record.rid, "smallest rid")
