"""One partition for as long as one assignment lasts. A new assignment makes a new object: that is the fence."""

from collections import deque
from threading import Condition

from confluent_kafka import OFFSET_BEGINNING, OFFSET_INVALID, TIMESTAMP_NOT_AVAILABLE, TopicPartition

from streams.transport.chunk import Chunk, State
from suoi.consumer import Record

Key = tuple[str, int]
"""Topic and partition number."""


class Partition:
    """Buffer, chunks in flight and positions; owned by the input thread. `now` is monotonic, `wall` is Unix time."""

    def __init__(self, topic: str, number: int, *, start: int, committed: int, now: float, wall: float) -> None:
        self.topic, self.number = topic, number
        self.position = start if start >= 0 else OFFSET_BEGINNING  # what is read next
        self.safe = start  # everything below is acknowledged; negative: nothing is known yet
        self.committed = self.marked = committed  # what the broker has confirmed, and our own mark of it
        self.waiting, self.size = deque[Record](), 0  # size in bytes
        self.flying = deque[Chunk]()
        self.served = self.moved = now  # last hand-out; last progress
        self.unread_since: float | None = None  # since when the log is known to go on behind `position`
        self.behind_since, self.caught_up = wall, False
        self.opened = False  # a chunk of it has been handed out since it came or was rewound
        self.held = self.paused = self.adrift = False  # adrift: the client must be sought to `position`
        self.holds = 0  # how many holds of the topic it has obeyed
        self.stopped = False  # the client has given it up after an error: it cannot be sought, only assigned again
        self.expired = ""  # what the broker said when `position` was gone from its log

    @property
    def key(self) -> Key:
        return self.topic, self.number

    @property
    def idle(self) -> bool:
        """Nothing is buffered or in flight."""
        return not self.flying and not self.waiting

    @property
    def lost(self) -> bool:
        """What the client delivers now is not what comes next."""
        return self.adrift or self.held

    def at(self, offset: int = OFFSET_INVALID) -> TopicPartition:
        """Coordinates for the client."""
        return TopicPartition(self.topic, self.number, offset)

    def take(self, record: Record, now: float) -> None:
        """Append the next record."""
        if self.idle:
            self.moved = now
        self.unread_since = None
        self.waiting.append(record)
        self.size += len(record)
        self.position, self.caught_up = record.offset() + 1, False

    def end(self, offset: int) -> None:
        """The log ends here, transaction markers included."""
        self.position, self.caught_up = offset, True

    def hand_out(self, records: int, size: int, changed: Condition, now: float) -> Chunk:
        """Cut the next chunk off the buffer; it flies from now on."""
        self.served, self.moved = now, self.moved if self.flying else now
        self.flying.append(Chunk(self.topic, self.number, self._cut(records, size), changed, not self.opened))
        self.opened = True
        return self.flying[-1]

    def _cut(self, records: int, size: int) -> list[Record]:
        taken: list[Record] = []
        while self.waiting and len(taken) < records and size > 0:
            taken.append(self.waiting.popleft())
            size, self.size = size - len(taken[-1]), self.size - len(taken[-1])
        return taken

    def settle(self, now: float) -> None:
        """The safe position follows the acknowledged prefix; with nothing open, the read position."""
        while self.flying and self.flying[0].state is State.ACKED:
            chunk = self.flying.popleft()
            self.safe, self.moved, self.behind_since = chunk.last + 1, now, born(chunk.records[-1], self.behind_since)
        if self.idle and self.position >= 0:
            self.safe = self.position

    def rewind(self, wall: float) -> None:
        """Give up what is buffered and in flight: the first unacknowledged record is read next."""
        self.behind_since, self.caught_up = wall - self.lag(wall), False
        for chunk in self.flying:
            chunk.fence()
        if (first := self._unsettled()) is not None:
            self.position = first.offset()
        self.flying.clear()
        self.waiting.clear()
        self.size, self.adrift, self.opened = 0, True, False

    def skip(self) -> None:
        """What is gone is given up: the oldest record there is comes next."""
        self.position = OFFSET_BEGINNING

    def lag(self, wall: float) -> float:
        """Age in seconds of the oldest unprocessed record; 0 when there is none."""
        if (first := self._unsettled()) is not None:
            return max(0.0, wall - born(first, wall))
        return 0.0 if self.caught_up else max(0.0, wall - self.behind_since)

    def _unsettled(self) -> Record | None:
        if self.flying:
            return self.flying[0].records[0]
        return self.waiting[0] if self.waiting else None

    def __repr__(self) -> str:
        return f"{self.topic}[{self.number}]"


def born(record: Record, otherwise: float) -> float:
    """The Kafka timestamp of a record as Unix time in seconds, if it has one."""
    kind, milliseconds = record.timestamp()
    return otherwise if kind == TIMESTAMP_NOT_AVAILABLE else milliseconds / 1000
