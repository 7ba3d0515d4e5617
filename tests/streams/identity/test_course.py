"""A chunk of the identity worker: written before it is sent, acknowledged when the broker has it; and its start."""

import gc
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest
from builders.clock import ManualClock
from builders.identity_worker import (
    SCHEMA_IDS,
    ARecord,
    Broker,
    Given,
    an,
    emptied,
    rid,
    said,
    schema_of,
)

from streams.deadletter import Letters
from streams.identity.course import Course
from streams.identity.hearing import Listener
from streams.identity.model import Model
from streams.identity.post import PostOffice, partition_of
from streams.identity.processor import Input
from streams.identity.published import AliasOut, EventOut, PersonOut
from streams.identity.rebuild import Ids
from streams.identity.start import Begun, begin
from suoi.consumer import Record
from suoi.errors import Contract, Reason, Transient
from suoi.topics import DEAD_LETTER

PARTITIONS = 6
BAD = ARecord(0, 1, b"hotich.khai_sinh|[7]|child", b"plain text")


class Life:
    """One life of the worker over the store in `path`."""

    def __init__(self, path: Path, broker: Broker, given: Given) -> None:
        clock, office = ManualClock(), PostOffice(broker, SCHEMA_IDS, PARTITIONS)
        self.begun: Begun = begin(path, Model.default("vietnam"), {}, given, office, clock)
        letters = Letters("identity", 11, 0)
        self.course = Course(Listener(schema_of), self.begun.processor, office, letters, clock)

    def outbox(self) -> int:
        return len(self.begun.processor.outbox())

    def end(self) -> None:
        del self.course, self.begun
        gc.collect()  # the store is closed with the last that holds it


Live = Callable[..., Life]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return lambda broker, given=None: Life(tmp_path / "identity" / "store", broker, given or Given())


def heard(*records: Record) -> list[Input]:
    return list(Listener(schema_of).hear(records).inputs)


def test_what_is_sent_is_in_the_store_before_and_leaves_the_outbox_after(live: Live) -> None:
    broker, held = Broker(), list[int]()
    life = live(broker)
    broker.seen = lambda letter: held.append(life.outbox())
    life.course.run([said(1, 1, an(1), (0, 0)), said(2, 1, an(2), (0, 1))])
    assert len(broker.sent) == held[0] == held[-1] > 0
    assert life.outbox() == 0
    first, second = broker.members().values()
    assert first == second is not None


def test_what_the_broker_did_not_take_is_sent_at_the_next_start_as_it_was(live: Live) -> None:
    broker = Broker()
    life = live(broker)
    broker.refuses = True
    with pytest.raises(Transient, match="away"):
        life.course.run([said(1, 1, an(1), (0, 0))])
    left = life.outbox()
    assert left
    assert not broker.sent
    life.end()
    broker.refuses = False
    again = live(broker, Given())
    assert len(broker.sent) == left
    assert again.outbox() == 0
    assert broker.members()[rid(1)] is not None


def test_a_deletion_and_a_truncation_take_their_rows_along(live: Live) -> None:
    broker = Broker()
    life = live(broker)
    life.course.run([said(row, 1, an(row), (0, row)) for row in (1, 2, 3)])
    life.course.run([said(1, 2, None, (0, 4))])
    assert {row for row, of in broker.members().items() if of} == {rid(2), rid(3)}
    life.course.run([emptied(3, (1, 0))])
    assert not any(broker.members().values())


def test_a_record_that_cannot_be_read_becomes_a_dead_letter_and_its_neighbours_count(live: Live) -> None:
    broker = Broker()
    life = live(broker)
    nothing, nobody = ARecord(0, 2, rid(8).encode(), None), ARecord(0, 3, None, b"x")
    life.course.run([said(1, 1, an(1), (0, 0)), BAD, nothing, nobody, said(2, 1, an(2), (0, 4))])
    letters = [letter for letter in broker.sent if letter.topic == DEAD_LETTER]
    assert [letter.key for letter in letters] == [b"suoi.person-record/0/%d" % at for at in (1, 2, 3)]
    assert broker.members().keys() == {rid(1), rid(2)}
    assert life.begun.processor.offsets() == {0: 4}


def test_a_letter_says_what_is_wrong_and_whose_row_it_is() -> None:
    refused = Listener(schema_of).hear([BAD, ARecord(0, 2, rid(8).encode(), None), ARecord(0, 3, None, b"x")]).refused
    assert [one.dead.reason for one in refused] == [Reason.UNDECODABLE, Reason.NO_ROW_IMAGE, Reason.NO_KEY]
    assert [(one.agency, one.table) for one in refused] == [("hotich", "khai_sinh")] * 2 + [("", "")]


def test_too_many_unreadable_records_stop_the_input_before_anything_of_the_chunk_counts(live: Live) -> None:
    broker = Broker()
    life = live(broker)
    with pytest.raises(Contract, match="refused"):
        life.course.run([ARecord(0, at, b"x", b"plain text") for at in range(100)])
    assert not broker.sent
    assert life.begun.processor.offsets() == {}


def test_a_store_that_is_behind_the_group_is_rebuilt_with_the_ids_that_were_published(live: Live) -> None:
    broker = Broker()
    life = live(broker)
    records = [said(1, 1, an(1), (0, 0)), said(2, 1, an(2), (0, 1)), said(2, 2, None, (0, 2))]
    life.course.run(records[:2])
    before = broker.members()
    life.end()
    ids: list[Ids] = [
        one for of in (PersonOut, AliasOut) for one in broker.told(of) if isinstance(one, PersonOut | AliasOut)
    ]
    given = Given(ids, [heard(*records)])
    given.committed = {0: 3}
    again = live(broker, given)
    assert broker.members() == {rid(1): before[rid(1)], rid(2): None}
    assert given.committed == {0: 3}
    assert again.outbox() == 0


def test_the_group_of_a_new_store_goes_on_behind_what_it_was_built_from(live: Live) -> None:
    given = Given(chunks=[heard(said(1, 1, an(1), (0, 0)), BAD)])
    life = live(Broker(), given)
    assert given.committed == {0: 2}
    assert not life.begun.processor.behind(given.committed)


def test_a_redelivered_chunk_says_the_same_again_and_nothing_happens(live: Live) -> None:
    broker = Broker()
    life = live(broker)
    chunk = [said(1, 1, an(1), (0, 0)), said(2, 1, an(2), (0, 1))]
    life.course.run(chunk)
    before, happened = broker.members(), broker.told(EventOut)
    sent = len(broker.sent)
    life.course.run(chunk)
    assert len(broker.sent) > sent
    assert broker.members() == before
    assert broker.told(EventOut) == happened


def test_a_key_is_published_where_its_checksum_says() -> None:
    assert partition_of(b"hotich.khai_sinh|[1]|child", PARTITIONS) == crc32(b"hotich.khai_sinh|[1]|child") % PARTITIONS
    assert {partition_of(b"%d" % at, PARTITIONS) for at in range(100)} == set(range(PARTITIONS))
