"""The code lists in the warehouse: dated units to join with, and where each unit is in every other version.

1. compare  nothing is done when the warehouse has these contents already
2. fill     each table beside the one that is read
3. exchange the two, the versions last: they say which contents are there, so a cut at any point is begun again
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from suoi.codelists.lists import ADMIN_UNIT, Lists
from suoi.warehouse import Warehouse, quoted

DATABASE = "codelist"
_BATCH = 50_000
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]


_ENTRY = ("list", "version", "code", "unit", "name", "level", "kind", "parent", "province", "valid_from", "valid_to")
_PROJECTED = ("version", "unit", "target", "status", "units", "rule", "reason")
_UNIT, _PROJECTION = _Table("unit", _ENTRY), _Table("projection", _PROJECTED)
_CARRIED = _Table("carried", _PROJECTED[:5])
_LIST = _Table("list", ("list", "title", "owner", "legal_source", "unverified"))
_VERSION = _Table("version", ("list", "version", "valid_from", "valid_to", "unverified", "content"))


def publish(warehouse: Warehouse, lists: Lists) -> bool:
    """Bring the warehouse to these lists; False when it has them. Raises Transient, and may be repeated."""
    content = lists.content_hash()
    if warehouse.query(f"SELECT DISTINCT content FROM {DATABASE}.version") == [(content,)]:
        return False  # 1
    carried = list(projections(lists))
    _replace(warehouse, _LIST, titles(lists))
    _replace(warehouse, _UNIT, units(lists))
    _replace(warehouse, _PROJECTION, iter(carried))
    _replace(warehouse, _CARRIED, (row[: len(_CARRIED.columns)] for row in carried))
    _replace(warehouse, _VERSION, versions(lists))
    return True


def titles(lists: Lists) -> Iterator[Row]:
    """Rows of `codelist.list`."""
    for name in lists.names():
        about = lists.about(name)
        yield name, about.title, about.owner, about.legal_source, lists.unverified(name)


def versions(lists: Lists) -> Iterator[Row]:
    """Rows of `codelist.version`."""
    content = lists.content_hash()
    for version, (begin, end) in _in_force(lists).items():
        yield ADMIN_UNIT, version, begin, end, False, content
    for name, coded in lists.coded.items():
        for coding in sorted(coded.codings):
            yield name, coding, None, None, coded.unverified, content


def units(lists: Lists) -> Iterator[Row]:
    """Rows of `codelist.unit`."""
    for version, (begin, end) in _in_force(lists).items():
        there = lists.units.at(version)
        for code, unit in there.units.items():
            place = (unit.level, unit.kind, unit.parent, there.province(code))
            yield ADMIN_UNIT, version, code, code, unit.full_name, *place, begin, end
    for name, coded in lists.coded.items():
        for coding, codes in sorted(coded.codings.items()):
            for code, meant in sorted(codes.items()):
                yield name, coding, code, meant, coded.titles.get(meant, ""), "", "", "", "", None, None


def projections(lists: Lists) -> Iterator[Row]:
    """Rows of `codelist.projection`: every unit of every version in every version."""
    known = lists.units.versions
    for version in known:
        for unit in lists.units.at(version).units:
            for target in known:
                found = lists.project(unit, version, target)
                reached = [found.unit] if found.unit else list(found.candidates)
                yield version, unit, target, str(found.status), reached, str(found.rule), found.reason


def _in_force(lists: Lists) -> dict[str, tuple[date, date | None]]:
    begins = lists.units.dates
    ends: list[date | None] = [*begins[1:], None]
    return dict(zip(lists.units.versions, zip(begins, ends, strict=True), strict=True))


def _replace(warehouse: Warehouse, table: _Table, rows: Iterator[Row]) -> None:
    there, beside = f"{DATABASE}.{quoted(table.name)}", f"{DATABASE}.{quoted(table.name + ' filling')}"
    warehouse.command(f"DROP TABLE IF EXISTS {beside}")
    warehouse.command(f"CREATE TABLE {beside} AS {there}")  # 2
    columns = ", ".join(map(quoted, table.columns))
    while batch := list(islice(rows, _BATCH)):
        warehouse.insert(f"INSERT INTO {beside} ({columns}) VALUES", _columns(batch))
    warehouse.command(f"EXCHANGE TABLES {there} AND {beside}")  # 3
    warehouse.command(f"DROP TABLE {beside}")


def _columns(rows: Sequence[Row]) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True))
