"""One sink, round by round: what it does when the warehouse is away, a table is refused, a record cannot be read."""

import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from builders.conformed import SCHEMA_ID, a_row, a_schema, version
from builders.consumer import TOPIC, FakeBroker, FakeClock
from builders.control import an_order, decided
from builders.identity_tables import IDENTITY_SCHEMAS, a_record

from sinks.clickhouse import Store
from sinks.intake import Intake
from sinks.orders import Orders
from sinks.worker import HOLD_SECONDS, SinkWorker
from streams.identity.published import EventOut
from suoi import avro
from suoi.active import ActiveSources
from suoi.errors import Bug, Contract, Reason, Transient, UserError
from suoi.registry import Registry
from suoi.topics import DEAD_LETTER, IDENTITY_ALIAS, IDENTITY_EVENT, IDENTITY_MEMBER, IDENTITY_PERSON, IDENTITY_REVIEW

SCHEMA = a_schema("hotich", "khai_sinh", {"id": "long"})
SOURCE = """
agency: hotich
title: Hộ tịch
owner: {name: Sở Tư pháp, contact: "0256"}
database: {kind: postgresql, host: db, port: 5432, name: x, user: suoi_cdc, password_file: x.password}
tables:
  public.khai_sinh: {as: khai_sinh}
"""


class FakeStore:
    """Takes rows, or fails as often as it is told to."""

    def __init__(self) -> None:
        self.ids: list[Any] = []
        self.failures: list[Exception] = []

    def bring_up(self, spec: object) -> tuple[str, ...]:
        return ()

    def belonging(self, spec: object) -> tuple[Any, ...]:
        return ()

    def create_own(self) -> None:
        """The tables of `ops` are there."""

    def insert(self, database: str, table: str, names: Iterable[str], columns: Any) -> None:
        self._fail()
        self.ids += columns[list(names).index("id")]

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


class FakeRegistry:
    """Knows the schema of the table, and those of identity."""

    def schema(self, schema_id: int) -> str:
        return SCHEMA if schema_id == SCHEMA_ID else IDENTITY_SCHEMAS[schema_id]


class FakeDecisions:
    """The orders of one table; away when told to be."""

    def __init__(self) -> None:
        self.state, self.away = decided(), False

    def refresh(self) -> bool:
        if self.away:
            raise Transient("the broker is away")
        return False


class World:
    """A worker with everything it touches."""

    def __init__(self, home: Path) -> None:
        (home / "sources").mkdir()
        (home / "sources" / "hotich.yaml").write_text(SOURCE)
        self.clock, self.store, self.unreadable = FakeClock(), FakeStore(), set[int]()
        self.broker, encode = FakeBroker(self.clock, self._payload), avro.encoder(SCHEMA)
        self.value: Callable[[int], bytes] = lambda at: avro.frame(SCHEMA_ID, encode(a_row(version(at + 1), id=at)))
        intake, sources = Intake(self.broker, self.clock), ActiveSources(home)
        store, registry = cast(Store, self.store), cast(Registry, FakeRegistry())
        self.decisions = FakeDecisions()
        self.worker = SinkWorker(intake, store, registry, sources, Orders(self.decisions), self.clock)

    def orders(self, **fields: Any) -> None:
        self.decisions.state = decided(an_order(**fields))

    def step(self, seconds: float = 1.0) -> None:
        self.clock.wait(seconds)
        self.worker.look_around()
        self.worker.serve()
        self.clock.wait(1.0)
        self.worker.serve()

    def _payload(self, number: int, at: int) -> bytes:
        return b"unreadable" if at in self.unreadable else self.value(at)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.worker.look_around()
    made.broker.assign(0)
    return made


def test_one_consumer_reads_the_tables_and_what_identity_says(world: World) -> None:
    ours = {DEAD_LETTER, IDENTITY_PERSON, IDENTITY_MEMBER, IDENTITY_ALIAS, IDENTITY_EVENT, IDENTITY_REVIEW}
    assert set(world.broker.topics) == ours | {TOPIC, f"{TOPIC}.corrections"}


def test_rows_are_inserted_and_then_committed(world: World) -> None:
    world.broker.ends[0] = 3
    world.step()

    assert (world.store.ids, world.broker.stored[0]) == ([0, 1, 2], 3)


def test_a_young_batch_waits_and_its_position_with_it(world: World) -> None:
    world.broker.ends[0] = 3
    world.worker.serve()

    assert world.store.ids == []
    assert world.broker.stored[0] < 0


def test_while_the_warehouse_is_away_it_tries_again_and_loses_nothing(world: World) -> None:
    world.broker.ends[0] = 3
    world.store.failures = [Transient("away")] * 5
    world.step()
    world.broker.ends[0] = 5
    world.step()

    assert (world.store.ids, world.broker.stored[0]) == ([0, 1, 2, 3, 4], 5)


def test_a_refused_table_is_held_and_tried_again_later(world: World) -> None:
    world.broker.ends[0] = 3
    world.store.failures = [Contract("another type", reason=Reason.SCHEMA_REFUSED)]
    world.step()
    assert world.worker.held == {TOPIC: "another type"}
    assert world.broker.stored[0] < 0

    world.step()
    world.step(HOLD_SECONDS)
    assert (world.worker.held, world.store.ids, world.broker.stored[0]) == ({}, [0, 1, 2], 3)


def test_a_record_that_cannot_be_read_holds_its_topic(world: World) -> None:
    world.broker.ends[0] = 3
    world.unreadable = {1}
    world.step()

    assert "not written through the registry" in world.worker.held[TOPIC]
    assert world.store.ids == []


def test_an_expired_offset_is_left_to_people(world: World) -> None:
    world.broker.expired.add(0)
    world.step()
    world.broker.expired.clear()
    world.broker.ends[0] = 1
    world.step()
    world.step(HOLD_SECONDS)

    assert "the offset has expired" in world.worker.held[TOPIC]
    assert world.store.ids == []


def test_events_of_identity_that_expired_are_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builders.consumer.TOPIC", IDENTITY_EVENT)
    world.value = lambda at: a_record(EventOut(f"{at}-0", 1, "merge", (), (), "t", 0, at)).payload or b""
    world.broker.assign(1)
    world.broker.ends[1], world.broker.begins[1] = 7, 5
    world.broker.expired.add(1)
    world.step()
    assert "the offset has expired" in world.worker.held[IDENTITY_EVENT]

    world.step()
    world.step(HOLD_SECONDS)
    world.step()
    assert (world.worker.held, world.store.ids) == ({}, ["5-0", "6-0"])


def test_an_order_that_accepts_the_gap_goes_on_behind_it(world: World) -> None:
    world.broker.ends[0] = 2
    world.step()
    world.broker.ends[0], world.broker.begins[0] = 7, 5
    world.broker.expired.add(0)
    world.step()
    assert "the offset has expired" in world.worker.held[TOPIC]

    world.orders(paused=False)
    world.step()
    assert TOPIC in world.worker.held
    world.orders(gap_accepted=True)
    world.step()
    assert (world.worker.held, world.store.ids) == ({}, [0, 1, 5, 6])


def test_an_order_lets_a_held_table_try_again_at_once(world: World) -> None:
    world.broker.ends[0] = 3
    world.store.failures = [Contract("another type", reason=Reason.SCHEMA_REFUSED)]
    world.step()
    assert world.worker.held

    world.orders(reason="reshaped")
    world.step()
    assert world.worker.held == {}
    assert world.store.ids == [0, 1, 2]


def test_while_orders_cannot_be_read_the_tables_go_on(world: World) -> None:
    world.decisions.away = True
    world.broker.ends[0] = 3
    world.step()

    assert world.store.ids == [0, 1, 2]


@pytest.mark.parametrize("failure", [Bug("nobody thought of this"), KeyError("_op"), struct.error("int too large")])
def test_what_nobody_thought_of_holds_its_topic_and_not_the_process(world: World, failure: Exception) -> None:
    world.broker.ends[0] = 1
    world.store.failures = [failure]
    world.step()
    assert "this release fails on it" in world.worker.held[TOPIC]
    assert world.broker.stored[0] < 0

    world.step()
    world.step(HOLD_SECONDS)
    assert (world.worker.held, world.store.ids) == ({}, [0])


def test_what_is_wrong_with_the_configuration_ends_the_process(world: World) -> None:
    world.broker.ends[0] = 1
    world.store.failures = [UserError("the password is wrong")]

    with pytest.raises(UserError):
        world.step()
