"""What stands in the warehouse for a source table, derived from the Avro schema of its conformed rows.

    <table>_history   every version of every row; written by the sink
    <table>_feed      materialized view: history → table
    <table>           the newest version per key, once merged
    <table>_current   view for readers: newest versions, not deleted, not truncated away; bound codes of today beside
                      those as of their date (`sinks.projecting`)
    <table>_codes     view of the values of bound columns that wait for a steward (`sinks.waiting`)
    <table>_at        view with a parameter: the rows as of a source position, `<table>_at(position='<UInt128>')`;
                      the position in quotes, because ClickHouse reads a bare number of that size as a float

What changes at the source is followed in place where old rows stay right: a new column is added, a dropped one stays, a
wider type (`sinks.types`) widens the column. Anything else needs a new table version, by command (`sinks.versions`).

Nothing is deleted from the history yet: a version may go 90 days after a newer one replaced it, and a TTL only knows
the age of the version itself.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from sinks.columns import Column, columns_of
from sinks.projecting import projected
from sinks.types import holds, roomy
from sinks.waiting import values_waiting
from suoi.errors import Contract, Reason
from suoi.ids import AgencyId, TableName
from suoi.warehouse import literal, quoted

HISTORY, FEED, CURRENT, AT, CODES = "_history", "_feed", "_current", "_at", "_codes"
_FILLING = " filling"
"""No table of a source has a blank in its name."""
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
    suffix: str = ""
    """Of a table version that is written no more, `_v<n>`."""
    below: int = 0
    """The source position at which that version ended; 0 for the one that lives."""

    @property
    def name(self) -> str:
        """What the table is called in the warehouse."""
        return self.table + self.suffix

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

    1. tables         `<table>` before its history, so that the feed never meets a column its target lacks; one that
                      somebody dropped is made beside and filled from the other one, then put in its place
    2. new columns    in the same order; columns are never dropped
    3. wider columns  in the same order; nothing wider is inserted before the views know of it
    4. the feed       selects every column the history has at that moment: it never has to change
    5. the views      again whenever a column came or became wider

    Raises Contract on a changed key, a type that is not wider, or when one of the names is taken by something else.
    """
    refuse_changes(spec, found)
    stored = (spec.name, spec.name + HISTORY)
    statements = [text for name in stored if name not in found for text in _made(spec, name, found)]
    statements += [text for name in stored if name in found for text in _altered(spec, name, found[name])]
    if spec.name + FEED not in found:
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
    for name in (spec.name, spec.name + HISTORY):
        if there := found.get(name):
            _refuse_key(spec, name, there)
            _refuse_types(spec, name, there)


def _engines(spec: TableSpec) -> Mapping[str, str]:
    suffixes = {"": _REPLACING, HISTORY: _REPLACING, FEED: _MATERIALIZED, CURRENT: _VIEW, AT: _VIEW, CODES: _VIEW}
    return {spec.name + suffix: engine for suffix, engine in suffixes.items()}


def _order(spec: TableSpec, name: str) -> tuple[str, ...]:
    return spec.key if name == spec.name else (*spec.key, "_version")


def _refuse_key(spec: TableSpec, name: str, there: Found) -> None:
    if there.sorting_key != (order := frozenset(_order(spec, name))):
        raise Contract(
            f"{spec}: {name} is ordered by ({_listed(there.sorting_key)}), the schema asks for ({_listed(order)}); "
            f"a changed key needs a new table version: suoi table reshape {spec}",
            reason=Reason.KEY_CHANGED,
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _refuse_types(spec: TableSpec, name: str, there: Found) -> None:
    for column in spec.columns:
        known = there.columns.get(column.name, column.type)
        if not holds(known, column.type) and (column.name in there.sorting_key or not holds(column.type, known)):
            raise Contract(
                f"{spec}: column {column.name!r} of {name} is {known}, the schema asks for {column.type}, which "
                f"cannot take its place; that needs a new table version: suoi table reshape {spec}",
                reason=Reason.SCHEMA_REFUSED,
            )


def _made(spec: TableSpec, name: str, found: Database) -> Iterator[str]:
    other = found.get(spec.name + HISTORY if name == spec.name else spec.name)
    if other is None:
        yield _create(spec, name, name, {})
        return
    beside = _named(spec, name + _FILLING)
    source = _named(spec, spec.name + HISTORY if name == spec.name else spec.name)
    columns = ", ".join(map(quoted, other.columns))
    yield _create(spec, name, name + _FILLING, other.columns)
    yield f"INSERT INTO {beside} ({columns}) SELECT {columns} FROM {source}"
    yield f"RENAME TABLE {beside} TO {_named(spec, name)}"


def _create(spec: TableSpec, name: str, made_as: str, known: Mapping[str, str]) -> str:
    """The table for `name`, under the name `made_as`; `known` are the columns its rows have beside those of `spec`."""
    wanted = {column.name: _declared(column, _made_as(spec, column)) for column in spec.columns}
    kept = {column: f"{quoted(column)} {kind}" for column, kind in known.items()}
    columns = ", ".join({**wanted, **kept}.values())
    versions = "(_version, _deleted)" if name == spec.name else ""
    order = ", ".join(map(quoted, _order(spec, name)))
    return (
        f"CREATE TABLE IF NOT EXISTS {_named(spec, made_as)} ({columns}) "
        f"ENGINE = {_REPLACING}{versions} ORDER BY ({order}) SETTINGS {_DURABLE}"
    )


def _made_as(spec: TableSpec, column: Column) -> str:
    return roomy(column.type) if column.name in spec.key else column.type


def _altered(spec: TableSpec, name: str, there: Found) -> Iterator[str]:
    """Adding and widening are repeatable, and two sinks may both do it."""
    new = [column for column in spec.columns if column.name not in there.columns]
    wider = [column for column in spec.columns if not holds(there.columns.get(column.name, column.type), column.type)]
    actions = [f"ADD COLUMN IF NOT EXISTS {_declared(column, column.type)}" for column in new]
    actions += [f"MODIFY COLUMN {quoted(column.name)} {column.type}" for column in wider]
    if actions:
        yield f"ALTER TABLE {_named(spec, name)} {', '.join(actions)}"


def _declared(column: Column, kind: str) -> str:
    comment = f" COMMENT {literal(column.comment)}" if column.comment else ""
    return f"{quoted(column.name)} {kind}{comment}"


def _named(spec: TableSpec, name: str) -> str:
    return f"{quoted(spec.agency)}.{quoted(name)}"


def _feed(spec: TableSpec) -> str:
    history, target = _named(spec, spec.name + HISTORY), _named(spec, spec.name)
    feed = _named(spec, spec.name + FEED)
    return f"CREATE MATERIALIZED VIEW IF NOT EXISTS {feed} TO {target} AS SELECT * FROM {history}"


def _views(spec: TableSpec, found: Database) -> Iterator[str]:
    columns = sorted(_types(spec, found).items())
    queries = {CURRENT: _current(spec), AT: _at(spec)}
    if not spec.suffix and (waiting := values_waiting(spec.agency, spec.table, spec.key, spec.columns)):
        queries[CODES] = waiting
    for name, query in ((spec.name + suffix, query) for suffix, query in queries.items()):
        mark = _mark(query, columns)
        if name not in found or found[name].comment != mark:
            yield f"CREATE OR REPLACE VIEW {_named(spec, name)} AS {query} COMMENT {literal(mark)}"


def _types(spec: TableSpec, found: Database) -> Mapping[str, str]:
    """The columns of the table once it is as `spec` wants it."""
    there = found.get(spec.name) or found.get(spec.name + HISTORY)
    wanted = {column.name: _made_as(spec, column) for column in spec.columns}
    known = there.columns if there else {}
    return {**wanted, **{name: kind for name, kind in known.items() if holds(kind, wanted.get(name, kind))}}


def _mark(query: str, columns: Sequence[tuple[str, str]]) -> str:
    """Tells a view of this text over these columns from any other: `*` is resolved, types too, when a view is made,
    and a view of before a widening would cut what is wider."""
    return "suoi " + hashlib.sha256(orjson.dumps([query, columns])).hexdigest()[:16]


def _current(spec: TableSpec) -> str:
    truncated = _truncated_at(spec, "true")
    selected = ", ".join(["* EXCEPT (_deleted)", *projected(spec.columns)])
    return f"SELECT {selected} FROM {_named(spec, spec.name)} FINAL WHERE _version > {truncated}"


def _at(spec: TableSpec) -> str:
    key = ", ".join(map(quoted, spec.key))
    newest = (
        f"SELECT * FROM {_named(spec, spec.name + HISTORY)} WHERE _version < {{position:UInt128}} "
        f"ORDER BY _version DESC LIMIT 1 BY {key}"
    )
    truncated = _truncated_at(spec, "version < {position:UInt128}")
    return f"SELECT * EXCEPT (_deleted) FROM ({newest}) WHERE NOT _deleted AND _version > {truncated}"


def _truncated_at(spec: TableSpec, condition: str) -> str:
    """The version of the last truncation, 0 when there was none: what lies below is gone."""
    return (
        f"(SELECT max(version) FROM ops.truncation WHERE agency = {literal(spec.agency)} "
        f"AND `table` = {literal(spec.table)} AND {condition}{_ended(spec)})"
    )


def _ended(spec: TableSpec) -> str:
    """A table version that has ended is not emptied by what came after it."""
    return f" AND version < toUInt128('{spec.below}')" if spec.below else ""
