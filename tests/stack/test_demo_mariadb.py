"""The agencies of the demo that run on MariaDB, on a real one: tables, load, life, and the rows of both kinds alike."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from builders.clock import ManualClock
from builders.mariadbd import Running, a_mariadb

from demo.agencies import AGENCIES
from demo.life import live
from demo.load import load
from demo.mariadb import MariaDB
from demo.places import places
from demo.population import world
from demo.province import records
from demo.recode import july_night
from demo.truth import Line
from suoi.errors import UserError

pytestmark = pytest.mark.stack

ON_MARIADB = ("giaoduc", "cbcc")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with a_mariadb(tmp_path_factory.mktemp("demo")) as running:
        for agency in ON_MARIADB:
            running.server.create_database(agency)
        yield running


def store(server: Running, agency: str) -> MariaDB:
    return MariaDB(server.connection(agency), agency)


def held(server: Running, agency: str) -> dict[Any, tuple[Any, ...]]:
    """Key → row of the one table of an agency."""
    (table,) = AGENCIES[agency].tables.values()
    with closing(store(server, agency)) as reading:
        return {row[0]: row for row in reading.fetch(f"SELECT {', '.join(table.columns)} FROM {table.name}")}


def load_into(server: Running, persons: int) -> None:
    with closing(store(server, "giaoduc")) as giaoduc, closing(store(server, "cbcc")) as cbcc:
        load({"giaoduc": giaoduc, "cbcc": cbcc}, persons, 7)


def test_what_is_loaded_is_what_was_made_value_by_value(server: Running) -> None:
    load_into(server, 2000)
    for agency in ON_MARIADB:
        made = {
            entry.row[0]: tuple(entry.row)
            for some in records(world(7), 2000, agencies=[agency])
            for entry in some.entries
        }
        assert len(made) > 20
        assert held(server, agency) == made


def test_a_load_goes_on_where_it_stopped(server: Running) -> None:
    load_into(server, 2000)
    before = {agency: held(server, agency) for agency in ON_MARIADB}
    load_into(server, 3000)
    for agency in ON_MARIADB:
        assert before[agency].items() <= held(server, agency).items()
        assert len(held(server, agency)) > len(before[agency])


def test_life_tells_what_the_tables_hold(server: Running) -> None:
    load_into(server, 3000)
    keys = {agency: set(held(server, agency)) for agency in ON_MARIADB}
    lines: list[Line] = []
    stores = {agency: lambda agency=agency: store(server, agency) for agency in ON_MARIADB}
    done = live(stores, 50, 1, ManualClock(), lambda: False, 10, lines.append)
    for line in lines:
        if line["kind"] == "row":
            keys[line["agency"]].add(line["pk"])
        elif line["kind"] == "deleted":
            keys[line["agency"]].remove(line["pk"])
    assert {agency: set(held(server, agency)) for agency in ON_MARIADB} == keys
    assert done.changes >= 0.95 * 500
    assert all(one.updated for one in done.at.values())


def test_a_second_life_at_once_is_refused(server: Running) -> None:
    load_into(server, 1000)
    with (
        closing(store(server, "cbcc")) as first,
        closing(store(server, "cbcc")) as second,
        first.alone("live"),
        pytest.raises(UserError, match="another one is at work on database 'cbcc'"),
        second.alone("live"),
    ):
        pass


def test_the_july_night_recodes_pupils_whose_codes_are_numbers(server: Running) -> None:
    load_into(server, 3000)
    before = held(server, "giaoduc")
    with closing(store(server, "giaoduc")) as night:
        changed = july_night(night, "giaoduc", ManualClock(), lambda: False)
    after, new = held(server, "giaoduc"), places().by_new
    commune = AGENCIES["giaoduc"].tables["hoc_sinh"].columns.index("ma_xa")
    assert changed == len(before) == len(after)
    assert all(f"{row[commune]:05d}" in new for row in after.values())
