"""Loads that nobody has to ask for: of tables that look different from what their rows cover."""

import logging
from collections.abc import Iterator

from ops.databases.kinds import of
from ops.databases.values import Sight
from ops.guard.loads import a_load, whole_under_way
from ops.guard.shapes import change, partitions
from ops.marks import Beat
from suoi.clock import Clock
from suoi.control import ControlTopic, Load, Shape, Stage, Why
from suoi.settings import Settings
from suoi.sources import Source

log = logging.getLogger(__name__)
AUTHOR = "guard"


class ShapeWatch:
    """Compares what the heartbeats say of the tables with what their rows cover."""

    def __init__(self, settings: Settings, control: ControlTopic, clock: Clock) -> None:
        self._settings, self._control, self._clock = settings, control, clock

    def visit(self, source: Source, sight: Sight, beat: Beat) -> None:
        """Note the shapes that cost nothing, request a load for the others. Raises Transient."""
        if news := list(self._news(source, sight, beat)):
            self._control.publish(*news)
            self._control.refresh()

    def _news(self, source: Source, sight: Sight, beat: Beat) -> Iterator[Shape | Load]:
        decided, agency, now = self._control.state, source.agency, self._clock.now()
        for key, table in source.tables.items():
            covered, seen = decided.shape(agency, table.name), sight.shapes.get(key)
            load = whole_under_way(decided, agency, table.name)
            if load is not None and (load.stage is Stage.REQUESTED or load.shape == beat.shapes.get(key)):
                continue  # it will cover the shape
            if covered is not None and seen is not None and covered.hash == seen.hash and covered.columns:
                continue
            found = change(key, covered, beat, seen, self._empty(source, sight, key, covered))
            if found is None or seen is None:
                continue
            if found.taken_over:
                yield Shape(agency=agency, table=table.name, hash=seen.hash, columns=seen.columns, time=now)
            else:
                log.warning("%s.%s: %s; its rows are read again", agency, table.name, found.detail)
                yield a_load(agency, table.name, Why.SHAPE, now, AUTHOR)

    def _empty(self, source: Source, sight: Sight, key: str, covered: Shape | None) -> list[str]:
        """The partitions that have come and hold no row."""
        seen = sight.shapes.get(key)
        came = partitions([line for line in seen.columns if line not in covered.columns]) if seen and covered else []
        return of(source, self._settings).empty(key, came) if came else []
