"""How the codes of the demo are read through the bindings of the source files, held against what they mean.

Nothing runs for it: rows as the agencies write them, the readers of conform, the code lists.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast

from demo.agencies import AGENCIES
from demo.entry import Entry
from demo.meant import Meaning, meant
from demo.population import Person, world
from demo.province import records
from streams.conform.codes import CodeReader, code_reader
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Resolution, Status
from suoi.codelists.units import EVE, Units
from suoi.sources import Source, Table

WRONG = "wrong"
"""The one unforgivable outcome: a unit that the value does not mean, said to be certain."""
NOBODY = "nobody"
"""Told of today as the official note has it, while the demo lets somebody live where the note says nobody does."""

Tables = Mapping[tuple[str, str], Table]
_EPOCH = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


class Reading(NamedTuple):
    """One code of one row: what it means, what it was read as, and as what that is told today where it is a unit."""

    agency: str
    table: str
    column: str
    dirt: tuple[str, ...]
    meaning: Meaning
    found: Resolution
    today: Resolution | None


def tables_of(sources: Iterable[Source]) -> Tables:
    """The tables of source files by agency and name."""
    return {(source.agency, table.name): table for source in sources for table in source.tables.values()}


def readings(persons: int, seed: int, tables: Tables, lists: Lists) -> Iterator[Reading]:
    """Every bound code of a province of so many persons, read."""
    readers: dict[tuple[str, str], dict[str, CodeReader]] = {}
    for some in records(world(seed), persons, agencies=AGENCIES):
        people = {person.id: person for person in some.persons}
        for agency, entries in some.held.items():
            for entry in entries:
                of = readers.get((agency, entry.table))
                if of is None:
                    of = readers[agency, entry.table] = _readers(tables[agency, entry.table], entry, lists)
                yield from _read(agency, entry, people[entry.person], of, lists)


def outcome(meaning: Meaning, found: Resolution) -> str:
    """The status of a reading, or `WRONG`: it says ok, and the value means something else in the list it names."""
    if found.status is not Status.OK:
        return str(found.status)
    means = meaning.get(str(found.version)) if isinstance(meaning, Mapping) else meaning
    return str(Status.OK) if means == found.unit else WRONG


def outcome_today(one: Reading, units: Units) -> str:
    """The same of what the value is told as in the list of today."""
    if one.today is None:
        return str(one.found.status)
    told = outcome(one.meaning, one.today)
    return NOBODY if told == WRONG and _nobody_lives_there(one.meaning, units) else told


def _nobody_lives_there(meaning: Meaning, units: Units) -> bool:
    """Whether only area, and nobody, went from the old commune of a place to its new one."""
    if not isinstance(meaning, Mapping):
        return False
    links = units.targets.get(meaning[EVE], ())
    return any(link.target == meaning[units.versions[-1]] and link.coverage == "part_area_only" for link in links)


def _readers(table: Table, entry: Entry, lists: Lists) -> dict[str, CodeReader]:
    row = entry.row._asdict()
    return {
        column: code_reader(column, binding, _avro(row[binding.on]) if binding.on else None, lists)
        for column, binding in table.codes.items()
    }


def _read(
    agency: str, entry: Entry, person: Person, readers: Mapping[str, CodeReader], lists: Lists
) -> Iterator[Reading]:
    if not readers:
        return
    row = {column: _published(value) for column, value in entry.row._asdict().items()}
    meanings = meant(agency, entry, person)
    for column, reader in readers.items():
        found, meaning = cast(Resolution, reader.resolve(row)), meanings[column]  # `lists` answers with no other
        dated = isinstance(meaning, Mapping) and found.unit is not None
        today = lists.project(str(found.unit), str(found.version), lists.units.versions[-1]) if dated else None
        yield Reading(agency, entry.table, column, entry.dirt, meaning, found, today)


def _avro(value: object) -> Any:
    if isinstance(value, datetime):
        return {"type": "long", "logicalType": "local-timestamp-micros"}
    return {"type": "int", "logicalType": "date"} if isinstance(value, date) else "string"


def _published(value: Any) -> Any:
    """A value as conform publishes it."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - datetime(1970, 1, 1)) // _MICROSECOND
    return (value - _EPOCH).days if isinstance(value, date) else value
