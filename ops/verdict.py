"""Is it well? Observations in, verdict out: what is wrong, since when, and the next command. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_GOOD_SERVICE = "healthy"
_GOOD_CONNECTOR = "RUNNING"
_HALTED = frozenset(("PAUSED", "STOPPED"))


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
    """Why it is stopped, in the words of the worker that holds it."""

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
    unreachable: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not well."""

    what: str
    reason: str
    next: str
    since: datetime | None = None


def judge(seen: Observed) -> tuple[Problem, ...]:
    """Every problem, causes before their effects; none when all is well."""
    return (*_neighbours(seen), *_services(seen), *_connectors(seen), *_tables(seen))


def _neighbours(seen: Observed) -> Iterator[Problem]:
    for line in seen.unreachable:
        yield Problem("stack", line, "suoi up")


def _services(seen: Observed) -> Iterator[Problem]:
    for name, state in seen.services.items():
        if state != _GOOD_SERVICE:
            yield Problem(f"service {name}", f"is {state}", "suoi doctor")


def _connectors(seen: Observed) -> Iterator[Problem]:
    for agency, state in seen.connectors.items():
        if state in _HALTED:
            yield Problem(f"capture of {agency}", f"is {state.lower()}", f"suoi source resume {agency}")
        elif state != _GOOD_CONNECTOR:
            yield Problem(f"capture of {agency}", f"is {state}", "suoi doctor")


def _tables(seen: Observed) -> Iterator[Problem]:
    if not seen.tables and not seen.unreachable:
        yield Problem("sources", "none is active", "suoi up, or suoi source add <file>")
    for table in seen.tables:
        if table.state == "stopped":
            yield Problem(
                table.name, f"is stopped: {table.held or 'held back by a worker'}", "suoi doctor", table.since
            )
        elif table.state == "loading":
            yield Problem(table.name, "is loading: no complete position yet", "suoi status --watch", table.since)
        elif table.freshness is not None and table.freshness > table.promise:
            yield _late(table, table.freshness)


def _late(table: TableStatus, freshness: float) -> Problem:
    since = table.complete_up_to + timedelta(seconds=table.promise) if table.complete_up_to else None
    behind = f"is complete only up to {freshness:.0f} s ago, promised are {table.promise} s"
    return Problem(table.name, f"{behind}{_slowest(table)}", "suoi doctor", since)


def _slowest(table: TableStatus) -> str:
    lags = {"process": table.process_lag or 0.0, "serve": table.serve_lag or 0.0}
    stage = max(lags, key=lambda name: lags[name])
    return f"; {stage} is {lags[stage]:.0f} s behind" if lags[stage] >= 1 else "; nothing waits in process or serve"
