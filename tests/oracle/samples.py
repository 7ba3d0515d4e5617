"""Moments of the past asked for while life goes on: `as_of` a heartbeat, as soon as a watermark promises it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from oracle.model import Truth
from oracle.promises import Promise, promises
from oracle.served import Compared, as_of
from oracle.workload import Beat

from ops.verify.compare import Difference
from suoi.ids import Version
from suoi.position import to_hex
from suoi.warehouse import Warehouse


@dataclass
class Samples:
    """Which heartbeats were promised for which tables, and what the warehouse said of them."""

    agency: str
    truth: Truth
    findings: list[str] = field(default_factory=list)
    rows: int = 0
    compared: int = 0
    withheld: int = 0
    """Moments that a load made unknowable, counted by `unpromised`."""
    _asked: set[tuple[int, str]] = field(default_factory=set)
    _wrong: set[str] = field(default_factory=set)

    def ask(self, warehouse: Warehouse, beats: Mapping[Beat, Version], most: int) -> None:
        """Compare up to `most` promised moments that were not asked for yet, newest first. Raises as the warehouse."""
        kept = promises(warehouse, self.agency)
        for beat, position, table in list(self._promised(beats, kept))[:most]:
            found = as_of(warehouse, self.agency, table, self.truth.tables[table], beat.commit, position)
            self._asked.add((beat.ts_micros, table))
            self._note(found, table, beat, position)

    def again(self, warehouse: Warehouse, beat: Beat, position: Version) -> None:
        """Every table that was asked for once more: what was true of the past stays true."""
        for table, truth in self.truth.tables.items():
            if (beat.ts_micros, table) in self._asked:
                found = as_of(warehouse, self.agency, table, truth, beat.commit, position)
                self._note(found, table, beat, position)

    def unpromised(self, warehouse: Warehouse, beats: Mapping[Beat, Version]) -> int:
        """How many moments of tables no watermark has promised, though no load withholds them."""
        kept = promises(warehouse, self.agency)
        places = [(kept.get(table, Promise()), at) for at in beats.values() for table in self.truth.tables]
        self.withheld = sum(one.withholds(at) for one, at in places)
        return sum(not one.holds(at) and not one.withholds(at) for one, at in places)

    def _promised(
        self, beats: Mapping[Beat, Version], kept: Mapping[str, Promise]
    ) -> Iterator[tuple[Beat, Version, str]]:
        for beat, position in sorted(beats.items(), key=lambda pair: -pair[1]):
            for table in self.truth.tables:
                if (beat.ts_micros, table) not in self._asked and kept.get(table, Promise()).holds(position):
                    yield beat, position, table

    def _note(self, found: Compared, table: str, beat: Beat, position: Version) -> None:
        self.rows += found.rows
        self.compared += 1
        if found.differ and table not in self._wrong:  # one broken table would tell the same at every moment
            self._wrong.add(table)
            told = "; ".join(map(_told, found.differences))
            moment = f"{table} as of {to_hex(position)} (commit {beat.commit})"
            self.findings.append(f"{moment}: {found.differ} of {found.rows} rows differ: {told}")


def _told(one: Difference) -> str:
    columns = [f"{name}: {ours!r:.60} held {theirs!r:.60}" for name, (ours, theirs) in one.columns.items()]
    return f"[{', '.join(one.key)}] {one.kind} {', '.join(columns)}".rstrip()
