"""What stands in the warehouse for a source table, derived from the Avro schema of its conformed rows.

    <table>_history   every version of every row; written by the sink
    <table>_feed      materialized view: history → table
    <table>           the newest version per key, once merged
    <table>_current   view for readers: newest versions, not deleted, not truncated away
    <table>_at        view with a parameter: the rows as of a source position, `<table>_at(position='<UInt128>')`;
                      the position in quotes, because ClickHouse reads a bare number of that size as a float

Nothing is deleted from the history yet: a version may go 90 days after a newer one replaced it, and a TTL only knows
the age of the version itself.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from sinks.columns import Column, columns_of
from suoi.errors import Contract, Reason
from suoi.ids import AgencyId, TableName
from suoi.warehouse import quoted

HISTORY, FEED, CURRENT, AT = "_history", "_feed", "_current", "_at"
_DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1"
"""What was acknowledged survives a power cut; the default survives a killed process only."""
_REPLACING, _VIEW, _MATERIALIZED = "ReplacingMergeTree", "View", "MaterializedView"


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table as its conformed schema wants it."""

    agency: AgencyId
    table: TableName
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __str__(self) -> str:
        return f"{self.agency}.{self.table}"


@dataclass(frozen=True, slots=True)
class Found:
    """What the warehouse has under one name."""

    engine: str
    sorting_key: frozenset[str] = frozenset()
    comment: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


Database = Mapping[str, Found]
"""What the warehouse has in one database, by table name."""


def literal(text: str) -> str:
    """A text as ClickHouse reads it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def table_spec(schema: str) -> TableSpec:
    """The table for the conformed value schema `schema` (JSON). Raises Contract when the schema is not one of ours."""
    avro = orjson.loads(schema)
    about = avro.get("suoi") if isinstance(avro, dict) else None
    if not about or not about.get("key"):
        raise Contract(
            f"the schema has no attribute 'suoi' with agency, table and key: {schema[:100]}",
            reason=Reason.SCHEMA_REFUSED,
        )
    key = tuple(about["key"])
    spec = TableSpec(about["agency"], about["table"], key, columns_of(avro["fields"], key))
    if missing := set(key) - {column.name for column in spec.columns}:
        raise Contract(f"{spec}: key column {min(missing)!r} is not in the schema", reason=Reason.COLUMN_MISSING)
    return spec


def steps(spec: TableSpec, found: Database) -> list[str]:
    """The statements that bring the warehouse to `spec`, in their order; none when it is there.

    1. tables        `<table>` before its history, so that the feed never meets a column its target lacks
    2. new columns   in the same order; columns are never dropped
    3. the feed      selects every column the history has at that moment: it never has to change
    4. the views     again whenever a column came

    Raises Contract on a changed key or type, or when one of the names is taken by something else.
    """
    refuse_changes(spec, found)
    stored = (spec.table, spec.table + HISTORY)
    statements = [_create(spec, name) for name in stored if name not in found]
    statements += [text for name in stored if name in found for text in _added(spec, name, found[name])]
    if spec.table + FEED not in found:
        statements.append(_feed(spec))
    return statements + list(_views(spec, found))


def refuse_changes(spec: TableSpec, found: Database) -> None:
    """Raises Contract when what is there cannot become `spec` without a loss."""
    for name, engine in _engines(spec).items():
        if name in found and found[name].engine != engine:
            raise Contract(
                f"{spec}: {name!r} is a {found[name].engine} in the warehouse, needed as {engine}; "
                "give one of the two tables another name with `as:`",
                reason=Reason.SCHEMA_REFUSED,
            )
    for name in (spec.table, spec.table + HISTORY):
        if there := found.get(name):
            _refuse_key(spec, name, there)
            _refuse_types(spec, name, there)


def _engines(spec: TableSpec) -> Mapping[str, str]:
    suffixes = {"": _REPLACING, HISTORY: _REPLACING, FEED: _MATERIALIZED, CURRENT: _VIEW, AT: _VIEW}
    return {spec.table + suffix: engine for suffix, engine in suffixes.items()}


def _order(spec: TableSpec, name: str) -> tuple[str, ...]:
    return spec.key if name == spec.table else (*spec.key, "_version")


def _refuse_key(spec: TableSpec, name: str, there: Found) -> None:
    if there.sorting_key != (order := frozenset(_order(spec, name))):
        raise Contract(
            f"{spec}: {name} is ordered by ({_listed(there.sorting_key)}), the schema asks for ({_listed(order)}); "
            "a changed key needs a new table version",
            reason=Reason.KEY_CHANGED,
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _refuse_types(spec: TableSpec, name: str, there: Found) -> None:
    for column in spec.columns:
        if (known := there.columns.get(column.name, column.type)) != column.type:
            raise Contract(
                f"{spec}: column {column.name!r} of {name} is {known}, the schema asks for {column.type}; "
                "a changed type needs a new table version",
                reason=Reason.SCHEMA_REFUSED,
            )


def _create(spec: TableSpec, name: str) -> str:
    columns = ", ".join(map(_declared, spec.columns))
    versions = "(_version, _deleted)" if name == spec.table else ""
    order = ", ".join(map(quoted, _order(spec, name)))
    return (
        f"CREATE TABLE IF NOT EXISTS {_named(spec, name)} ({columns}) "
        f"ENGINE = {_REPLACING}{versions} ORDER BY ({order}) SETTINGS {_DURABLE}"
    )


def _added(spec: TableSpec, name: str, there: Found) -> Iterator[str]:
    if new := [column for column in spec.columns if column.name not in there.columns]:
        actions = ", ".join(f"ADD COLUMN IF NOT EXISTS {_declared(column)}" for column in new)
        yield f"ALTER TABLE {_named(spec, name)} {actions}"


def _declared(column: Column) -> str:
    comment = f" COMMENT {literal(column.comment)}" if column.comment else ""
    return f"{quoted(column.name)} {column.type}{comment}"


def _named(spec: TableSpec, name: str) -> str:
    return f"{quoted(spec.agency)}.{quoted(name)}"


def _feed(spec: TableSpec) -> str:
    history, target = _named(spec, spec.table + HISTORY), _named(spec, spec.table)
    feed = _named(spec, spec.table + FEED)
    return f"CREATE MATERIALIZED VIEW IF NOT EXISTS {feed} TO {target} AS SELECT * FROM {history}"


def _views(spec: TableSpec, found: Database) -> Iterator[str]:
    there = found[spec.table].columns if spec.table in found else {}
    columns = sorted({*there, *(column.name for column in spec.columns)})
    for name, query in ((spec.table + CURRENT, _current(spec)), (spec.table + AT, _at(spec))):
        mark = _mark(query, columns)
        if name not in found or found[name].comment != mark:
            yield f"CREATE OR REPLACE VIEW {_named(spec, name)} AS {query} COMMENT {literal(mark)}"


def _mark(query: str, columns: Sequence[str]) -> str:
    """Tells a view of this text over these columns from any other: `*` is resolved when a view is made."""
    return "suoi " + hashlib.sha256(orjson.dumps([query, columns])).hexdigest()[:16]


def _current(spec: TableSpec) -> str:
    truncated = _truncated_at(spec, "true")
    return f"SELECT * EXCEPT (_deleted) FROM {_named(spec, spec.table)} FINAL WHERE _version > {truncated}"


def _at(spec: TableSpec) -> str:
    key = ", ".join(map(quoted, spec.key))
    newest = (
        f"SELECT * FROM {_named(spec, spec.table + HISTORY)} WHERE _version < {{position:UInt128}} "
        f"ORDER BY _version DESC LIMIT 1 BY {key}"
    )
    truncated = _truncated_at(spec, "version < {position:UInt128}")
    return f"SELECT * EXCEPT (_deleted) FROM ({newest}) WHERE NOT _deleted AND _version > {truncated}"


def _truncated_at(spec: TableSpec, condition: str) -> str:
    """The version of the last truncation, 0 when there was none: what lies below is gone."""
    return (
        f"(SELECT max(version) FROM ops.truncation WHERE agency = {literal(spec.agency)} "
        f"AND `table` = {literal(spec.table)} AND {condition})"
    )
