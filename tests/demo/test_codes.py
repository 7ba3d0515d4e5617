"""The shipped source files and the rows of the demo fit together: a clean row's codes are read, and read right."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from builders.shipped import shipped_environment

from demo import cbcc, dirt, giaoduc, yte
from demo.agencies import AGENCIES
from demo.entry import Entry
from demo.places import REFORM
from demo.population import Person, world
from demo.province import records
from ops.files import shipped
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Resolution
from suoi.resources import resource
from suoi.sources import CodeBinding, Table, load_source

UNCLEAR = {yte.NEW_CODE, cbcc.NEW_CODE, cbcc.MANGLED, giaoduc.PEOPLE_AS_TYPED, dirt.OLD_CODE, dirt.MIXED_ERA}
"""Faults after which a code may say what is not so."""
RESIDENCE = {"yte": "maxa_cu_tru", "giaoduc": "ma_xa", "motcua": "ma_xa", "cbcc": "ma_xa_thuong_tru"}


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


@pytest.fixture(scope="module")
def tables() -> dict[tuple[str, str], Table]:
    sources = [load_source(path, shipped_environment()) for path in shipped()]
    return {(source.agency, table.name): table for source in sources for table in source.tables.values()}


def rows(persons: int = 1500) -> Iterator[tuple[str, Entry, Person]]:
    for some in records(world(7), persons, agencies=AGENCIES):
        people = {person.id: person for person in some.persons}
        for agency, entries in some.held.items():
            yield from ((agency, entry, people[entry.person]) for entry in entries)


def read(lists: Lists, column: str, binding: CodeBinding, row: dict[str, Any]) -> Resolution:
    on = row[binding.on] if binding.on else None
    return lists.resolve(
        binding.list,
        row[column],
        on=on.date() if isinstance(on, datetime) else on,
        text=row[binding.text] if binding.text else None,
        district=row[binding.district] if binding.district else None,
        recoded=binding.recoded,
        level=binding.level,
        coding=binding.coding,
    )


def test_every_column_a_file_names_is_in_the_rows(tables: dict[tuple[str, str], Table]) -> None:
    for agency, one in AGENCIES.items():
        for name, table in one.tables.items():
            assert set(tables[agency, name].columns) <= set(table.columns)


def test_the_codes_of_clean_rows_are_read(tables: dict[tuple[str, str], Table], lists: Lists) -> None:
    unread = []
    for agency, entry, _ in rows():
        if not UNCLEAR & set(entry.dirt):
            row = entry.row._asdict()
            for column, binding in tables[agency, entry.table].codes.items():
                empty = row[column] is None and binding.text is None
                if (found := read(lists, column, binding, row)).status != ("empty" if empty else "ok"):
                    unread.append((agency, column, row[column], found))
    assert unread == []


def test_a_residence_is_read_as_the_home_it_was(tables: dict[tuple[str, str], Table], lists: Lists) -> None:
    read_of = dict.fromkeys(RESIDENCE, 0)
    for agency, entry, person in rows():
        if (column := RESIDENCE.get(agency)) and entry.table != "dot_kcb" and not UNCLEAR & set(entry.dirt):
            row = entry.row._asdict()
            found = read(lists, column, tables[agency, entry.table].codes[column], row)
            homes = {person.home, person.birth_home}
            codes = {code.code for home in homes for code in (home.first, home.old, home.new)}
            assert found.unit in codes
            read_of[agency] += 1
    assert min(read_of.values()) > 10


def test_the_peoples_of_cadres_are_read_by_the_list_of_2008(tables: dict[tuple[str, str], Table], lists: Lists) -> None:
    binding = tables["cbcc", "can_bo"].codes["ma_dan_toc"]
    found = {
        person.people: read(lists, "ma_dan_toc", binding, e.row._asdict()).unit
        for a, e, person in rows()
        if a == "cbcc"
    }
    assert all(unit == people for people, unit in found.items())


def test_new_codes_are_met_in_hospitals_only_since_the_reform() -> None:
    made = [e.row.ngay_tao.date() for a, e, _ in rows() if a == "yte" and yte.NEW_CODE in e.dirt]
    assert made
    assert min(made) >= REFORM > date(2025, 1, 1)
