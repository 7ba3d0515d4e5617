"""Is it well? Observations in, verdict out: what is wrong, since when, and the next command. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_GOOD_SERVICE = "healthy"
_GOOD_CONNECTOR = "RUNNING"
_HALTED = frozenset(("PAUSED", "STOPPED"))
_BY_ITSELF = "see to it there; capture goes on by itself as soon as it answers"


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One table of one agency; lags in seconds per stage, None where no worker says anything."""

    agency: str
    table: str
    state: str
    promise: int
    last_commit: datetime | None = None
    complete_up_to: datetime | None = None
    freshness: float | None = None
    rows_per_second: float = 0.0
    process_lag: float | None = None
    serve_lag: float | None = None
    refused: int = 0
    since: datetime | None = None
    """When the table took on its state; known only when that is not live."""
    held: str = ""
    """Why it is stopped or rests, in the words of who holds it."""
    load: str = ""
    """The load that is under way, in words."""

    @property
    def name(self) -> str:
        """`<agency>.<table>`"""
        return f"{self.agency}.{self.table}"


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything `status` looks at."""

    at: datetime
    tables: Sequence[TableStatus] = ()
    services: Mapping[str, str] = field(default_factory=dict)
    connectors: Mapping[str, str] = field(default_factory=dict)
    """Agency → state of its connector, `FAILED: why` included; `absent` when there is none."""
    halted: Mapping[str, str] = field(default_factory=dict)
    """Agency → why we let go of it."""
    returning: frozenset[str] = frozenset()
    """Those of them that are taken up again by themselves."""
    unreachable: Sequence[str] = ()
    notes: Sequence[str] = ()
    """What people should know of this stack though nothing is wrong."""
    away: Mapping[str, str] = field(default_factory=dict)
    """Agency → why the guard could not ask its database."""
    unreadable: Sequence[str] = ()
    """The mistakes of active source files: whoever runs goes on with what was read before, whoever starts leaves them
    out."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not well."""

    what: str
    reason: str
    next: str
    since: datetime | None = None


def judge(seen: Observed) -> tuple[Problem, ...]:
    """Every problem, causes before their effects; none when all is well."""
    return (*_files(seen), *_neighbours(seen), *_services(seen), *_connectors(seen), *_tables(seen))


def _files(seen: Observed) -> Iterator[Problem]:
    for line in seen.unreadable:
        yield Problem("source file", line, "mend it, then suoi source add <file>")


def _neighbours(seen: Observed) -> Iterator[Problem]:
    for line in seen.unreachable:
        yield Problem("stack", line, "suoi up")


def _services(seen: Observed) -> Iterator[Problem]:
    for name, state in seen.services.items():
        if state != _GOOD_SERVICE:
            yield Problem(f"service {name}", f"is {state}", "suoi doctor")


def _connectors(seen: Observed) -> Iterator[Problem]:
    for agency, reason in seen.halted.items():
        back = "suoi status --watch: it comes back by itself" if agency in seen.returning else _way_back(agency)
        yield Problem(f"capture of {agency}", f"is halted: {reason}", back)
    for agency, why in seen.away.items():
        if agency not in seen.halted:
            yield Problem(f"database of {agency}", f"cannot be asked: {why}", _BY_ITSELF)
    for agency, state in seen.connectors.items():
        if agency in seen.halted or (agency in seen.away and state not in _HALTED):
            continue
        if state in _HALTED:
            yield Problem(f"capture of {agency}", f"is {state.lower()}", f"suoi source resume {agency}")
        elif state != _GOOD_CONNECTOR:
            yield Problem(f"capture of {agency}", f"is {state}", "suoi doctor")


def _tables(seen: Observed) -> Iterator[Problem]:
    if not (seen.tables or seen.unreachable or seen.unreadable):
        yield Problem("sources", "none is active", "suoi up, or suoi source add <file>")
    for table in seen.tables:
        if table.state == "stopped":
            if table.agency not in seen.halted:
                yield _stopped(table)
        elif table.state == "paused" and table.held:
            yield Problem(table.name, f"is {table.held}", f"suoi table resume {table.name}", table.since)
        elif table.state == "loading":
            why = table.load or "no complete position yet"
            yield Problem(table.name, f"is loading: {why}", "suoi status --watch", table.since)
        elif table.freshness is not None and table.freshness > table.promise and table.agency not in seen.away:
            yield _late(table, table.freshness)


def _stopped(table: TableStatus) -> Problem:
    """A table that one record stops can go on without it."""
    way = f"suoi table resume {table.name} tries again, suoi table skip {table.name} gives the record up"
    held = table.held or "held back by a worker"
    return Problem(table.name, f"is stopped: {held}", way if "]@" in held else "suoi doctor", table.since)


def _way_back(agency: str) -> str:
    return f"suoi source new-epoch {agency} --why <what happened>, or suoi source resume {agency} when all is as it was"


def _late(table: TableStatus, freshness: float) -> Problem:
    since = table.complete_up_to + timedelta(seconds=table.promise) if table.complete_up_to else None
    behind = f"is complete only up to {freshness:.0f} s ago, promised are {table.promise} s"
    return Problem(table.name, f"{behind}{_slowest(table)}", "suoi doctor", since)


def _slowest(table: TableStatus) -> str:
    lags = {"process": table.process_lag or 0.0, "serve": table.serve_lag or 0.0}
    stage = max(lags, key=lambda name: lags[name])
    return f"; {stage} is {lags[stage]:.0f} s behind" if lags[stage] >= 1 else "; nothing waits in process or serve"
