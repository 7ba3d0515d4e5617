"""The whole province on a real PostgreSQL: every agency loaded, alive, and recoded in one night."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import pytest
from builders.clock import ManualClock
from builders.postgresql import a_postgresql
from psycopg import sql

from demo.agencies import AGENCIES
from demo.life import live
from demo.load import load as load_into
from demo.places import places
from demo.progress import Loaded
from demo.recode import RECODES, july_night
from demo.store import PostgreSQL
from demo.truth import Line, truth
from embedded.postgres import Server
from suoi.errors import Transient, UserError

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with a_postgresql(tmp_path_factory.mktemp("demo")) as running:
        yield running.server


def stores_of(server: Server, make: Callable[[str], None]) -> dict[str, Callable[[], PostgreSQL]]:
    """An empty database for every agency."""
    for agency in AGENCIES:
        make(agency)
    return {agency: partial(_store, server, agency) for agency in AGENCIES}


def _store(server: Server, database: str) -> PostgreSQL:
    return PostgreSQL(server.connect(database))


@pytest.fixture
def province(server: Server) -> Iterator[dict[str, Callable[[], PostgreSQL]]]:
    """How to reach the empty databases of all agencies."""
    yield stores_of(server, server.create_database)
    with server.connect() as admin:
        for agency in AGENCIES:
            admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(agency)))


def load_all(province: dict[str, Callable[[], PostgreSQL]], persons: int) -> dict[str, Loaded]:
    with ExitStack() as doors:
        stores = {agency: doors.enter_context(closing(connect())) for agency, connect in province.items()}
        return load_into(stores, persons, 7)


def held(province: dict[str, Callable[[], PostgreSQL]]) -> dict[tuple[str, str], set[Any]]:
    """The primary keys in every table of every agency."""
    found = {}
    for agency, connect in province.items():
        with closing(connect()) as store:
            for name, table in AGENCIES[agency].tables.items():
                found[agency, name] = {key for (key,) in store.fetch(f"SELECT {table.columns[0]} FROM {table.name}")}
    return found


def told_in(lines: Iterable[dict[str, Any]], start: dict[tuple[str, str], set[Any]]) -> dict[tuple[str, str], set[Any]]:
    """The primary keys that truth knows of, after `start`."""
    for line in lines:
        if line["kind"] == "row":
            assert line["pk"] not in start[line["agency"], line["table"]]
            start[line["agency"], line["table"]].add(line["pk"])
        elif line["kind"] == "deleted":
            start[line["agency"], line["table"]].remove(line["pk"])
    return start


def test_every_agency_holds_what_truth_tells_of(province: dict[str, Callable[[], PostgreSQL]]) -> None:
    load_all(province, 800)
    empty: dict[tuple[str, str], set[Any]] = {
        (name, table): set() for name in AGENCIES for table in AGENCIES[name].tables
    }
    assert held(province) == told_in((json.loads(line) for line in truth(800, 7)), empty)


def test_life_at_all_agencies_is_what_their_databases_hold(province: dict[str, Callable[[], PostgreSQL]]) -> None:
    load_all(province, 800)
    start, lines = held(province), list[Line]()
    done = live(province, 200, 1, ManualClock(), lambda: False, 20, lines.append)
    assert held(province) == told_in(lines, start)
    assert 0.95 * 4000 <= done.changes <= 4000 + 120
    assert all(one.changes > 0 for one in done.at.values())
    assert all(done.at[agency].events["news"] > 0 for agency in ("yte", "bhxh"))


def test_an_agency_that_joins_later_catches_up_and_changes_no_other(
    province: dict[str, Callable[[], PostgreSQL]],
) -> None:
    first = {agency: connect for agency, connect in province.items() if agency != "bhxh"}
    load_all(first, 500)
    before = held(first)
    assert load_all(province, 500)["bhxh"].rows["nguoi_tham_gia"] > 400
    assert held(first) == before


def test_other_agencies_live_on_while_one_is_away(province: dict[str, Callable[[], PostgreSQL]]) -> None:
    load_all(province, 500)
    away, told = [False], list[str]()

    def away_at_times() -> PostgreSQL:
        if away[0]:
            raise Transient("bhxh is away")
        return province["bhxh"]()

    def take_away(_line: Line) -> None:
        if not away[0]:
            away[0] = True
            with closing(province["bhxh"]()) as store:
                store.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    there = {**province, "bhxh": away_at_times}
    done = live(there, 100, 1, ManualClock(), lambda: False, 20, take_away, told.append)
    assert len(told) == 1
    assert told[0].startswith("bhxh: the database is away")
    assert done.changes - done.at["bhxh"].changes > 1000


def test_the_july_night_recodes_every_address_once_and_life_goes_on_in_the_new_codes(
    province: dict[str, Callable[[], PostgreSQL]],
) -> None:
    load_all(province, 600)
    new, clock = places().by_new, ManualClock()
    for agency, recode in RECODES.items():
        table = AGENCIES[agency].tables[recode.table]
        with closing(province[agency]()) as store:
            total = store.fetch(f"SELECT count(*) FROM {table.name}")[0][0]
            steps = iter([False, True])
            some = july_night(store, agency, clock, lambda steps=steps: next(steps))  # type: ignore[misc]
            changed = some + july_night(store, agency, clock, lambda: False, at_once=True)
            assert 0.95 * total < changed <= total
            codes = {str(code).zfill(5) for (code,) in store.fetch(f"SELECT {recode.commune} FROM {table.name}")}
            assert len(codes & new.keys()) > 0.9 * len(codes)
            with pytest.raises(UserError, match="recoded already"):
                july_night(store, agency, clock, lambda: False)
    live(province, 100, 1, ManualClock(), lambda: False, 10)
    with closing(province["yte"]()) as store:
        fresh = store.fetch("SELECT maxa_cu_tru, mahuyen_cu_tru FROM his.dm_benhnhan WHERE mabn >= 'BN1'")
        assert fresh
        assert all(commune in new and district is None for commune, district in fresh)
