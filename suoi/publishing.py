"""A few records, published and waited for. What flows through the pipeline is sent by its workers, not here."""

from collections.abc import Iterable

from confluent_kafka import KafkaError, KafkaException

from suoi import kafka
from suoi.errors import Place, Transient
from suoi.ids import Topic
from suoi.settings import Settings

ANSWER_SECONDS = 30.0
_QUEUED = 1_000
"""Records between two looks at what the broker acknowledged."""


def publish(settings: Settings, topic: Topic, records: Iterable[tuple[bytes, bytes | None]]) -> None:
    """Back when every record (key, value) is in the topic, in this order; a tombstone has no value.

    Raises Transient when the broker does not take them all; may be repeated.
    """
    producer, refused = kafka.producer(settings), list[str]()

    def acknowledged(error: KafkaError | None, _: object) -> None:
        if error:
            refused.append(error.str())

    try:
        for at, (key, value) in enumerate(records):
            producer.produce(topic, key=key, value=value, on_delivery=acknowledged)
            if at % _QUEUED == 0:
                producer.poll(0)
        left = producer.flush(ANSWER_SECONDS)
    except (KafkaException, BufferError) as exc:
        raise Transient(f"not published: {exc}", place=Place("topics", topic)) from exc
    if left or refused:
        why = refused[0] if refused else f"{left} records not acknowledged within {ANSWER_SECONDS:.0f} s"
        raise Transient(f"not published: {why}", place=Place("topics", topic))
