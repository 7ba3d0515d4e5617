"""A compacted topic: every record up to now, or what they stand for, the last value of every key."""

from collections.abc import Iterator

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from suoi.errors import Transient
from suoi.kafka import consumer
from suoi.settings import Settings

_PATIENCE_SECONDS = 30.0
_READING = {"enable.partition.eof": True, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 20}
"""A broker keeps the answer that there is no more for as long as a fetch may wait."""


def read_compacted(settings: Settings, topic: str) -> dict[bytes, bytes]:
    """Key → last value, over all partitions, up to now; keys whose last value is a tombstone are left out.

    Raises Transient when the broker does not answer.
    """
    last: dict[bytes, bytes] = {}
    for key, value in records(settings, topic):
        if value is None:
            last.pop(key, None)
        else:
            last[key] = value
    return last


def records(settings: Settings, topic: str) -> Iterator[tuple[bytes, bytes | None]]:
    """Key and value of every record up to now, as `messages` gives them; a tombstone has no value."""
    return ((message.key() or b"", message.value()) for message in messages(settings, topic))


def messages(settings: Settings, topic: str) -> Iterator[Message]:
    """Every record up to now, in the order of its partition.

    Belongs to no group and commits nothing. Raises Transient when the broker does not answer.
    """
    reader = consumer(settings, "suoi-read", **_READING)
    try:
        found = reader.list_topics(topic, timeout=_PATIENCE_SECONDS).topics[topic].partitions
        reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in found])
        yield from _to_end(reader, topic, set(found))
    except KafkaException as exc:
        raise Transient(f"topic {topic}: {exc.args[0].str()}") from exc
    finally:
        reader.close()


def _to_end(reader: Consumer, topic: str, open_: set[int]) -> Iterator[Message]:
    while open_:
        message = reader.poll(_PATIENCE_SECONDS)
        if message is None:
            raise Transient(f"topic {topic}: no answer within {_PATIENCE_SECONDS:.0f} s")
        error = message.error()
        if error and error.code() == KafkaError._PARTITION_EOF:
            open_.discard(message.partition() or 0)  # a partition that grows meanwhile ends more than once
        elif error:
            raise KafkaException(error)
        else:
            yield message
