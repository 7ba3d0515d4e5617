"""How the outbox leaves: framed, to the partition of its key, and back only when the broker has all of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol
from zlib import crc32

from streams import outbox
from streams.identity.processor import Post
from streams.outbox import Letter
from suoi import avro
from suoi.ids import Topic

_ROUND_SECONDS = 1.0


class Producer(outbox.Producer, Protocol):
    """A producer that can be waited for."""

    def flush(self, timeout: float) -> int: ...


def partition_of(key: bytes, partitions: int) -> int:
    """Where a key is published, always the same: its records stay in order."""
    return crc32(key) % partitions


class PostOffice:
    """Sends from one thread; `schema_ids` are those of the values of each topic."""

    def __init__(self, producer: Producer, schema_ids: Mapping[Topic, int], partitions: int) -> None:
        self._producer, self._schema_ids, self._partitions = producer, schema_ids, partitions

    def send(self, posts: Sequence[Post], more: Sequence[Letter] = ()) -> None:
        """Back when the broker has `posts`, in order, and `more`. Raises Transient when it does not take them."""
        failures: list[Exception] = []
        outbox.send(self._producer, [*more, *map(self._letter, posts)], _nothing, failures.append)
        while self._producer.flush(_ROUND_SECONDS):
            continue
        if failures:
            raise failures[0]

    def deliver(self, slices: Iterable[Sequence[Post]], acknowledge: Callable[[Sequence[Post]], None]) -> None:
        """Send slice by slice; the next one is asked for when the broker has the one before. Raises Transient."""
        for posts in slices:
            self.send(posts)
            acknowledge(posts)

    def _letter(self, post: Post) -> Letter:
        value = avro.frame(self._schema_ids[post.topic], post.payload)
        return Letter(post.topic, partition_of(post.key, self._partitions), post.key, value)


def _nothing() -> None:
    """Who sends waits for all of it anyway."""
