"""One partition for as long as one assignment lasts. A new assignment makes a new object: that is the fence."""

from dataclasses import dataclass

from confluent_kafka import OFFSET_INVALID, TopicPartition

Key = tuple[str, int]
UNKNOWN = -1
"""No offset: the group has never committed here, or nothing was read."""


@dataclass(slots=True)
class Partition:
    """How far a partition was read, inserted and committed. Offsets are the ones to go on from."""

    topic: str
    number: int
    committed: int
    """Confirmed by the broker."""
    position: int = UNKNOWN
    """Read up to here."""
    safe: int = UNKNOWN
    """Everything below is inserted."""
    asked: int = UNKNOWN
    """Sent to the broker as committed; not yet confirmed when above `committed`."""
    end: int = UNKNOWN
    """Where the log ended when it was last seen to end."""
    paused: bool = False
    adrift: bool = False
    """The client may stand elsewhere: what it delivers does not count until it was sent back to `position`."""
    expired: bool = False
    """The records at `position` are gone from the log, and the client has stopped reading."""
    behind: float | None = None
    """Time of the oldest record that is not inserted, seconds since 1970; None when there is none."""
    newest: float = 0.0
    """Time of the last record that was read."""

    def __post_init__(self) -> None:
        self.position = self.safe = self.asked = self.committed

    @property
    def key(self) -> Key:
        """Topic and number."""
        return self.topic, self.number

    def at(self, offset: int = OFFSET_INVALID) -> TopicPartition:
        """This partition as the client names it."""
        return TopicPartition(self.topic, self.number, offset)

    def read(self, offset: int, time: float) -> None:
        """The record at `offset` was read."""
        self.position, self.newest = offset + 1, time
        if self.behind is None:
            self.behind = time

    def ended(self, offset: int) -> None:
        """The log ends at `offset`, for now."""
        self.position = self.end = offset

    def inserted(self, offset: int) -> None:
        """Everything below `offset` is inserted."""
        self.safe = max(self.safe, offset)
        if self.safe >= self.position:
            self.behind = None if self.end >= self.position else self.newest

    def skip(self) -> None:
        """What is gone is given up: the oldest record there is comes next."""
        self.position = self.safe = UNKNOWN
        self.adrift = True

    def rewind(self) -> None:
        """What was read and not inserted will be read again."""
        self.position, self.adrift = self.safe, True
