"""Our own record of committed offsets: the broker deletes a group's offsets when it was empty for too long.

Without it such a group looks as if it had never committed, and starting over from what is left of the log would be a
silent jump. The marks are a compacted topic of one partition (`suoi.offset-mark`), because a lost machine loses a file:

    key     JSON array [group, topic, partition]
    value   JSON object {"offset": committed offset, "topic_id": identity of the topic it belongs to}

A mark is written after the broker has confirmed the offset, so it is never ahead; being behind costs duplicates. A
topic that was deleted and made again has another identity: its old marks do not count.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicCollection
from confluent_kafka.admin import AdminClient

from streams.transport.partition import Key
from suoi import kafka
from suoi.compacted import read_compacted
from suoi.settings import Settings
from suoi.topics import OFFSET_MARK

log = logging.getLogger(__name__)

FLUSH_SECONDS = 10.0
ANSWER_SECONDS = 30.0


class Marks(Protocol):
    """Where the transport remembers what its group has committed; used by one thread."""

    def recall(self, partitions: Collection[Key]) -> dict[Key, int]:
        """The marks of those of `partitions` that have one."""
        ...

    def keep(self, offsets: Mapping[Key, int]) -> None:
        """Remember committed offsets; does not wait."""
        ...

    def close(self) -> None:
        """Wait for what was kept last."""
        ...


class KafkaMarks:
    """The marks of one consumer group: `read` gives key → value of the topic, `topic_ids` the identities of topics."""

    def __init__(
        self,
        group: str,
        producer: Producer,
        read: Callable[[], Mapping[bytes, bytes]],
        topic_ids: Callable[[Collection[str]], Mapping[str, str]],
    ) -> None:
        self.group, self._producer, self._read, self._topic_ids = group, producer, read, topic_ids
        self._known: dict[str, str] = {}

    def recall(self, partitions: Collection[Key]) -> dict[Key, int]:
        """Read the whole topic: asked only for partitions without a committed offset, which is rare."""
        self._known.update(self._topic_ids({topic for topic, _ in partitions}))
        written = self._read()
        marks = {key: json.loads(written[name]) for key in partitions if (name := self._key(key)) in written}
        return {key: mark["offset"] for key, mark in marks.items() if mark["topic_id"] == self._known.get(key[0])}

    def keep(self, offsets: Mapping[Key, int]) -> None:
        """Produced in the background; a mark that fails is logged, the next one makes up for it."""
        if unknown := {topic for topic, _ in offsets} - self._known.keys():
            self._known.update(self._topic_ids(unknown))
        for key, offset in offsets.items():
            if topic_id := self._known.get(key[0]):
                value = json.dumps({"offset": offset, "topic_id": topic_id}).encode()
                self._producer.produce(OFFSET_MARK, value, self._key(key), partition=0, on_delivery=_delivered)
        self._producer.poll(0)

    def close(self) -> None:
        """At most ten seconds."""
        if left := self._producer.flush(FLUSH_SECONDS):
            log.warning("%d offset marks of %s were not written", left, self.group)

    def _key(self, key: Key) -> bytes:
        return json.dumps([self.group, *key]).encode()


def kafka_marks(settings: Settings, group: str) -> KafkaMarks:
    """The marks of `group` on the stack's own broker."""
    identities = partial(topic_ids, kafka.admin(settings))
    return KafkaMarks(group, kafka.producer(settings), partial(read_compacted, settings, OFFSET_MARK), identities)


def topic_ids(admin: AdminClient, topics: Collection[str]) -> dict[str, str]:
    """Topic → its identity, another one after it was deleted and made again; topics that do not exist are left out."""
    answers = admin.describe_topics(TopicCollection(list(topics)), request_timeout=ANSWER_SECONDS) if topics else {}
    return {topic: found for topic, answer in answers.items() if (found := _topic_id(answer))}


def _topic_id(answer: Any) -> str:
    try:
        return str(answer.result().topic_id)
    except KafkaException as exc:
        if exc.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise
        return ""


def _delivered(error: KafkaError | None, message: Message) -> None:
    if error is not None:
        log.warning("offset mark %r was not written: %s", message.key(), error)
