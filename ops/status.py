"""What runs and how far it is: gathered from the stack, Connect, the workers and the warehouse. Reads only.

Whoever does not answer is noted, never an error: a status is wanted most when something is away.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from embedded import stack
from ops import complete, files, scrape
from ops.complete import Name
from ops.standing import load_words, order_words, under_way
from ops.verdict import Observed, TableStatus
from suoi import presence
from suoi.change import TableState, Watermark
from suoi.clock import Clock
from suoi.connect import RUNNING, Connect, Status
from suoi.control import Control, ControlTopic
from suoi.errors import Contract, Transient
from suoi.settings import Settings
from suoi.sources import Source, Table
from suoi.sources.render import connector_name
from suoi.topics import conformed_topic, raw_topic
from suoi.warehouse import Warehouse, quoted

T = TypeVar("T")
RATE_SECONDS = 30
_SINCE = """
SELECT min(written) FROM ops.watermark WHERE agency = %(agency)s AND `table` = %(table)s AND written > (
  SELECT max(written) FROM ops.watermark WHERE agency = %(agency)s AND `table` = %(table)s AND state != %(state)s)
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is the same for every table."""

    now: datetime
    marks: Mapping[Name, Watermark]
    lags: Mapping[str, float]
    held: Mapping[str, str]
    decided: Control


def observe(settings: Settings, clock: Clock) -> Observed:
    """Look at everything once."""
    (sources, mistakes), away = files.readable(settings.home), list[str]()
    state = stack.state(settings.home)
    services = {name: service.status.value for name, service in state.services.items()}
    connectors = _try(lambda: _connectors(settings, sources.values()), away) or {}
    decided = _try(lambda: _decided(settings), away) or Control()
    tables = _try(lambda: _tables(settings, list(sources.values()), clock.now(), decided), away) or []
    halts = {agency: capture for agency in sources if (capture := decided.capture(agency)) and capture.halted}
    return Observed(
        clock.now(),
        tuple(tables),
        services,
        connectors,
        {agency: capture.reason for agency, capture in halts.items()},
        frozenset(agency for agency, capture in halts.items() if capture.returns),
        tuple(away),
        state.notes,
        {agency: why for one in presence.present(settings.home) for agency, why in one.away.items()},
        mistakes,
    )


def _try(look: Callable[[], T], away: list[str]) -> T | None:
    try:
        return look()
    except Transient as exc:
        away.append(str(exc))
        return None


def _decided(settings: Settings) -> Control:
    with closing(ControlTopic(settings)) as control:
        control.refresh()
        return control.state


def _connectors(settings: Settings, sources: Iterable[Source]) -> dict[str, str]:
    connect = Connect(settings)
    try:
        return {source.agency: _said(connect.status(connector_name(source.agency))) for source in sources}
    finally:
        connect.close()


def _said(status: Status | None) -> str:
    if status is None:
        return "absent"
    if status.failed:
        return f"FAILED: {status.trace}"
    return "without a task" if status.connector == RUNNING and not status.running else status.connector


def _tables(settings: Settings, sources: Iterable[Source], now: datetime, decided: Control) -> list[TableStatus]:
    held = {topic: cause for worker in presence.present(settings.home) for topic, cause in worker.held.items()}
    with Warehouse(settings) as warehouse:
        lags = scrape.lags(scrape.samples(settings.home))
        seen = _Seen(now, complete.read(warehouse), lags, held, decided)
        return [
            _table(warehouse, seen, source, key, table) for source in sources for key, table in source.tables.items()
        ]


def _table(warehouse: Warehouse, seen: _Seen, source: Source, key: str, table: Table) -> TableStatus:
    mark = seen.marks.get((source.agency, table.name))
    raw, out = raw_topic(source, key), conformed_topic(source.agency, table.name)
    reached = mark.time if mark and mark.position else None
    last_commit, rate = _pace(warehouse, source.agency, table.name)
    state = mark.state if mark else TableState.LOADING
    order, load = seen.decided.order(source.agency, table.name), under_way(seen.decided, source.agency, table.name)
    return TableStatus(
        agency=source.agency,
        table=table.name,
        state=state.value,
        promise=source.freshness,
        last_commit=last_commit,
        complete_up_to=reached,
        freshness=max(0.0, (seen.now - reached).total_seconds()) if reached else None,
        rows_per_second=rate,
        process_lag=seen.lags.get(raw),
        serve_lag=seen.lags.get(out),
        refused=mark.refused_open if mark else 0,
        since=_since(warehouse, mark) if mark and state is not TableState.LIVE else None,
        held=seen.held.get(raw) or seen.held.get(out) or (order_words(order) if order and order.paused else ""),
        load=load_words(load) if load else "",
    )


def _pace(warehouse: Warehouse, agency: str, table: str) -> tuple[datetime | None, float]:
    """The last commit that arrived, and committed changes per second over the last while."""
    recent = f"_commit_time > now64(6) - INTERVAL {RATE_SECONDS} SECOND AND _op != 'r'"
    history = f"{quoted(agency)}.{quoted(table + '_history')}"
    try:
        rows = warehouse.query(f"SELECT count(), max(_commit_time), countIf({recent}) FROM {history}")
    except Contract:
        return None, 0.0  # nothing has arrived yet: the sink makes a table on first sight
    count, last, lately = rows[0]
    return (_utc(last) if count else None), lately / RATE_SECONDS


def _since(warehouse: Warehouse, mark: Watermark) -> datetime | None:
    rows = warehouse.query(_SINCE, {"agency": mark.agency, "table": mark.table, "state": mark.state.value})
    return _utc(rows[0][0]) if rows else None


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
