"""How a status looks: a table and a verdict for people, one object for machines. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.verdict import Observed, Problem, TableStatus

COLUMNS = ("table", "state", "last commit", "complete up to", "fresh", "changes/s", "process", "serve", "refused")
_COLOURS = {"live": "green", "loading": "yellow", "paused": "yellow", "stopped": "red"}


def screen(seen: Observed, problems: Sequence[Problem]) -> RenderableType:
    """The whole status."""
    shown = Table(*COLUMNS, header_style="bold", box=None, pad_edge=False)
    for table in seen.tables:
        shown.add_row(*_cells(table, seen.at))
    services = ", ".join(f"{name} {state}" for name, state in seen.services.items()) or "none of ours"
    connectors = ", ".join(f"{agency} {state}" for agency, state in seen.connectors.items()) or "none"
    lines = (f"services: {services}", f"capture: {connectors}", *(f"note: {note}" for note in seen.notes))
    return Group(shown, *map(Text, lines), *map(Text, words(problems, seen.at)))


def words(problems: Sequence[Problem], now: datetime) -> list[str]:
    """The verdict: one line, or one per problem with its reason, since when, and what to do next."""
    if not problems:
        return ["all fresh"]
    return [_problem(problem, now) for problem in problems]


def as_json(seen: Observed, problems: Sequence[Problem]) -> dict[str, Any]:
    """The same for machines: lags and freshness in seconds, times in UTC."""
    return {
        "ok": not problems,
        "at": seen.at,
        "problems": [asdict(problem) for problem in problems],
        "tables": [asdict(table) for table in seen.tables],
        "services": dict(seen.services),
        "connectors": dict(seen.connectors),
        "unreachable": list(seen.unreachable),
        "notes": list(seen.notes),
    }


def span(seconds: float | None) -> str:
    """A duration as people read it."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def _cells(table: TableStatus, now: datetime) -> tuple[RenderableType, ...]:
    late = table.freshness is not None and table.freshness > table.promise
    return (
        table.name,
        Text(table.state, _COLOURS.get(table.state, "")),
        _ago(table.last_commit, now),
        table.complete_up_to.strftime("%Y-%m-%d %H:%M:%S") if table.complete_up_to else "-",
        Text(span(table.freshness), "red" if late else ""),
        f"{table.rows_per_second:.1f}",
        span(table.process_lag),
        span(table.serve_lag),
        Text(str(table.refused), "red" if table.refused else ""),
    )


def _ago(time: datetime | None, now: datetime) -> str:
    return "-" if time is None else f"{span(max(0.0, (now - time).total_seconds()))} ago"


def _problem(problem: Problem, now: datetime) -> str:
    since = f" since {problem.since:%Y-%m-%d %H:%M:%S} ({_ago(problem.since, now)})" if problem.since else ""
    return f"{problem.what} {problem.reason}{since}; next: {problem.next}"
