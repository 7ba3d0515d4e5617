"""What the warehouse serves: the rows of a table as of a position, and every version it holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from oracle import model
from oracle.model import Entry, Key, Row, TableTruth

from ops.verify.compare import Column, Difference, Shape, Texts, compare, digests, explain, key_of, shape_of, texts
from suoi.ids import Version
from suoi.naming import field_name
from suoi.warehouse import Warehouse, quoted

MOST_EXPLAINED = 5
_COLUMNS = "SELECT name FROM system.columns WHERE database = %(agency)s AND table = %(table)s"


@dataclass(frozen=True, slots=True)
class Compared:
    """A table at one position against the truth: how many rows, how many differ, some of them in full."""

    rows: int
    differ: int
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """One version of one row in the history; `row` is what it says, None for a delete."""

    key: Key
    version: Version
    operation: str
    transaction: int | None
    partition: int
    offset: int
    row: Texts | None


def as_of(warehouse: Warehouse, agency: str, table: str, truth: TableTruth, commit: int, position: int) -> Compared:
    """`<table>_at(position)` against the truth as of `commit`."""
    shape = shape_at(truth, commit)
    return against(warehouse, agency, table, shape, true_rows(shape, truth, commit), position)


def against(
    warehouse: Warehouse, agency: str, table: str, shape: Shape, rows: Iterable[Texts], position: int
) -> Compared:
    """`<table>_at(position)` against the `rows` of the source."""
    ours = {key_of(shape, row): row for row in rows}
    theirs = list(_rows(warehouse, agency, table, shape, position))
    suspects = compare(shape, digests(shape, ours.values()), theirs)
    by_key = {key_of(shape, row): row for row in theirs}
    told = [explain(shape, key, ours.get(key), by_key.get(key)) for key in sorted(suspects.keys)[:MOST_EXPLAINED]]
    doubled = len(theirs) - len(by_key)
    return Compared(suspects.source_rows, len(suspects.keys) + doubled, tuple(one for one in told if one))


def shape_at(truth: TableTruth, commit: int) -> Shape:
    """What is compared of a table as of `commit`."""
    columns = truth.columns_at(commit)
    return shape_of([Column(one.name, field_name(one.name), one.type) for one in columns], truth.key)[0]


def shape_ever(truth: TableTruth) -> Shape:
    """Every column that a table ever had, by name."""
    columns = {column.name: column for _, columns in truth.shapes for column in columns}
    return shape_of([Column(one.name, field_name(one.name), one.type) for one in columns.values()], truth.key)[0]


def true_version(shape: Shape, entry: Entry) -> Texts | None:
    """What the history has to say of a change, over the columns of `shape`; None for a delete."""
    if entry.row is None:
        return None
    named = {column.name: model.value(entry.row, column) for column in entry.columns}
    return texts(shape, shape.canons, [named.get(column.name) for column in shape.columns], {})


def true_rows(shape: Shape, truth: TableTruth, commit: int) -> Iterator[Texts]:
    """The rows as of `commit`, as texts that can be compared."""
    columns = truth.columns_at(commit)
    for _, row in truth.as_of(commit):
        yield true_row(shape, columns, row)


def true_row(shape: Shape, columns: Sequence[model.Column], row: Row) -> Texts:
    """One row of the truth as texts that can be compared."""
    return texts(shape, shape.canons, [model.value(row, column) for column in columns], {})


def versions(warehouse: Warehouse, agency: str, table: str, shape: Shape) -> Iterator[Held]:
    """Every version of every row, the newest revision of each; `shape` says which columns `row` has."""
    there = _columns(warehouse, agency, f"{table}_history")
    if not there:
        return
    key = ", ".join(quoted(shape.columns[place].warehouse) for place in shape.key)
    query = (
        f"SELECT {_selected(shape, there)}, _faults, _deleted, _version, _op, _tx, _partition, _offset "
        f"FROM {quoted(agency)}.{quoted(table + '_history')} FINAL ORDER BY {key}, _version"
    )
    canons, width = shape.canons, len(shape.columns)
    for *values, faults, deleted, version, operation, transaction, partition, offset in warehouse.stream(query):
        row = texts(shape, canons, values[:width], faults or {})
        yield Held(
            key_of(shape, row),
            version,
            operation,
            transaction,
            partition,
            offset,
            None if deleted else row,
        )


def _rows(warehouse: Warehouse, agency: str, table: str, shape: Shape, position: int) -> Iterator[Texts]:
    there = _columns(warehouse, agency, f"{table}_history")
    if not there:
        return
    query = (
        f"SELECT {_selected(shape, there)}, _faults "
        f"FROM {quoted(agency)}.{quoted(table + '_at')}(position='{position}')"
    )
    canons = shape.canons
    for *values, faults in warehouse.stream(query):
        yield texts(shape, canons, values, faults or {})


def _selected(shape: Shape, there: frozenset[str]) -> str:
    return ", ".join(quoted(c.warehouse) if c.warehouse in there else "NULL" for c in shape.columns)


def _columns(warehouse: Warehouse, agency: str, table: str) -> frozenset[str]:
    found = warehouse.query(_COLUMNS, {"agency": agency, "table": table})
    return frozenset(name for (name,) in found)
