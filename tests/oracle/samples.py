"""Moments of the past asked for while life goes on: `as_of` a heartbeat, as soon as a watermark promises it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from oracle.model import Truth
from oracle.served import Compared, as_of
from oracle.workload import Beat

from ops.complete import Name
from ops.verify.compare import Difference
from suoi.change import TableState, Watermark
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
    _asked: set[tuple[int, str]] = field(default_factory=set)
    _wrong: set[str] = field(default_factory=set)

    def ask(
        self, warehouse: Warehouse, beats: Mapping[Beat, Version], marks: Mapping[Name, Watermark], most: int
    ) -> None:
        """Compare up to `most` promised moments that were not asked for yet, newest first. Raises Transient."""
        for beat, position, table in list(self._promised(beats, marks))[:most]:
            found = as_of(warehouse, self.agency, table, self.truth.tables[table], beat.commit, position)
            self._asked.add((beat.ts_micros, table))
            self._note(found, table, beat, position)

    def again(self, warehouse: Warehouse, beat: Beat, position: Version) -> None:
        """Every table once more: what was true of the past stays true."""
        for table, truth in self.truth.tables.items():
            found = as_of(warehouse, self.agency, table, truth, beat.commit, position)
            self._note(found, table, beat, position)

    def waiting(self, beats: Mapping[Beat, Version]) -> int:
        """How many comparisons are still to be made, promised or not."""
        return len(beats) * len(self.truth.tables) - len(self._asked)

    def _promised(
        self, beats: Mapping[Beat, Version], marks: Mapping[Name, Watermark]
    ) -> Iterator[tuple[Beat, Version, str]]:
        for beat, position in sorted(beats.items(), key=lambda pair: -pair[1]):
            for table in self.truth.tables:
                mark = marks.get((self.agency, table))
                if mark is None or mark.state is not TableState.LIVE or mark.position < position:
                    continue
                if (beat.ts_micros, table) not in self._asked:
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
