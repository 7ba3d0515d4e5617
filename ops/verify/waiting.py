"""Which tables lack something that a snapshot of their source saw, and when waiting for them is in vain."""

from collections.abc import Iterable, Mapping, Sequence

from ops import complete
from ops.complete import Name
from ops.databases.port import Moment
from suoi.change import TableState, Watermark
from suoi.clock import Clock
from suoi.errors import Contract
from suoi.ids import AgencyId
from suoi.position import unpack

RESTART_SECONDS = 20.0
"""How long a table may look paused: the guard stops a connector and starts it afresh without anybody's order."""


class Waiting:
    """For `tables` of one agency, whose source `snapshot` has seen."""

    def __init__(self, agency: AgencyId, tables: Sequence[str], snapshot: Moment, clock: Clock) -> None:
        self._agency, self._tables, self._snapshot, self._clock = agency, tables, snapshot, clock
        self._paused: dict[str, float] = {}
        self.loaded: set[str] = set()
        """The tables that were being loaded at some time."""

    def late(self, marks: Mapping[Name, Watermark]) -> list[str]:
        """The tables that have not arrived by their watermarks. Raises Contract for one that will not."""
        found = {table: marks.get((self._agency, table)) for table in self._tables}
        behind = {table: mark for table, mark in found.items() if not _arrived(mark, self._snapshot)}
        known = [mark for mark in behind.values() if mark]
        self.loaded.update(mark.table for mark in known if mark.state is TableState.LOADING)
        self._refuse_halted(known)
        self._refuse_another_history(known)
        return list(behind)

    def _refuse_halted(self, behind: Iterable[Watermark]) -> None:
        now, before = self._clock.monotonic(), self._paused
        self._paused = {mark.table: before.get(mark.table, now) for mark in behind if mark.state is TableState.PAUSED}
        for mark in behind:
            paused = now - self._paused.get(mark.table, now)
            if mark.state is TableState.STOPPED or paused > RESTART_SECONDS:
                raise Contract(
                    f"{self._agency}.{mark.table} is {mark.state.value}: it does not get any further; see suoi status"
                )

    def _refuse_another_history(self, behind: Iterable[Watermark]) -> None:
        for mark in behind:
            if mark.position and unpack(mark.position).epoch > self._snapshot.epoch:
                raise Contract(
                    f"{self._agency}.{mark.table}: the source has begun history {unpack(mark.position).epoch} while "
                    f"history {self._snapshot.epoch} was compared; verify again"
                )


def _arrived(mark: Watermark | None, snapshot: Moment) -> bool:
    """Whether the warehouse holds all that `snapshot` sees: a table that is being loaded lacks something."""
    complete_there = complete.complete_past(mark, snapshot)
    return complete_there and mark is not None and mark.state is not TableState.LOADING
