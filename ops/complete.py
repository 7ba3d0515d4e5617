"""Complete up to: what `ops.watermark` says of every table, read and written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from ops.databases.port import Moment
from suoi.change import TableState, Watermark
from suoi.ids import Version
from suoi.position import unpack
from suoi.warehouse import Warehouse

Name = tuple[str, str]
"""Agency and table."""

_INSERT = "INSERT INTO ops.watermark (agency, `table`, position, time, state, refused_open) VALUES"
_CURRENT = "SELECT agency, `table`, position, time, state, refused_open FROM ops.watermark_current"
_REFUSED = "SELECT agency, `table`, count() FROM ops.dead_letter_open GROUP BY agency, `table`"


def write(warehouse: Warehouse, rows: Sequence[Watermark]) -> None:
    """Add watermarks; the newest per table is the one that counts."""
    columns = list(
        zip(*((w.agency, w.table, w.position, w.time, w.state.value, w.refused_open) for w in rows), strict=True)
    )
    warehouse.insert(_INSERT, columns)


def read(warehouse: Warehouse) -> dict[Name, Watermark]:
    """The current watermark of every table that ever had one."""
    return {
        (agency, table): Watermark(agency, table, Version(position), _utc(time), TableState(state), refused)
        for agency, table, position, time, state, refused in warehouse.query(_CURRENT)
    }


def refused(warehouse: Warehouse) -> dict[Name, int]:
    """Open dead letters per table; tables without one are left out."""
    return {(agency, table): int(count) for agency, table, count in warehouse.query(_REFUSED)}


def complete_past(watermark: Watermark | None, moment: Moment) -> bool:
    """Whether everything that a snapshot of the source, taken at `moment`, can see has arrived.

    Places of different histories cannot be compared.
    """
    if watermark is None or watermark.position == 0:
        return False
    place = unpack(watermark.position)
    return place.epoch == moment.epoch and moment.passed_by(place.position)


def agency_minimum(watermarks: Mapping[Name, Watermark], agency: str, tables: Iterable[str]) -> Watermark | None:
    """The watermark of an agency: that of its table that is furthest behind; None while a table has none."""
    found = [watermarks.get((agency, table)) for table in tables]
    known = [watermark for watermark in found if watermark is not None]
    return min(known, key=lambda watermark: watermark.position) if known and len(known) == len(found) else None


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
