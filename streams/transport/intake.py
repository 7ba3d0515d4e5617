"""The input thread's work, round by round; it alone owns the consumer and the partitions.

1. obey      subscribe to what is wanted; held topics give back what they have, released ones go on
2. read      into one buffer per partition; rebalances are served inside
3. settle    the commit position follows the acknowledged *prefix*; with nothing open, the read position
4. hand out  chunks bounded in records and bytes, `max_flying` at a time, each partition in order, least served first
5. commit    every `commit_seconds`; our own marks follow every `mark_seconds`
6. watch     nothing moved for `stall_seconds` while there was something to do: Bug, and the process ends
"""

from collections.abc import Callable, Mapping
from threading import Condition
from typing import Any

from streams.transport.assignment import Assignment
from streams.transport.chunk import Chunk
from streams.transport.commit import Committer
from streams.transport.consumer import Connect, configuration
from streams.transport.gauges import Gauges
from streams.transport.holding import Holding
from streams.transport.limits import Limits
from streams.transport.marks import Marks
from streams.transport.orders import Orders
from streams.transport.partition import Key, Partition
from streams.transport.reader import Reader
from streams.transport.watch import watch
from suoi.clock import Clock


class Intake:
    """Everything between the consumer and `deliver`; create, call and close it in one thread."""

    def __init__(
        self,
        config: Mapping[str, Any],
        orders: Orders,
        deliver: Callable[[Chunk], None],
        *,
        changed: Condition,
        marks: Marks,
        limits: Limits,
        gauges: Gauges,
        clock: Clock,
        connect: Connect,
    ) -> None:
        self.mine: dict[Key, Partition] = {}
        self._orders, self._deliver, self._changed = orders, deliver, changed
        self._marks, self._limits, self._gauges, self._clock = marks, limits, gauges, clock
        self._committer = Committer(self.mine, marks, gauges)
        self._consumer = connect(configuration(config, self._committer.confirmed))
        self._assignment = Assignment(self.mine, self._committer, marks, changed, clock, gauges)
        self._holding = Holding(self.mine, orders, gauges, clock)
        self._reader = Reader(self._consumer, self.mine, changed, limits, clock)
        self._subscribed = frozenset[str]()
        self._commit_due = self._mark_due = clock.monotonic()

    def round(self, drain_seconds: float) -> None:
        """One round of the six steps; a revoke inside may take `drain_seconds`."""
        self._assignment.drain_seconds = drain_seconds
        self._obey()
        self._reader.read()
        self._settle()
        self._hand_out()
        if self._clock.monotonic() >= self._commit_due:
            self._commit_due = self._clock.monotonic() + self._limits.commit_seconds
            self._commit()
            watch(self._consumer, self.mine.values(), self._clock.monotonic(), self._limits.stall_seconds)

    def leave(self, drain_seconds: float) -> None:
        """The orderly end: chunks in flight may finish, what is acknowledged is committed."""
        self._assignment.drain_seconds = drain_seconds
        self._assignment.leave(self._consumer)

    def close(self) -> None:
        """Leave the group; nothing is committed any more."""
        self._assignment.abandon()
        self._consumer.close()
        self._marks.close()

    def _obey(self) -> None:
        if (topics := self._orders.topics()) != self._subscribed:
            self._subscribe(topics)
        self._holding.obey()
        self._reader.steer()

    def _subscribe(self, topics: frozenset[str]) -> None:
        self._subscribed = topics
        if not topics:
            return self._consumer.unsubscribe()
        own = self._assignment
        return self._consumer.subscribe(sorted(topics), own.assigned, own.revoked, own.lost)

    def _settle(self) -> None:
        now = self._clock.monotonic()
        for partition in self.mine.values():
            partition.settle(now)

    def _hand_out(self) -> None:
        for _ in range(self._limits.max_flying - self._flying()):
            if not (ready := [p for p in self.mine.values() if p.waiting and p.topic not in self._holding.topics]):
                return
            partition = min(ready, key=lambda p: p.served)
            chunk = partition.hand_out(
                self._limits.chunk_records, self._limits.chunk_bytes, self._changed, self._clock.monotonic()
            )
            self._gauges.records(chunk.topic, len(chunk.records))
            self._deliver(chunk)

    def _commit(self) -> None:
        self._committer.commit(self._consumer, self.mine.values(), wait=False)
        if self._clock.monotonic() >= self._mark_due:
            self._mark_due = self._clock.monotonic() + self._limits.mark_seconds
            self._committer.mark(self.mine.values())
        self._report()

    def _report(self) -> None:
        wall = self._clock.now().timestamp()
        for topic in {p.topic for p in self.mine.values()}:
            self._gauges.lag(topic, max(p.lag(wall) for p in self.mine.values() if p.topic == topic))
        self._gauges.flying(self._flying())

    def _flying(self) -> int:
        return sum(len(p.flying) for p in self.mine.values())
