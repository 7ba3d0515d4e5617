"""News of the revision topic on their way into a worker that runs."""

import asyncio
from collections.abc import Callable
from typing import cast

from builders.decisions import NOW

from streams import revisions
from streams.revision_records import encode, schema
from streams.revisions import Declared
from streams.succession import Succession
from suoi.errors import Transient
from suoi.followed import FollowedTopic
from suoi.ids import Revision

Records = list[tuple[bytes, bytes | None]]


class ATopic:
    """Each refresh hands over the next records; an error is raised."""

    def __init__(self, *answers: Records | Transient) -> None:
        self.answers = list(answers)

    def refresh(self, take: Callable[[bytes, bytes | None], None]) -> None:
        answer = self.answers.pop(0)
        if isinstance(answer, Transient):
            raise answer
        for key, value in answer:
            take(key, value)


def declared(count: int) -> list[Declared]:
    found: list[Declared] = []
    for number in range(count):
        found.append(revisions.following(found, 1, f"lists {number}", NOW, "lan", "new lists"))
    return found


def news(*answers: Records | Transient) -> list[list[Declared] | None]:
    """What a worker under revision 1 learns, look by look."""
    succession = Succession(cast(FollowedTopic, ATopic(*answers)), lambda schema_id: schema(), Revision(1))
    return [asyncio.run(succession.news()) for _ in answers]


FIRST, SECOND, THIRD = declared(3)
RECORDS = [encode(one, 5) for one in (FIRST, SECOND, THIRD)]


def test_its_own_revision_is_no_news() -> None:
    assert news([RECORDS[0]], []) == [None, None]


def test_a_new_revision_is_told_once_with_everything_before_it() -> None:
    assert news([RECORDS[0], RECORDS[1]], []) == [[FIRST, SECOND], None]


def test_two_at_once_are_one_piece_of_news() -> None:
    assert news([*RECORDS]) == [[FIRST, SECOND, THIRD]]


def test_an_older_number_that_comes_late_is_no_news() -> None:
    assert news([RECORDS[0], RECORDS[2]], [RECORDS[1]]) == [[FIRST, THIRD], None]


def test_while_the_broker_is_away_the_worker_goes_on() -> None:
    assert news([RECORDS[0]], Transient("away"), [RECORDS[1]]) == [None, None, [FIRST, SECOND]]
