"""Our own record of committed offsets."""

import json
from typing import Any, cast

from confluent_kafka import Producer

from streams.transport.marks import KafkaMarks
from suoi.topics import OFFSET_MARK


class Written:
    """A producer that writes at once, into what `recall` reads."""

    def __init__(self) -> None:
        self.topic: dict[bytes, bytes] = {}

    def produce(self, topic: str, value: bytes, key: bytes, **_: Any) -> None:
        assert topic == OFFSET_MARK
        self.topic[key] = value

    def poll(self, timeout: float) -> int:
        return 0

    def flush(self, timeout: float) -> int:
        return 0


def some_marks(written: Written, group: str = "g", identity: str = "first") -> KafkaMarks:
    producer = cast(Producer, written)
    return KafkaMarks(group, producer, lambda: written.topic, lambda topics: dict.fromkeys(topics, identity))


def test_what_was_kept_is_recalled_by_the_same_group() -> None:
    written = Written()
    some_marks(written).keep({("a", 0): 5, ("a", 1): 7})
    assert some_marks(written).recall([("a", 0), ("b", 0)]) == {("a", 0): 5}
    assert some_marks(written, group="other").recall([("a", 0)]) == {}


def test_a_topic_that_was_made_again_has_no_mark() -> None:
    written = Written()
    some_marks(written).keep({("a", 0): 5})
    assert some_marks(written, identity="second").recall([("a", 0)]) == {}


def test_the_last_mark_counts() -> None:
    written, marks = Written(), some_marks(Written())
    marks = some_marks(written)
    marks.keep({("a", 0): 5})
    marks.keep({("a", 0): 9})
    assert marks.recall([("a", 0)]) == {("a", 0): 9}


def test_a_mark_is_readable_by_people() -> None:
    written = Written()
    some_marks(written).keep({("a", 0): 5})
    (key,), (value,) = written.topic.keys(), written.topic.values()
    assert json.loads(key) == ["g", "a", 0]
    assert json.loads(value) == {"offset": 5, "topic_id": "first"}
