"""Tables that are held: they give back what they have and stay paused, over rebalances too, until they are released."""

from collections.abc import Mapping

from streams.transport.gauges import Gauges
from streams.transport.orders import Orders
from streams.transport.partition import Key, Partition
from suoi.clock import Clock
from suoi.errors import Contract, Place, Reason


class Holding:
    """Owned by the input thread: makes the partitions `mine` agree with what was ordered."""

    def __init__(self, mine: Mapping[Key, Partition], orders: Orders, gauges: Gauges, clock: Clock) -> None:
        self._mine, self._orders, self._gauges, self._clock = mine, orders, gauges, clock
        self.topics = frozenset[str]()

    def obey(self) -> None:
        """Hold what has expired or is to be held, release what is not; newly assigned partitions included."""
        for partition in self._mine.values():
            if partition.expired and partition.idle and not partition.held:
                self._orders.hold(partition.topic, expired(partition))
        self._report(frozenset(self._orders.held()))
        holds = self._orders.holds()
        for partition in self._mine.values():
            if partition.holds != holds.get(partition.topic, 0):
                self._give_back(partition, holds[partition.topic])
            if partition.held != (partition.topic in self.topics):
                self._turn(partition)
        self._orders.obeyed({p.topic for p in self._mine.values() if not p.held})

    def _report(self, topics: frozenset[str]) -> None:
        for topic in self.topics ^ topics:
            self._gauges.held(topic, topic in topics)
        self.topics = topics

    def _give_back(self, partition: Partition, holds: int) -> None:
        partition.holds = holds
        partition.settle(self._clock.monotonic())
        partition.rewind(self._clock.now().timestamp())

    def _turn(self, partition: Partition) -> None:
        partition.held = not partition.held
        if partition.held:
            return
        if partition.expired and self._orders.accept_gap(partition.topic):
            partition.skip()
        partition.expired = ""


def expired(partition: Partition) -> Contract:
    """The group's next offset is gone: this table stops, nothing is skipped silently."""
    message = f"the group's next offset is not in the log any more ({partition.expired}): reload the table, release it"
    return Contract(message, reason=Reason.EXPIRED_OFFSET, place=Place("transport", *partition.key, partition.position))
