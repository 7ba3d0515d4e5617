"""The demo on a real PostgreSQL: loading, living, and the units."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from builders.clock import ManualClock
from builders.postgresql import a_postgresql
from psycopg import sql

from demo.danhmuc import load_danhmuc
from demo.life import Done, live, no_truth, nobody
from demo.load import load as load_into
from demo.numbers import LIVE_FROM
from demo.progress import Loaded, Report, silent
from demo.store import PostgreSQL
from demo.truth import Line, truth
from embedded.postgres import Server
from suoi.errors import UserError

pytestmark = pytest.mark.stack

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with a_postgresql(tmp_path_factory.mktemp("demo")) as running:
        yield running.server


@pytest.fixture
def new_database(server: Server, request: pytest.FixtureRequest) -> Iterator[Callable[[], Connection]]:
    """Each call is another connection to the same empty database."""
    name = request.node.name.removeprefix("test_")[:60]
    server.create_database(name)
    opened: list[Connection] = []

    def connect() -> Connection:
        opened.append(server.connect(name))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()
    with server.connect() as admin:
        admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@pytest.fixture
def connection(new_database: Callable[[], Connection]) -> Connection:
    return new_database()


def keys(connection: Connection, table: str) -> set[int]:
    return {key for (key,) in connection.execute(sql.SQL("SELECT id FROM {}").format(sql.Identifier(table)))}


def content(connection: Connection) -> list[tuple[Any, ...]]:
    births = connection.execute("SELECT * FROM khai_sinh ORDER BY id").fetchall()
    return births + connection.execute("SELECT * FROM khai_tu ORDER BY id").fetchall()


def load(connection: Connection, persons: int, seed: int, report: Report = silent) -> Loaded:
    """The register of civil status alone."""
    return load_into({"hotich": PostgreSQL(connection)}, persons, seed, report)["hotich"]


def another(connection: Connection) -> Connection:
    """A second connection to the same database."""
    password = connection.info.password
    return psycopg.connect(connection.info.dsn, password=password, autocommit=True)


def live_at(
    connection: Connection,
    rate: float,
    clock: ManualClock,
    stop: Callable[[], bool],
    seconds: float | None,
    tell: Callable[[Line], object] = no_truth,
    report: Callable[[str], None] = nobody,
    seed: int = 1,
) -> Done:
    """Life at the register of civil status alone."""
    stores = {"hotich": lambda: PostgreSQL(another(connection))}
    return live(stores, rate, seed, clock, stop, seconds, tell, report).at["hotich"]


def lived(connection: Connection, seconds: float = 6, rate: float = 50, seed: int = 1) -> tuple[Done, list[Line]]:
    lines: list[Line] = []
    return live_at(connection, rate, ManualClock(), lambda: False, seconds, lines.append, seed=seed), lines


def test_the_loaded_rows_are_those_truth_tells_of(connection: Connection) -> None:
    loaded = load(connection, 3000, seed=7)
    told: dict[str, set[int]] = {"khai_sinh": set(), "khai_tu": set()}
    for line in _decoded(3000, 7):
        if line["kind"] == "row":
            told[line["table"]].add(line["pk"])
    assert {table: keys(connection, table) for table in told} == told
    assert loaded.rows == {table: len(pks) for table, pks in told.items()}


def _decoded(persons: int, seed: int) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in truth(persons, seed, agencies=["hotich"]))


def test_a_load_in_two_steps_gives_the_same_rows_as_one(new_database: Callable[[], Connection]) -> None:
    connection = new_database()
    load(connection, 4321, seed=7)
    load(connection, 6000, seed=7)
    in_steps = content(connection)
    connection.execute("TRUNCATE khai_sinh, khai_tu, demo.province")
    load(connection, 6000, seed=7)
    assert content(connection) == in_steps


def test_a_second_load_of_the_same_writes_nothing(connection: Connection) -> None:
    load(connection, 500, seed=7)
    before = content(connection)
    assert set(load(connection, 500, seed=7).rows.values()) == {0}
    assert content(connection) == before


def test_progress_is_reported_up_to_the_last_person(connection: Connection) -> None:
    seen: list[tuple[int, int]] = []
    load(connection, 5000, 7, lambda done, of_all: seen.append((done, of_all)))
    assert seen[-1] == (5000, 5000)
    assert seen == sorted(seen)
    assert len(seen) > 1


def test_a_load_that_is_broken_off_goes_on_where_it_stopped(connection: Connection) -> None:
    class BrokenOff(Exception):
        pass

    def break_off(done: int, _of_all: int) -> None:
        raise BrokenOff(str(done))

    with pytest.raises(BrokenOff):
        load(connection, 9000, 7, break_off)
    assert keys(connection, "khai_sinh")
    load(connection, 9000, 7)
    in_parts = content(connection)
    connection.execute("TRUNCATE khai_sinh, khai_tu, demo.province")
    load(connection, 9000, 7)
    assert content(connection) == in_parts


def test_another_seed_is_refused_with_the_one_that_is_there(connection: Connection) -> None:
    load(connection, 100, seed=7)
    with pytest.raises(UserError, match="seed 7, not 8"):
        load(connection, 100, seed=8)


def test_rows_of_somebody_else_are_refused(connection: Connection) -> None:
    load(connection, 100, seed=7)
    connection.execute("DROP SCHEMA demo CASCADE")
    with pytest.raises(UserError, match="khai_sinh that no demo loaded"):
        load(connection, 100, seed=7)


def test_life_keeps_the_rate_by_the_clock_it_is_given(connection: Connection) -> None:
    load(connection, 3000, seed=7)
    done, _ = lived(connection, seconds=10, rate=50)
    assert 0.95 * 500 <= done.changes <= 500 + 120
    assert done.inserted > done.deleted > 0
    assert done.updated > 0
    assert done.rolled_back > 0
    assert set(done.events) >= {"newborn", "registered_again", "correction", "move", "died", "deleted", "slip"}


def test_what_life_tells_is_what_the_database_holds(connection: Connection) -> None:
    load(connection, 3000, seed=7)
    tables = ("khai_sinh", "khai_tu")
    expected = {table: keys(connection, table) for table in tables}
    done, lines = lived(connection)
    for line in lines:
        if line["kind"] == "row":
            assert line["pk"] not in expected[line["table"]]
            expected[line["table"]].add(line["pk"])
        elif line["kind"] == "deleted":
            expected[line["table"]].remove(line["pk"])
    assert {table: keys(connection, table) for table in tables} == expected
    kinds = Counter(line["kind"] for line in lines)
    assert (kinds["row"], kinds["deleted"], kinds["changed"]) == (done.inserted, done.deleted, done.updated)


def test_life_changes_exactly_the_rows_it_tells_of(connection: Connection) -> None:
    load(connection, 1000, seed=7)
    before = {(len(row), row[0]): row for row in content(connection)}
    _, lines = lived(connection)
    told = {line["pk"] for line in lines if line["kind"] == "changed"}
    changed = {row[0] for row in content(connection) if before.get((len(row), row[0]), row) != row}
    assert changed
    assert changed <= told


def test_life_can_be_started_again_and_never_gives_a_key_twice(connection: Connection) -> None:
    load(connection, 2000, seed=7)
    _, first = lived(connection, seed=1)
    _, second = lived(connection, seed=1)
    given = [(line["table"], line["pk"]) for line in first + second if line["kind"] == "row"]
    assert max(Counter(given).values()) == 1
    born = [pk for table, pk in given if table == "khai_sinh" and pk >= 2 * LIVE_FROM]
    assert born == sorted(born)


def test_the_same_life_on_the_same_database_is_the_same(new_database: Callable[[], Connection]) -> None:
    connection = new_database()
    stories = []
    for _ in range(2):
        load(connection, 1500, seed=7)
        stories.append(lived(connection, seed=5)[1])
        connection.execute("TRUNCATE khai_sinh, khai_tu, demo.province")
    assert stories[0] == stories[1]


def test_newborns_have_personal_numbers_that_nobody_else_has(connection: Connection) -> None:
    load(connection, 3000, seed=7)
    taken = {line["personal_number"] for line in _decoded(3000, 7) if line["kind"] == "person"}
    _, lines = lived(connection)
    newborn = {
        line["person"]: line["personal_number"]
        for line in lines
        if line["kind"] == "person" and int(line["person"][1:]) >= LIVE_FROM
    }
    assert newborn
    assert len(set(newborn.values())) == len(newborn)
    assert not taken & set(newborn.values())


def test_a_slow_database_gets_the_same_changes_in_fewer_transactions(connection: Connection) -> None:
    class SlowClock(ManualClock):
        """A tenth of a second goes by with every look at the time."""

        def monotonic(self) -> float:
            self.passed += 0.1
            return self.passed

    load(connection, 2000, seed=7)
    before = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    done = live_at(connection, 100, SlowClock(), lambda: False, 20)
    after = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    assert before
    assert after
    assert done.changes > 200
    assert after[0] - before[0] < done.changes / 5


def test_life_stops_when_told_to(connection: Connection) -> None:
    load(connection, 500, seed=7)
    answers = iter([False] * 40)
    done = live_at(connection, 10, ManualClock(), lambda: next(answers, True), None)
    assert done.changes > 0
    assert done.events.total() <= 40


def test_a_province_can_grow_while_it_lives(new_database: Callable[[], Connection]) -> None:
    connection, other = new_database(), new_database()
    load(connection, 1000, seed=7)

    def tell(line: Line) -> None:
        if line["kind"] == "row":
            load(other, 1000 + line["pk"] % 50, seed=7)

    done = live_at(connection, 20, ManualClock(), lambda: False, 2, tell)
    assert done.inserted > 0
    load(other, 2000, seed=7)
    told = {line["pk"] for line in _decoded(2000, 7) if line["kind"] == "row" and line["table"] == "khai_sinh"}
    assert len(told - keys(connection, "khai_sinh")) <= done.deleted


def test_life_goes_on_when_its_connection_is_lost(new_database: Callable[[], Connection]) -> None:
    watching = new_database()
    load(watching, 1000, seed=7)
    lost: list[str] = []

    def tell(_line: Line) -> None:
        if not lost:
            watching.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    clock = ManualClock()
    done = live_at(watching, 20, clock, lambda: False, 10, tell, lost.append)
    assert len(lost) == 1
    assert "the database is away" in lost[0]
    assert 0.9 * 200 <= done.changes <= 200 + 120
    assert clock.passed >= 10


def test_life_without_a_province_is_refused_with_what_to_do(connection: Connection) -> None:
    with pytest.raises(UserError, match="suoi demo load"):
        lived(connection)


def test_a_second_life_at_once_is_refused(new_database: Callable[[], Connection]) -> None:
    connection, other = new_database(), new_database()
    load(connection, 200, seed=7)
    refused: list[str] = []

    def tell(_line: Line) -> None:
        with pytest.raises(UserError) as error:
            lived(other)
        refused.append(str(error.value))

    live_at(connection, 5, ManualClock(), lambda: bool(refused), 10, tell)
    assert "another one is at work" in refused[0]


def test_a_rate_of_nothing_is_refused(connection: Connection) -> None:
    with pytest.raises(UserError, match=r"rate of 0 changes/s"):
        live_at(connection, 0, ManualClock(), lambda: False, 1)


def test_the_units_are_loaded_once_and_only_their_differences_later(connection: Connection) -> None:
    seen: list[tuple[int, int]] = []
    first = load_danhmuc(connection, lambda done, of_all: seen.append((done, of_all)))
    assert first.rows == {"don_vi_hanh_chinh": 39_677, "chuyen_doi": 10_565}
    assert seen[-1] == (50_242, 50_242)
    connection.execute("UPDATE don_vi_hanh_chinh SET ten = 'x' WHERE ma = '52'")
    connection.execute("DELETE FROM chuyen_doi WHERE ma_cu = '21997'")
    assert load_danhmuc(connection).rows == {"don_vi_hanh_chinh": 5, "chuyen_doi": 2}
    found = connection.execute("SELECT DISTINCT ten_day_du FROM don_vi_hanh_chinh WHERE ma = '52' ORDER BY 1")
    assert [name for (name,) in found] == ["Tỉnh Bình Định", "Tỉnh Gia Lai"]
