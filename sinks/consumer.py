"""The Kafka client as the sink sees it: small enough for a fake, and how the real one is configured."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

import confluent_kafka
from confluent_kafka import KafkaError, TopicPartition

from suoi.kafka import consumer_config
from suoi.settings import Settings
from suoi.topics import SINK_GROUP

REQUIRED: Mapping[str, object] = {
    "enable.partition.eof": True,  # tells the position behind the last record, transaction markers included
    "queued.max.messages.kbytes": 32_768,
    "fetch.queue.backoff.ms": 50,
    "topic.metadata.refresh.interval.ms": 10_000,  # a topic that was not there yet is found this soon
}


class Message(Protocol):
    """One record, or one event (`error()` is not None), of a partition: what `confluent_kafka.Message` offers."""

    def topic(self) -> str: ...

    def partition(self) -> int: ...

    def offset(self) -> int: ...

    def key(self) -> bytes | None: ...

    def value(self) -> bytes | None: ...

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

    def poll(self, timeout: float) -> Message | None: ...

    def consume(self, num_messages: int, timeout: float) -> Sequence[Message]: ...

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]: ...

    def incremental_assign(self, partitions: list[TopicPartition]) -> None: ...

    def seek(self, partition: TopicPartition) -> None: ...

    def pause(self, partitions: list[TopicPartition]) -> None: ...

    def resume(self, partitions: list[TopicPartition]) -> None: ...

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition] | None: ...

    def close(self) -> None: ...


Connect = Callable[[CommitCallback], Consumer]


def connect(settings: Settings) -> Connect:
    """How to get the real client: its own stubs call everything optional, hence the cast."""

    def connected(on_commit: CommitCallback) -> Consumer:
        config = consumer_config(settings, SINK_GROUP, on_commit=on_commit, **REQUIRED)
        return cast(Consumer, confluent_kafka.Consumer(config))

    return connected
