"""The control topic on its way into a worker: what must be known before a chunk is read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Condition
from typing import cast

from builders.control import AGENCY, an_epoch, decided
from builders.debezium import a_record, an_envelope

from streams.following import Following
from streams.transport import Chunk
from suoi.clock import SystemClock
from suoi.consumer import Record
from suoi.control import MARKER_HEADER, Control, ControlTopic, Epoch
from suoi.errors import Transient


@dataclass
class ATopic:
    """Each refresh learns the next of `answers`; an error is raised."""

    answers: list[Control | Transient]
    state: Control = field(default_factory=Control)

    def refresh(self) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, Transient):
            raise answer
        self.state = answer
        return True


@dataclass
class AMarker:
    number: int

    def value(self) -> None:
        return None

    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        return [(MARKER_HEADER, b"%d" % self.number)]


FIRST, SECOND = decided(an_epoch(1)), decided(an_epoch(1), an_epoch(2, {0: 5}))
AWAY = Transient("the broker is away")


def following(*answers: Control | Transient) -> tuple[Following, ATopic]:
    topic = ATopic(list(answers))
    return Following(cast(ControlTopic, topic), SystemClock()), topic


def a_chunk(*records: object, opens: bool = False) -> Chunk:
    return Chunk("t", 0, cast(list[Record], records), Condition(), opens)


def epochs(state: Control) -> tuple[Epoch, ...]:
    return state.epochs(AGENCY)


def test_while_the_broker_is_away_what_was_known_stays() -> None:
    known, topic = following(FIRST, AWAY, SECOND)
    asyncio.run(known.refresh())
    assert known.state == FIRST
    asyncio.run(known.refresh())
    assert known.state == SECOND
    assert topic.answers == []


def test_a_chunk_in_the_middle_of_an_assignment_asks_nobody() -> None:
    known, topic = following(FIRST, SECOND)
    asyncio.run(known.past(AGENCY, a_chunk(a_record(an_envelope("c")))))
    assert topic.answers == [SECOND]


def test_the_first_chunk_of_a_partition_waits_for_what_is_decided_by_now() -> None:
    known, _ = following(FIRST, AWAY, SECOND)
    asyncio.run(known.past(AGENCY, a_chunk(a_record(an_envelope("c")), opens=True)))
    assert epochs(known.state) == epochs(SECOND)


def test_a_marker_waits_until_its_epoch_is_decided() -> None:
    known, topic = following(FIRST, FIRST, AWAY, SECOND)
    asyncio.run(known.past(AGENCY, a_chunk(a_record(an_envelope("c")), AMarker(2))))
    assert known.state.epoch(AGENCY) == 2
    assert topic.answers == []
    asyncio.run(known.past(AGENCY, a_chunk(AMarker(2))))
