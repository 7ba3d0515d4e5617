"""What a chunk sends, and when it may be acknowledged: not before the broker has all of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from suoi.errors import Transient
from suoi.ids import Topic


@dataclass(frozen=True, slots=True)
class Letter:
    """One record to send."""

    topic: Topic
    partition: int
    key: bytes | None
    value: bytes


class Producer(Protocol):
    """The part of a confluent-kafka producer that is needed here."""

    def produce(
        self, topic: str, *, value: bytes, key: bytes | None, partition: int, on_delivery: Callable[[Any, Any], None]
    ) -> None: ...
    def poll(self, timeout: float) -> int: ...


class Delivery:
    """Counts the delivery reports of one chunk: after the last one `done`, at the first error `failed`."""

    __slots__ = ("_done", "_failed", "_left")

    def __init__(self, expected: int, done: Callable[[], object], failed: Callable[[Exception], object]) -> None:
        self._left, self._done, self._failed = expected, done, failed

    def __call__(self, error: Any, message: Any) -> None:
        """One delivery report."""
        if error is not None:
            self._left = -1
            self._failed(Transient(f"topic {message.topic()}: not delivered: {error}"))
            return
        self._left -= 1
        if self._left == 0:
            self._done()


def send(
    producer: Producer,
    letters: Sequence[Letter],
    done: Callable[[], object],
    failed: Callable[[Exception], object],
) -> None:
    """Hand `letters` to the producer, in order; `done` is called when the broker has them all, at once for none."""
    if not letters:
        done()
        return
    report = Delivery(len(letters), done, failed)
    for letter in letters:
        _produce(producer, letter, report)
    producer.poll(0)


def _produce(producer: Producer, letter: Letter, report: Delivery) -> None:
    while True:
        try:
            producer.produce(
                letter.topic, value=letter.value, key=letter.key, partition=letter.partition, on_delivery=report
            )
        except BufferError:
            producer.poll(0.1)
        else:
            return
