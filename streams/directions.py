"""What was ordered for the tables of this worker: which rest, which records are given up, which may try again. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from streams.topology import Flow
from suoi.change import Coordinates
from suoi.control import Control, Order
from suoi.errors import Contract, Place, Reason
from suoi.ids import Topic

_STAGE = "process"


@dataclass(frozen=True, slots=True)
class Directions:
    """Raw topic → the newest order for its table."""

    orders: Mapping[Topic, Order]

    def resting(self) -> dict[Topic, Contract]:
        """The topics of paused tables, and why."""
        return {topic: _paused(topic, order) for topic, order in self.orders.items() if order.paused}

    def given_up(self) -> frozenset[Coordinates]:
        """Records that become dead letters, whatever they are."""
        return frozenset(
            Coordinates(topic, partition, offset)
            for topic, order in self.orders.items()
            for partition, offset in order.skipped
        )

    def retried(self, before: "Directions") -> Iterator[tuple[Topic, Order]]:
        """Topics for which something was ordered since `before` that lets them go on."""
        for topic, order in self.orders.items():
            if not order.paused and order != before.orders.get(topic):
                yield topic, order


def directions(flows: Iterable[Flow], control: Control) -> Directions:
    """The orders that concern `flows`."""
    found = {flow.raw: control.order(flow.source.agency, flow.table.name) for flow in flows}
    return Directions({topic: order for topic, order in found.items() if order is not None})


def _paused(topic: Topic, order: Order) -> Contract:
    why = f": {order.reason}" if order.reason else ""
    return Contract(f"paused by {order.author}{why}", reason=Reason.PAUSED, place=Place(_STAGE, topic))
