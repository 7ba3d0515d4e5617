"""What a role that left the source files said of persons is withdrawn, once and for all that was under way."""

import gc
from pathlib import Path

import pytest
from builders.clock import ManualClock
from builders.identity_worker import SCHEMA_ID, SCHEMA_IDS, ARecord, Broker, Given, an, rid, said, schema_of
from builders.rows_of_persons import a_source

from streams.deadletter import Letters
from streams.identity.course import Course
from streams.identity.engine import Engine
from streams.identity.hearing import Listener
from streams.identity.leaving import QUIET_SECONDS, Leaving, roles_of
from streams.identity.model import Model
from streams.identity.post import PostOffice
from streams.identity.start import begin
from suoi.person_records import PersonWriter
from suoi.topics import PERSON_RECORD

BOUND = frozenset({"hotich.khai_sinh|*|child", "hotich.khai_sinh|*|mother"})
LEFT = frozenset({"hotich.khai_sinh|*|mother"})
PARTITIONS = 2


class Worker:
    """The identity worker without its broker; what it says to its own topic it hears after `hear`."""

    def __init__(self, path: Path) -> None:
        self.clock, self.broker = ManualClock(), Broker()
        self._office = PostOffice(self.broker, SCHEMA_IDS, PARTITIONS)
        self._path, self._heard, self._offset = path, 0, 0
        self.start()

    def start(self, given: Given | None = None) -> None:
        begun = begin(self._path, Model.default("vietnam"), {}, given or Given(), self._office, self.clock)
        self.state = begun.state
        listener = Listener(schema_of)
        self._course = Course(listener, begun.processor, self._office, Letters("identity", 11, 0), self.clock)
        self._leaving = Leaving(begun.state, self._office, PersonWriter(SCHEMA_ID), PARTITIONS, self.clock)

    def ends(self) -> None:
        del self.state, self._course, self._leaving
        gc.collect()  # the store is closed with the last that holds it

    def takes(self, row: int, version: int) -> None:
        self._offset += 1
        self._course.run([said(row, version, an(row), (0, self._offset))])

    def looks(self, bound: frozenset[str], seconds: float = QUIET_SECONDS) -> None:
        """It sees these roles for so long."""
        self._leaving.look(bound)
        self.clock.wait(seconds)
        self._leaving.look(bound)

    def told(self) -> list[tuple[int, bytes | None, bytes]]:
        return [(one.partition, one.key, one.value) for one in self.broker.sent if one.topic == PERSON_RECORD]

    def hears(self) -> None:
        """What it has told."""
        for partition, key, value in self.told()[self._heard :]:
            self._offset += 1
            self._course.run([ARecord(partition, self._offset, key, value)])
        self._heard = len(self.told())

    def members(self) -> set[str]:
        return {row for row, of in self.broker.members().items() if of}


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    return Worker(tmp_path / "identity" / "store")


def test_the_rows_of_a_role_that_left_are_nobody_s_and_every_partition_is_told(worker: Worker) -> None:
    worker.takes(1, 7)
    worker.takes(2, 9)
    worker.looks(BOUND)
    assert worker.told() == []
    worker.looks(LEFT)
    assert [(partition, key) for partition, key, _ in worker.told()] == [
        (0, b"hotich.khai_sinh|*|child"),
        (1, b"hotich.khai_sinh|*|child"),
    ]
    worker.hears()
    assert worker.members() == set()
    worker.looks(LEFT)
    worker.looks(LEFT, 1000)
    assert len(worker.told()) == PARTITIONS, "told once"


def test_the_other_roles_of_the_table_stay() -> None:
    engine, mother = Engine(Model.default("vietnam")), rid(1).replace("child", "mother")
    for row in (rid(1), mother):
        engine.put(row, 7, an(1))
    engine.truncate("hotich.khai_sinh|*|child", 8)
    engine.flush()
    assert engine.state.members.keys() == {mother}


def test_a_row_that_was_under_way_is_withdrawn_too(worker: Worker) -> None:
    worker.takes(1, 7)
    worker.looks(BOUND)
    worker.looks(LEFT)
    worker.takes(2, 9)
    worker.hears()
    assert worker.members() == {rid(2)}
    worker.looks(LEFT)
    worker.hears()
    assert worker.members() == set()
    worker.takes(3, 5)
    assert worker.members() == set(), "what comes late is older than the end"


def test_a_role_that_is_back_soon_has_not_left_and_one_that_comes_back_later_counts_again(worker: Worker) -> None:
    worker.takes(1, 7)
    worker.looks(BOUND)
    worker.looks(LEFT, QUIET_SECONDS - 1)
    worker.looks(BOUND)
    assert worker.told() == []
    worker.looks(LEFT)
    worker.hears()
    worker.looks(BOUND)
    worker.takes(1, 12)
    assert worker.members() == {rid(1)}


def test_what_no_file_was_ever_seen_to_bind_is_left_alone(worker: Worker) -> None:
    worker.takes(1, 7)
    worker.looks(LEFT)
    assert worker.told() == []


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_role_that_left_while_the_worker_was_away_is_noticed(worker: Worker, rebuilt: bool) -> None:
    worker.takes(1, 7)
    worker.looks(BOUND)
    worker.ends()
    given = Given(chunks=[Listener(schema_of).hear([said(1, 7, an(1), (0, 1))]).inputs])
    given.committed = {0: 99} if rebuilt else {}
    worker.start(given)
    worker.looks(LEFT)
    assert len(worker.told()) == PARTITIONS


def test_roles_are_those_of_all_tables() -> None:
    source = a_source({"child": {"full_name": "ten"}, "mother": {"full_name": "me"}})
    assert roles_of([source]) == {"dancu.nguoi|*|child", "dancu.nguoi|*|mother"}
