"""A chunk of the identity worker: written before it is sent, acknowledged when the broker has it; and its start."""

import gc
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from builders.clock import ManualClock
from builders.identity_worker import (
    NUMBER,
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
from builders.persons import person

from streams.deadletter import Letters
from streams.deadletter import schema as dead_letter_schema
from streams.identity.course import Course
from streams.identity.hearing import Listener
from streams.identity.inputs import Input, Told
from streams.identity.link import Linker
from streams.identity.model import Model
from streams.identity.post import PostOffice, partition_of
from streams.identity.published import TOPICS, AliasOut, EventOut, PersonOut, decode
from streams.identity.rebuild import Ids
from streams.identity.start import Begun, begin
from suoi import avro, metrics
from suoi.consumer import Record
from suoi.errors import Contract, Reason, Transient
from suoi.person import PersonRecord
from suoi.topics import DEAD_LETTER, VERDICT
from suoi.verdicts import verdict

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


def test_what_waits_for_a_clerk_is_told_between_chunks_and_once(live: Live) -> None:
    broker = Broker()
    life = live(broker)
    other = person(rid(2), "Trần Thị Lan", "1990-07-01", numbers=NUMBER)
    life.course.run([said(1, 1, an(1), (0, 0)), said(2, 1, other, (0, 1))])
    assert broker.reviews() == {}
    life.course.ask()
    ((pair, waits),) = broker.reviews().items()
    assert (pair, waits) == ((rid(1), rid(2)), True)
    before = len(broker.sent)
    life.course.ask()
    assert len(broker.sent) == before
    life.course.run([said(2, 2, None, (0, 2))])
    life.course.ask()
    assert broker.reviews() == {(rid(1), rid(2)): False}


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


def test_a_broken_verdict_is_of_no_table() -> None:
    record = ARecord(0, 1, b'["hotich.khai_sinh|[1]|child","y"]', b"plain text", VERDICT)
    (refused,) = Listener(schema_of).hear([record]).refused
    assert (refused.agency, refused.table, refused.dead.at.topic) == ("", "", VERDICT)


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


def test_an_event_tells_when_its_cause_was_committed_or_the_verdict_given(live: Live) -> None:
    processor, moment = live(Broker()).begun.processor, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    parted = Told(0, verdict(rid(1), rid(2), "different", "clerk", "seen", moment))
    revoked = Told(1, verdict(rid(1), rid(2), "revoked", "clerk", "seen", 2 * moment.resolution + moment))
    other = person(rid(2), "Trần Thị Lan", "1990-07-01", numbers={"personal": "052190000007"})
    both = heard(said(1, 1, an(1), (0, 1)), said(2, 1, an(2), (0, 2)))
    chunks: list[list[Input]] = [both, [parted], [revoked], heard(said(2, 2, other, (0, 7)))]
    posts = [post for chunk in chunks for post in processor.process(chunk)]
    happened = [decode(EventOut, post.payload) for post in posts if post.topic == TOPICS[EventOut]]
    assert [(out.what, out.time) for out in happened if isinstance(out, EventOut)] == [
        ("split", 1_000_000),
        ("merge", 1_000_002),
        ("split", 1_007),
    ]


def test_a_key_is_published_where_its_checksum_says() -> None:
    assert partition_of(b"hotich.khai_sinh|[1]|child", PARTITIONS) == crc32(b"hotich.khai_sinh|[1]|child") % PARTITIONS
    assert {partition_of(b"%d" % at, PARTITIONS) for at in range(100)} == set(range(PARTITIONS))


def failing(life: Life, monkeypatch: pytest.MonkeyPatch, where: str, when: Callable[..., bool]) -> None:
    """From now on a step of the engine fails, after it has done its work, with arguments of which `when` is true."""
    linker = life.begun.processor._engine.linker
    real = getattr(linker, where)

    def step(*given: object) -> object:
        done = real(*given)
        if when(*given):
            raise ZeroDivisionError("Nguyễn Văn An")
        return done

    monkeypatch.setattr(linker, where, step)


def letters(broker: Broker) -> list[tuple[bytes | None, Mapping[str, Any]]]:
    decode = avro.decoder(dead_letter_schema())
    return [(one.key, decode(avro.unframe(one.value)[1])) for one in broker.sent if one.topic == DEAD_LETTER]


def test_a_record_that_the_engine_fails_on_is_refused_and_the_others_are_taken_in(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker()
    life = live(broker)
    life.course.run([said(2, 1, an(2), (0, 0))])
    failing(life, monkeypatch, "put", lambda row, version, of: row == rid(2) and version == 2)
    counted = metrics.dead_letters.labels("identity", "failed")._value.get()
    life.course.run([said(1, 1, an(1), (0, 1)), said(2, 2, None, (0, 2)), said(3, 1, an(3), (0, 3))])
    ((key, letter),) = letters(broker)
    assert key == b"suoi.person-record/0/2"
    assert (letter["agency"], letter["table"], letter["reason"]) == ("hotich", "khai_sinh", "failed")
    assert "ZeroDivisionError in step" in letter["detail"]
    assert "Nguy" not in letter["detail"]
    assert metrics.dead_letters.labels("identity", "failed")._value.get() == counted + 1
    assert len(set(broker.members().values())) == 1
    assert broker.members().keys() == {rid(1), rid(2), rid(3)}, "the row stays as it was"
    assert life.begun.processor.offsets() == {0: 3}
    assert life.outbox() == 0


def test_what_the_engine_had_half_done_when_it_failed_is_undone(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the record had never come: the same persons as of a worker that did not see it."""
    broker = Broker()
    life = live(broker)
    life.course.run([said(row, 1, an(row), (0, row)) for row in (1, 2)])
    failing(life, monkeypatch, "_relink", lambda row, held: row == rid(3))
    life.course.run([said(3, 1, an(3), (0, 3)), said(1, 2, None, (0, 4)), said(4, 1, an(4), (0, 5))])
    state = life.begun.state
    assert rid(3) not in state.rows
    assert {row: set(others) for row, others in state.edges.items()} == {rid(2): {rid(4)}, rid(4): {rid(2)}}
    assert all(rid(3) not in state.blocks.members(key) for key in state.rows[rid(4)].keys)
    assert {row for row, of in broker.members().items() if of} == {rid(2), rid(4)}
    assert [key for key, _ in letters(broker)] == [b"suoi.person-record/0/3"]


def test_the_row_of_a_refused_record_is_taken_in_with_its_next_version(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker()
    life = live(broker)
    with monkeypatch.context() as bug:
        failing(life, bug, "put", lambda *_: True)
        life.course.run([said(1, 1, an(1), (0, 0))])
    assert rid(1) not in broker.members()
    life.course.run([said(1, 2, an(1), (0, 1))])
    assert broker.members()[rid(1)]


def test_an_engine_that_fails_on_everything_stops_the_input(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker()
    life = live(broker)
    failing(life, monkeypatch, "put", lambda *_: True)
    with pytest.raises(Contract, match="refused, such as ZeroDivisionError"):
        life.course.run([said(row, 1, an(row), (0, row)) for row in range(200)])
    told = len(letters(broker))
    assert told == 99
    with pytest.raises(Contract):
        life.course.run([said(row, 1, an(row), (0, row)) for row in range(200)])
    assert len(letters(broker)) == told, "trying again drains nothing"
    assert life.outbox() == 0


def test_a_store_that_cannot_be_written_ends_the_worker_instead_of_refusing_records(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker()
    life = live(broker)
    failing(life, monkeypatch, "put", lambda *_: False)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(life.begun.processor._state, "commit", full)
    with pytest.raises(OSError, match="no space"):
        life.course.run([said(1, 1, an(1), (0, 0))])
    assert not broker.sent


def test_a_rebuild_leaves_out_what_the_engine_fails_on(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Linker.put

    def put(linker: Linker, row: str, version: int, of: PersonRecord | None) -> None:
        real(linker, row, version, of)
        if row == rid(2):
            raise ZeroDivisionError

    monkeypatch.setattr(Linker, "put", put)
    broker = Broker()
    life = live(broker, Given(chunks=[heard(*(said(row, 1, an(row), (0, row)) for row in (1, 2, 3)))]))
    assert {row for row, of in broker.members().items() if of} == {rid(1), rid(3)}
    assert life.begun.processor.offsets() == {0: 3}
