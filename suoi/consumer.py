"""The Kafka consumer as our workers see it: what they use of `confluent_kafka.Consumer`, small enough for a fake."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

import confluent_kafka
from confluent_kafka import KafkaError, TopicPartition

READING: Mapping[str, object] = {
    "enable.partition.eof": True,  # tells the position behind the last record, transaction markers included
    "queued.max.messages.kbytes": 32_768,
    "fetch.queue.backoff.ms": 50,
    "topic.metadata.refresh.interval.ms": 10_000,  # a topic that was not there yet is found this soon
}
"""How a worker reads: lag that reaches 0, bounded memory, new topics found soon."""


class Record(Protocol):
    """One record, or one event (`error()` is not None), of a partition: what `confluent_kafka.Message` offers."""

    def topic(self) -> str: ...

    def partition(self) -> int: ...

    def offset(self) -> int: ...

    def key(self) -> bytes | None: ...

    def value(self) -> bytes | None: ...

    def headers(self) -> Sequence[tuple[str, bytes | None]] | None: ...

    def timestamp(self) -> tuple[int, int]:
        """(kind, milliseconds since 1970); kind 0: not available."""
        ...

    def error(self) -> KafkaError | None: ...

    def __len__(self) -> int:
        """Bytes of the value."""
        ...


RebalanceCallback = Callable[[Any, list[TopicPartition]], None]
CommitCallback = Callable[[KafkaError | None, list[TopicPartition]], None]


class Consumer(Protocol):
    """What is used of `confluent_kafka.Consumer`; callbacks run inside `poll`, `consume`, `commit` and `close`."""

    def subscribe(
        self, topics: list[str], on_assign: RebalanceCallback, on_revoke: RebalanceCallback, on_lost: RebalanceCallback
    ) -> None: ...

    def unsubscribe(self) -> None: ...

    def poll(self, timeout: float) -> Record | None: ...

    def consume(self, num_messages: int, timeout: float) -> list[Record]: ...

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]: ...

    def incremental_assign(self, partitions: list[TopicPartition]) -> None: ...

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None: ...

    def seek(self, partition: TopicPartition) -> None: ...

    def pause(self, partitions: list[TopicPartition]) -> None: ...

    def resume(self, partitions: list[TopicPartition]) -> None: ...

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition] | None: ...

    def get_watermark_offsets(self, partition: TopicPartition, timeout: float) -> tuple[int, int] | None: ...

    def close(self) -> None: ...


def connect(config: Mapping[str, Any]) -> Consumer:
    """The real client: its own stubs call everything optional, hence the cast."""
    return cast(Consumer, confluent_kafka.Consumer(dict(config)))
