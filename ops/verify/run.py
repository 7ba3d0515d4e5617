"""Verify a running stack. Exact and live: changes go on, nothing is stopped.

1. snapshot  read every row as one snapshot of the source sees it, and where its log stood
2. wait      until the watermark of every table has passed that place; a table that was loaded meanwhile is read again
3. compare   with the newest version per key whose transaction that snapshot can see
4. again     what does not agree is looked at once more under a fresh snapshot, and only then called different
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from ops import complete
from ops.databases.kinds import of
from ops.databases.port import Moment, Reader
from ops.verify import history
from ops.verify.answer import TableVerdict
from ops.verify.compare import Difference, Key, Shape, Suspects, Texts, compare, digests, explain, key_of
from ops.verify.waiting import Waiting
from suoi.clock import Clock, until
from suoi.control import ControlTopic
from suoi.errors import Contract
from suoi.ids import AgencyId, Epoch
from suoi.settings import Settings
from suoi.sources import Source
from suoi.warehouse import Warehouse

MOST_EXPLAINED = 100
"""Differences told column by column, per table."""
Keys = frozenset[Key]


@dataclass(frozen=True, slots=True)
class Side:
    """The source side of one table, read and let go: a digest per key, whole rows only of keys to be explained."""

    name: str
    shape: Shape
    left_out: tuple[str, ...]
    rows: dict[Key, bytes]
    kept: Mapping[Key, Texts]


@dataclass(frozen=True, slots=True)
class Compared:
    """One table, compared once."""

    side: Side
    suspects: Suspects
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Verifier:
    """What every comparison needs; `patience` is how many seconds a watermark may take to pass a snapshot."""

    settings: Settings
    clock: Clock
    patience: float
    report: Callable[[str], None]

    def verify(self, source: Source, only: str | None = None) -> list[TableVerdict]:
        """One verdict per table of `source`, or for the one called `only` downstream.

        Raises Contract when the watermark does not come, UserError and Transient as the source and the warehouse do.
        """
        every: dict[str, Keys | None] = {key: None for key, t in source.tables.items() if only in (None, t.name)}
        with Warehouse(self.settings) as warehouse:
            first = self._compare(warehouse, source, every)
            doubtful: dict[str, Keys | None] = {one.side.name: k for one in first if (k := one.suspects.keys)}
            again = self._compare(warehouse, source, doubtful) if doubtful else []  # 4
            refused = complete.refused(warehouse)
        second = {one.side.name: one for one in again}
        return [_verdict(source, one, second.get(one.side.name), refused) for one in first]

    def _compare(self, warehouse: Warehouse, source: Source, names: Mapping[str, Keys | None]) -> list[Compared]:
        """A table that was loaded while it was waited for is newer than the snapshot: then all are read again."""
        while True:
            self.report(f"{source.agency}: reading {', '.join(names)} under one snapshot")
            epoch = epoch_of(self.settings, source.agency)
            with of(source, self.settings).snapshot(list(names), epoch) as reader:  # 1
                sides = [_read(reader, name, keys) for name, keys in names.items()]
                snapshot = reader.moment
            if not (loaded := self._wait(warehouse, source, names, snapshot)):  # 2
                return [_against(warehouse, source, side, names[side.name], snapshot) for side in sides]  # 3
            self.report(f"{source.agency}: {', '.join(sorted(loaded))} was loaded meanwhile")

    def _wait(self, warehouse: Warehouse, source: Source, names: Collection[str], snapshot: Moment) -> Set[str]:
        """Back when everything of `snapshot` has arrived; the tables that were being loaded until then."""
        self.report(f"{source.agency}: waiting until everything of that moment has arrived")
        tables = [source.tables[name].name for name in names]
        waiting = Waiting(source.agency, tables, snapshot, self.clock)

        def late() -> list[str]:
            return waiting.late(complete.read(warehouse))

        if not until(lambda: not late(), self.patience, self.clock, pause=0.25):
            raise Contract(
                f"{source.agency}.{', '.join(late())}: not complete up to the snapshot after {self.patience:.0f} s; "
                "`suoi status` says which stage is behind, --timeout waits longer"
            )
        return waiting.loaded


def epoch_of(settings: Settings, agency: AgencyId) -> Epoch:
    """The history that a source is in now. Raises Transient when the broker does not answer."""
    control = ControlTopic(settings)
    try:
        control.refresh()
        return control.state.epoch(agency)
    finally:
        control.close()


def _read(reader: Reader, name: str, keys: Keys | None) -> Side:
    shape, left_out = reader.shape(name)
    kept: dict[Key, Texts] = {}
    rows = _among(shape, reader.rows(name, shape), keys, kept)
    return Side(name, shape, left_out, digests(shape, rows), kept)


def _against(warehouse: Warehouse, source: Source, side: Side, keys: Keys | None, snapshot: Moment) -> Compared:
    table, shape = source.tables[side.name].name, side.shape
    kept: dict[Key, Texts] = {}
    found = history.rows(warehouse, source.agency, table, shape, snapshot)
    suspects = compare(shape, side.rows, _among(shape, found, keys, kept))
    told = [explain(shape, key, side.kept.get(key), kept.get(key)) for key in _explained(keys)]
    return Compared(side, suspects, tuple(difference for difference in told if difference))


def _among(shape: Shape, rows: Iterable[Texts], keys: Keys | None, kept: dict[Key, Texts]) -> Iterator[Texts]:
    """Only the rows of `keys` (all for None), some of them noted in `kept` on their way."""
    explained = frozenset(_explained(keys))
    for row in rows:
        key = key_of(shape, row)
        if keys is None or key in keys:
            if key in explained:
                kept[key] = row
            yield row


def _explained(keys: Keys | None) -> list[Key]:
    return sorted(keys or ())[:MOST_EXPLAINED]


def _verdict(
    source: Source, first: Compared, again: Compared | None, refused: Mapping[tuple[str, str], int]
) -> TableVerdict:
    table = source.tables[first.side.name].name
    found = again.suspects if again else None
    return TableVerdict(
        table=f"{source.agency}.{table}",
        source_rows=first.suspects.source_rows,
        warehouse_rows=first.suspects.warehouse_rows,
        missing=len(found.missing) if found else 0,
        extra=len(found.extra) if found else 0,
        different=len(found.different) if found else 0,
        refused=refused.get((source.agency, table), 0),
        not_compared=first.side.left_out,
        differences=again.differences if again else (),
    )
