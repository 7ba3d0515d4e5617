"""Planted: conform reads by Faust's own Kafka consumer and offsets, an agent on a plain topic, not by our transport.

All else is the real worker: conform itself, the producer, dead letters. A record counts as done when the agent has
come to the next one, whether the broker has its result or not.
"""

import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from threading import Condition
from typing import Any

import faust
import lz4.frame
from aiokafka import codec  # type: ignore[import-untyped]
from aiokafka.record._crecords import default_records  # type: ignore[import-untyped]
from mode import Service

from streams import worker
from streams.topology import topology
from streams.transport import Chunk
from suoi.active import ActiveSources
from suoi.errors import Contract
from suoi.settings import Settings
from suoi.topics import DEAD_LETTER, MAX_MESSAGE_BYTES


class StockApp(faust.App):
    """As the documentation of Faust begins: a broker, a topic, an agent."""

    def __init__(self, name: str, datadir: str) -> None:
        self.reach = Settings.load()
        super().__init__(
            name,
            broker=f"kafka://{self.reach.brokers}",
            datadir=datadir,
            store="memory://",
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=MAX_MESSAGE_BYTES,
        )

    def channel(self, *_: Any, **__: Any) -> Any:
        """A topic of every table there is now, in place of the channel that our transport feeds."""
        sources = ActiveSources(self.reach.home)
        sources.changed()
        names = sorted(topology(sources.sources.values())) or [DEAD_LETTER]
        return self.topic(*names, key_serializer="raw", value_serializer="raw", value_type=bytes, key_type=bytes)


class NoTransport(Service):
    """Stands where the transport stood: Faust reads by itself, and cannot hold a table."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def subscribe(self, topics: Iterable[str]) -> None:
        """Topics are fixed when the app is made: end, and be started anew."""
        os._exit(0)

    def hold(self, topic: str, cause: Contract) -> None:
        """Nothing to hold with."""

    def release(self, topic: str, *, accept_gap: bool = False) -> None:
        """Nothing was held."""

    def held(self) -> dict[str, Contract]:
        """Nothing is held."""
        return {}


@dataclass(frozen=True, slots=True)
class FaustRecord:
    """A message of Faust as ours looks."""

    message: Any

    def topic(self) -> str:
        return str(self.message.topic)

    def partition(self) -> int:
        return int(self.message.partition)

    def offset(self) -> int:
        return int(self.message.offset)

    def key(self) -> bytes | None:
        return self.message.key  # type: ignore[no-any-return]

    def value(self) -> bytes | None:
        return self.message.value  # type: ignore[no-any-return]

    def timestamp(self) -> tuple[int, int]:
        return 1, int(self.message.timestamp * 1000)

    def headers(self) -> list[tuple[str, bytes | None]]:
        return list(self.message.headers or ())

    def error(self) -> None:
        return None

    def __len__(self) -> int:
        return len(self.message.value or b"")


async def one_by_one(stream: Any) -> AsyncIterator[Chunk]:
    """Every event as a chunk of one record; going on to the next one acknowledges it to Faust."""
    changed = Condition()
    async for event in stream.events():
        record = FaustRecord(event.message)
        chunk = Chunk(record.topic(), record.partition(), [record], changed)
        chunk.claim()
        yield chunk


def read_lz4() -> None:
    """Faust's client asks for a library that we do not ship to unpack what our topics hold; another one can, too."""
    setattr(codec, "has_lz4", lambda: True)  # noqa: B010
    setattr(default_records, "lz4_decode", lz4.frame.decompress)  # noqa: B010


if __name__ == "__main__":
    read_lz4()
    setattr(worker, "ChannelApp", StockApp)  # noqa: B010
    setattr(worker, "Transport", NoTransport)  # noqa: B010
    setattr(worker, "claimed", one_by_one)  # noqa: B010
    worker.main()
