"""After the last commit: everything arrives by itself, nothing waits any more, and the watermark goes on moving."""

from collections.abc import Mapping, Sequence
from functools import partial

from ops import complete
from ops.barriers import Barriers
from ops.complete import Name
from ops.marks import past
from suoi.change import TableState, Watermark
from suoi.clock import Clock, until
from suoi.errors import SuoiError, Transient
from suoi.ids import Topic, Version
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import CONFORM_GROUP, SINK_GROUP, conformed_topic, corrections_topic, raw_topic
from suoi.warehouse import Warehouse

LAG_SECONDS = 120.0
"""Within which nothing may wait any more."""
MOVES_SECONDS = 60.0
"""Within which the watermark of every table has to move on, twice."""


def marks_now(settings: Settings) -> Mapping[Name, Watermark]:
    """The current watermarks; none while the warehouse is away."""
    try:
        with Warehouse(settings) as warehouse:
            return complete.read(warehouse)
    except SuoiError:
        return {}


def lacking(source: Source, marks: Mapping[Name, Watermark], position: Version) -> list[str]:
    """The tables that are not live and complete up to `position`, each with why."""
    lines = []
    for table in source.tables.values():
        mark = marks.get((source.agency, table.name))
        if mark is None:
            lines.append(f"{table.name} has no watermark")
        elif mark.state is not TableState.LIVE or mark.position < position:
            lines.append(f"{table.name} is {mark.state.value}, complete up to {mark.time:%H:%M:%S}")
    return lines


def arrives(source: Source, settings: Settings, clock: Clock, position: Version, patience: float) -> list[str]:
    """Wait until every table is complete up to `position`; a finding per table that is not."""
    missing: list[str] = []

    def all_there() -> bool:
        missing[:] = lacking(source, marks_now(settings), position)
        return not missing

    until(all_there, patience, clock, pause=0.25)
    return [f"stalled: {line} {patience:.0f} s after the last commit" for line in missing]


def drains(source: Source, settings: Settings, clock: Clock) -> list[str]:
    """Wait until both groups have committed over everything; a finding per topic where something waits."""
    barriers, waiting = Barriers(settings), list[str]()

    def drained() -> bool:
        try:
            waiting[:] = _waiting(barriers, source)
        except Transient:
            return False
        return not waiting

    try:
        until(drained, LAG_SECONDS, clock, pause=0.5)
    finally:
        barriers.close()
    return [f"stalled: {line} after {LAG_SECONDS:.0f} s" for line in waiting]


def moves(source: Source, settings: Settings, clock: Clock) -> list[str]:
    """The watermark of every table moves on twice though nothing happens at the source; a finding when it does not."""
    findings: list[str] = []
    for _ in range(2):
        ahead = partial(_is_ahead, source, settings, marks_now(settings))
        if not findings and not until(ahead, MOVES_SECONDS, clock, pause=0.5):
            findings.append(f"the watermark stands still for {MOVES_SECONDS:.0f} s after the end")
    return findings


def _is_ahead(source: Source, settings: Settings, before: Mapping[Name, Watermark]) -> bool:
    after = marks_now(settings)
    names: list[Name] = [(source.agency, table.name) for table in source.tables.values()]
    return all(n in before and n in after and after[n].position > before[n].position for n in names)


def _waiting(barriers: Barriers, source: Source) -> list[str]:
    agency, tables = source.agency, source.tables.items()
    raw = [raw_topic(source, key) for key, _ in tables]
    out = [of(agency, table.name) for _, table in tables for of in (conformed_topic, corrections_topic)]
    return [*_behind(barriers, CONFORM_GROUP, raw), *_behind(barriers, SINK_GROUP, out)]


def _behind(barriers: Barriers, group: str, topics: Sequence[Topic]) -> list[str]:
    barriers.have(topics)
    ends, committed = barriers.ends(topics), barriers.committed(group, topics)
    late = [topic for topic in topics if not past(committed.get(topic, {}), ends.get(topic, {}))]
    return [f"{group} has not committed over {topic}" for topic in late]
