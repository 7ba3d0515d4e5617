"""When records are worth an insert: enough rows, enough bytes, or old enough. Pure; time is handed in.

A batch also remembers how far each partition was read, so that a position is committed with the records below it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Limits:
    """A batch is due when one of these is reached."""

    rows: int = 20_000
    bytes: int = 16 << 20
    age: float = 0.25
    """Seconds since its first record: the sink's share of the freshness promise."""


class Batch(Generic[R]):
    """The records of one topic that wait for an insert, per partition in the order in which they were read."""

    def __init__(self) -> None:
        self._records: dict[int, list[R]] = {}
        self._positions: dict[int, int] = {}
        self._since: float | None = None
        self.rows = self.bytes = 0

    def add(self, partition: int, offset: int, record: R, size: int, now: float) -> None:
        """Take one record of `size` bytes; offsets of a partition only grow."""
        if self._since is None:
            self._since = now
        self._records.setdefault(partition, []).append(record)
        self._positions[partition] = offset + 1
        self.rows += 1
        self.bytes += size

    def reach(self, partition: int, offset: int) -> None:
        """All of `partition` below `offset` has been read: transaction markers occupy offsets without a record."""
        self._positions[partition] = max(offset, self._positions.get(partition, 0))

    def due(self, now: float, limits: Limits) -> bool:
        """True when it is time to insert; a batch of positions alone is due at once."""
        if self._since is None:
            return bool(self._positions)
        return self.rows >= limits.rows or self.bytes >= limits.bytes or now - self._since >= limits.age

    def forget(self, partitions: Collection[int]) -> None:
        """These partitions belong to somebody else now: their records are his, their positions are not to be committed.

        The byte count stays: it only makes the batch due a little earlier.
        """
        for partition in partitions:
            self.rows -= len(self._records.pop(partition, ()))
            self._positions.pop(partition, None)
        if not self.rows:
            self._since, self.bytes = None, 0

    @property
    def records(self) -> Iterator[R]:
        """Partition after partition, in order."""
        return chain.from_iterable(self._records.values())

    @property
    def positions(self) -> Mapping[int, int]:
        """Per partition the offset to go on from once the records are inserted."""
        return self._positions
