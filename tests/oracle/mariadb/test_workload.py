"""The workload on a server of its own: what the truth says is what the server has, also when connections are ended."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pymysql
import pytest
from builders.clock import ManualClock
from builders.mariadbd import Running, a_mariadb
from oracle.ddl import RESHAPES
from oracle.engine import Seen
from oracle.mariadb.engine import AS_TEXT, MariaDb
from oracle.mariadb.link import SETTINGS
from oracle.mariadb.session import MariaDbSession
from oracle.model import Truth, truth_of, value
from oracle.workload import Workload

from suoi.sources import Source
from suoi.sources.render import connector

NAME = "thu"
ENGINE = MariaDb()
STEPS = 250
EVERY = 25
"""Steps from one blow to the next."""


@dataclass
class Turns(Event):
    """The end of a life after so many steps; `blow` falls now and then."""

    left: int
    blow: Callable[[], None] = field(default=lambda: None)

    def is_set(self) -> bool:
        self.left -= 1
        if self.left % EVERY == 0:
            self.blow()
        return self.left < 0


@dataclass(frozen=True)
class Place:
    """A server with a torture agency."""

    server: Running
    source: Source

    def connect(self) -> "pymysql.Connection[Any]":
        return pymysql.connect(
            host="127.0.0.1",
            port=self.server.server.port,
            user="suoi_admin",
            password=self.server.server.password_file.read_text(),
            database=NAME,
            charset="utf8mb4",
            autocommit=True,
            conv=AS_TEXT,
            init_command=SETTINGS,
            local_infile=True,
        )

    def session(self) -> MariaDbSession:
        query = connector(self.source, self.server.settings)["heartbeat.action.query"]
        return MariaDbSession(self.connect, query, NAME, self.source.capture_schema, ManualClock())

    def end_all(self) -> None:
        """Every connection to the agency's database is ended."""
        with closing(self.server.connection()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", [NAME])
            for (process,) in cursor.fetchall():
                cursor.execute(f"KILL {process}")

    def workload(self, seed: int) -> Workload:
        truth = truth_of({t.name: (t.key, [(c.name, c.type) for c in t.columns]) for t in ENGINE.tables})
        return Workload(ENGINE, self.session, truth, Random(seed), ManualClock(), 1e3, RESHAPES["all"])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with a_mariadb(tmp_path) as server:
        yield Place(server, server.source(NAME, ENGINE.ddl(), *(table.name for table in ENGINE.tables)))


def assert_true(place: Place, truth: Truth) -> None:
    """Every row of every table is what the truth has."""
    with closing(place.session()) as session:
        for name, table in truth.tables.items():
            seen = Seen(name, table.key, table.columns)
            columns = [column.name for column in table.columns]
            places = [columns.index(part) for part in table.key]
            there = {tuple(row[at] for at in places): tuple(row) for row in session.rows(seen)}
            ours = {key: tuple(value(row, one) for one in table.columns) for key, row in table.as_of(truth.commits)}
            assert there == ours, name
            assert {type(one) for row in there.values() for one in row} <= {str, type(None)}, name


def test_the_truth_is_what_the_server_has_though_connections_end_again_and_again(place: Place) -> None:
    life = place.workload(seed=3)
    life.fill(100)
    life.live(Turns(STEPS, place.end_all))
    assert life.failure is None
    assert life.figures.transactions > 20
    assert life.figures.lost > 0
    assert life.figures.reshaped + life.figures.truncated > 0
    assert_true(place, life.truth)


def test_a_transaction_is_known_by_the_number_that_the_log_gives_it(place: Place) -> None:
    with closing(place.session()) as one, closing(place.session()) as other:
        one.begin()
        one.journal(1)
        number = one.commit()
        assert other.committed(1) == number
        assert other.committed(2) is None
        one.begin()
        with pytest.raises(pymysql.IntegrityError):  # nobody can commit it any more
            one.journal(2)


def test_a_table_that_was_truncated_is_known_though_the_answer_was_lost(place: Place) -> None:
    life = place.workload(seed=1)
    life.fill(20)
    table = ENGINE.tables[0]
    seen = Seen(table.name, table.key, life.truth.tables[table.name].columns)
    with closing(place.session()) as session:
        run = session._once

        def deaf(query: str, values: object = None) -> list[tuple[object, ...]]:
            told = run(query)
            session._once = run  # type: ignore[method-assign]
            place.end_all()
            run("SELECT 1")
            return told

        session._once = deaf  # type: ignore[method-assign]
        assert session.truncate(seen)
        assert session.rows(seen) == []
