"""Reconcile without end, at low priority: the table that was proven longest ago is next."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ops.reconcile.ledger import Name, last_proven
from ops.reconcile.pace import Pace
from ops.reconcile.passes import WINDOW_ROWS, Stage, TablePass, Tools, Window
from suoi.ids import AgencyId
from suoi.sources import Source

SHARE = 0.1
"""Of the rows per second that a source allows to be read."""
WINDOW_SECONDS = 4.0
EVERY = timedelta(hours=1)
"""How often a table is gone through, at most."""
LATER = timedelta(minutes=5)
"""When a table of which nothing can be said now is tried again."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Reconciler:
    """One table at a time; begins anew with a table whose pass was interrupted by a restart."""

    def __init__(self, tools: Tools, share: float = SHARE, every: timedelta = EVERY) -> None:
        self._tools, self._share, self._every = tools, share, every
        self._source: Source | None = None
        self._pass: TablePass | None = None
        self._pace = Pace(1)
        self._not_before: dict[Name, datetime] = {}

    def step(self, sources: Mapping[AgencyId, Source], budget: int = WINDOW_ROWS) -> Window | None:
        """One window of at most `budget` rows, without waiting for anything; None when nothing is due.

        Raises Transient when a source, the broker or the warehouse is away: the next step goes on from here.
        """
        if self._pass is None or self._source not in sources.values():
            self._next(sources)
        if self._pass is None:
            return None
        window = self._pass.step(min(budget, self._pace.window(WINDOW_SECONDS, WINDOW_ROWS)))
        if window.stage in (Stage.DONE, Stage.SKIPPED):
            self.leave()
        return window

    def leave(self) -> None:
        """Let this table be, for a while: the next step is about another one."""
        if self._pass is not None and self._source is not None:
            self._not_before[self._source.agency, self._pass.table] = self._tools.clock.now() + LATER
        self._source = self._pass = None

    def _next(self, sources: Mapping[AgencyId, Source]) -> None:
        self._source = self._pass = None
        now, proven = self._tools.clock.now(), last_proven(self._tools.warehouse)
        due = {
            (agency, key): proven.get((agency, table.name), _NEVER)
            for agency, source in sources.items()
            for key, table in source.tables.items()
            if self._due((agency, table.name), proven, now)
        }
        if not due:
            return
        agency, key = min(due, key=lambda name: due[name])
        self._source = sources[agency]
        self._pace = Pace(max(1.0, self._share * self._source.harm.snapshot_rows_per_second))
        self._pass = TablePass(self._tools, self._source, key, self._pace)

    def _due(self, name: Name, proven: Mapping[Name, datetime], now: datetime) -> bool:
        return now >= max(proven.get(name, _NEVER) + self._every, self._not_before.get(name, _NEVER))
