"""A chunk of consecutive records of one partition, and its four states: all that thread and event loop share."""

import threading
from collections.abc import AsyncIterator, Sequence
from enum import Enum, auto

from suoi.consumer import Record


class State(Enum):
    """QUEUED → CLAIMED → ACKED; FENCED from either of the first two, when the partition leaves or is held."""

    QUEUED = auto()
    CLAIMED = auto()
    ACKED = auto()
    FENCED = auto()


class Chunk:
    """Whoever claims a chunk processes all of its records, in order, then acknowledges. Safe in any thread."""

    __slots__ = ("_changed", "opens", "partition", "records", "state", "topic")

    def __init__(
        self, topic: str, partition: int, records: Sequence[Record], changed: threading.Condition, opens: bool = False
    ) -> None:
        self.topic, self.partition, self.records = topic, partition, records
        self.opens = opens
        """The first one since the partition came: what others decided about it meanwhile may not be known here."""
        self.state, self._changed = State.QUEUED, changed

    @property
    def first(self) -> int:
        """Offset of the first record."""
        return self.records[0].offset()

    @property
    def last(self) -> int:
        """Offset of the last record."""
        return self.records[-1].offset()

    def claim(self) -> bool:
        """Begin the work; False when the partition has left this process, or is held, meanwhile."""
        return self.move(State.QUEUED, State.CLAIMED)

    def ack(self) -> bool:
        """The result is durable downstream. False, and without effect, when that came too late."""
        return self.move(State.CLAIMED, State.ACKED)

    def fence(self) -> bool:
        """Take the chunk back: it cannot be claimed or acknowledged any more. False when it is acknowledged."""
        return self.move(State.QUEUED, State.FENCED) or self.move(State.CLAIMED, State.FENCED)

    def move(self, before: State, after: State) -> bool:
        """One transition, if the chunk is in state `before`; wakes the input thread."""
        with self._changed:
            if self.state is not before:
                return False
            self.state = after
            self._changed.notify_all()
            return True

    def __repr__(self) -> str:
        return f"Chunk({self.topic}[{self.partition}] {self.first}..{self.last} {self.state.name})"


async def claimed(stream: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    """What an agent iterates over: the chunks that still belong to this process."""
    async for chunk in stream:
        if chunk.claim():
            yield chunk
