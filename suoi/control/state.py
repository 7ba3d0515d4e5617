"""Everything that is decided, at one moment. Frozen; a new moment is a new object."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from suoi.control.records import WITHHOLDING, Capture, Epoch, Load, Order, Record, Shape, Stage
from suoi.ids import AgencyId, TableName, Topic
from suoi.ids import Epoch as EpochNumber
from suoi.position import FIRST_EPOCH

T = TypeVar("T", Epoch, Shape, Order, Load, Capture)
Starts = Mapping[Topic, Mapping[int, tuple[tuple[int, EpochNumber], ...]]]
"""Topic → partition → (first offset, epoch), highest offset first."""


@dataclass(frozen=True, slots=True)
class Control:
    """By key of the record; made by `control`."""

    records: Mapping[str, Record] = field(default_factory=dict)
    starts: Starts = field(default_factory=dict)

    def epochs(self, agency: AgencyId) -> tuple[Epoch, ...]:
        """The histories of a source, oldest first."""
        return tuple(sorted(self._of(Epoch, agency), key=lambda epoch: epoch.number))

    def epoch(self, agency: AgencyId) -> EpochNumber:
        """The number of the history that the source is in now."""
        known = self.epochs(agency)
        return known[-1].number if known else FIRST_EPOCH

    def identity(self, agency: AgencyId, number: EpochNumber) -> str:
        """Which database history `number` is of; empty when nobody has asked yet."""
        return next((epoch.identity for epoch in self.epochs(agency) if epoch.number == number), "")

    def epoch_at(self, topic: Topic, partition: int, offset: int) -> EpochNumber:
        """The history that a raw record belongs to."""
        if (starts := self.starts.get(topic)) is None:
            return FIRST_EPOCH
        known = starts.get(partition, ())
        return next((number for first, number in known if offset >= first), FIRST_EPOCH)

    def shapes(self, agency: AgencyId) -> list[Shape]:
        """What the rows of the agency's tables cover."""
        return list(self._of(Shape, agency))

    def shape(self, agency: AgencyId, table: TableName) -> Shape | None:
        """What the rows of the table cover."""
        return next((shape for shape in self._of(Shape, agency) if shape.table == table), None)

    def order(self, agency: AgencyId, table: TableName) -> Order | None:
        """What was ordered last for the table."""
        return next((order for order in self._of(Order, agency) if order.table == table), None)

    def paused(self, agency: AgencyId, table: TableName) -> bool:
        """Whether the table is to rest."""
        order = self.order(agency, table)
        return order is not None and order.paused

    def loads(self, agency: AgencyId) -> tuple[Load, ...]:
        """The loads of a source, in the order in which they were requested."""
        return tuple(sorted(self._of(Load, agency), key=lambda load: (load.requested, load.id)))

    def withheld(self, agency: AgencyId, table: TableName) -> Load | None:
        """The load without which the table is not whole."""
        mine = (load for load in self.loads(agency) if load.table == table)
        return next((load for load in mine if load.under_way and load.why in WITHHOLDING), None)

    def made_whole(self, agency: AgencyId, table: TableName) -> Load | None:
        """The last load that the table was withheld for."""
        mine = (load for load in self.loads(agency) if load.table == table and load.why in WITHHOLDING)
        return max((load for load in mine if load.stage is Stage.DONE), key=lambda load: load.time, default=None)

    def capture(self, agency: AgencyId) -> Capture | None:
        """Whether we let go of the source."""
        return next(self._of(Capture, agency), None)

    def _of(self, kind: type[T], agency: AgencyId) -> Iterator[T]:
        for record in self.records.values():
            if isinstance(record, kind) and record.agency == agency:
                yield record


def control(records: Iterable[Record]) -> Control:
    """The state that `records`, one per key, amount to."""
    by_key = {record.key: record for record in records}
    return Control(by_key, _starts(by_key.values()))


def _starts(records: Iterable[Record]) -> Starts:
    found: dict[Topic, dict[int, list[tuple[int, EpochNumber]]]] = {}
    for epoch in records:
        if isinstance(epoch, Epoch):
            for topic, partitions in epoch.starts.items():
                for partition, first in partitions.items():
                    found.setdefault(topic, {}).setdefault(partition, []).append((first, epoch.number))
    # By number, not by offset: should a repeated attempt have left two starts, the newer history wins where it starts.
    return {
        topic: {partition: tuple(sorted(starts, key=_newest_first)) for partition, starts in partitions.items()}
        for topic, partitions in found.items()
    }


def _newest_first(start: tuple[int, EpochNumber]) -> int:
    return -start[1]
