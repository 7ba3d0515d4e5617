"""What becomes of the records of a topic. A lane returns once everything is acknowledged."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sinks.clickhouse import Store, TableChanged
from sinks.columns import Column
from sinks.rows import Turned, by_schema, converted, parted, turn
from sinks.tables import HISTORY, TableSpec, table_spec
from suoi import avro, metrics
from suoi.change import Operation
from suoi.clock import Clock
from suoi.errors import Contract, Reason
from suoi.ids import AgencyId, TableName
from suoi.position import from_bytes, to_bytes

log = logging.getLogger(__name__)
SchemaById = Callable[[int], str]
OBSERVED = 1_000
"""Of a larger insert every n-th row is observed: that is a bulk load, beyond twice the burst there are promises for."""
_MICROS = 1_000_000


class Record(Protocol):
    """One record of a topic: what `confluent_kafka.Message` offers."""

    def key(self) -> bytes | None: ...

    def value(self) -> bytes | None: ...

    def offset(self) -> int: ...


class Lane(Protocol):
    """Where the records of a topic go."""

    mode: str
    """`live` or `replay`, as metrics tell it."""

    def write(self, records: Iterable[Record]) -> None:
        """Insert and wait for the acknowledgement. Repeating it changes nothing.

        Raises Transient when the warehouse or the registry is away, Contract or Poison when the topic cannot go on.
        """
        ...

    def reset(self) -> None:
        """Forget what is known about the warehouse: look again before the next insert."""
        ...


@dataclass(frozen=True, slots=True)
class Writer:
    """How rows of one schema become rows of the warehouse."""

    spec: TableSpec
    decode: avro.Decode
    operation: int
    """Where `_op` stands among the columns."""
    version: int
    commit_time: int

    @property
    def columns(self) -> Sequence[Column]:
        """The columns, in the order of the schema."""
        return self.spec.columns


def writer(schema: str) -> Writer:
    """The writer for a conformed schema (JSON). Raises Contract when the schema is not one of ours."""
    spec = table_spec(schema)
    names = [column.name for column in spec.columns]
    places = (names.index(name) for name in ("_op", "_version", "_commit_time"))
    return Writer(spec, avro.decoder(schema), *places)


class TableLane:
    """The conformed rows of one table, from its live topic or its corrections."""

    def __init__(
        self,
        agency: AgencyId,
        table: TableName,
        store: Store,
        schema: SchemaById,
        clock: Clock,
        mode: str = metrics.LIVE,
    ) -> None:
        self._agency, self._table, self.mode = agency, table, mode
        self._store, self._schema, self._clock = store, schema, clock
        self._writers: dict[int, Writer] = {}
        self._older: dict[int, Sequence[tuple[bytes, TableSpec]]] = {}
        self._ready: set[TableSpec] = set()

    def write(self, records: Iterable[Record]) -> None:
        """Rows of an older schema come first: they are in before a newer one alters the table."""
        found = [record.value() for record in records]
        values = [value for value in found if value is not None]  # a tombstone is for Kafka's compaction, not for us
        for schema_id, payloads in by_schema(values).items():
            try:
                self._write(schema_id, payloads)
            except TableChanged as changed:
                log.warning("%s.%s: looking again: %s", self._agency, self._table, changed)
                self.reset()
                self._write(schema_id, payloads)
        for outcome, count in (("ok", len(values)), ("skipped", len(found) - len(values))):
            metrics.records.labels("serve", self._agency, outcome, self.mode).inc(count)

    def reset(self) -> None:
        """The next record of every schema looks at the table again."""
        self._writers.clear()
        self._older.clear()
        self._ready.clear()

    def _write(self, schema_id: int, payloads: Sequence[bytes]) -> None:
        """To the versions of the table that rows belong to by their position, the oldest first."""
        writer = self._writer(schema_id)
        turned = turn(writer.decode, payloads, len(writer.columns))
        for below, spec in self._older_versions(schema_id, writer):
            older, turned = parted(turned, [version < below for version in turned[writer.version]])
            self._serve(writer, spec, older)
        self._serve(writer, writer.spec, turned)

    def _writer(self, schema_id: int) -> Writer:
        if schema_id not in self._writers:
            made = writer(self._schema(schema_id))
            if (made.spec.agency, made.spec.table) != (self._agency, self._table):
                raise Contract(
                    f"schema {schema_id} is of {made.spec}, not of {self._agency}.{self._table}",
                    reason=Reason.SCHEMA_REFUSED,
                )
            self._writers[schema_id] = made
        return self._writers[schema_id]

    def _older_versions(self, schema_id: int, writer: Writer) -> Sequence[tuple[bytes, TableSpec]]:
        if schema_id not in self._older:
            known = self._store.belonging(writer.spec)
            self._older[schema_id] = tuple((to_bytes(below), spec) for below, spec in known)
        return self._older[schema_id]

    def _serve(self, writer: Writer, spec: TableSpec, turned: Turned) -> None:
        if not (operations := turned[writer.operation]):
            return
        self._bring_up(spec, writer, turned)
        if Operation.TRUNCATE in operations:
            truncations, turned = parted(turned, [operation == Operation.TRUNCATE for operation in operations])
            self._truncate(converted([writer.columns[writer.version]], [truncations[writer.version]])[0])
        if turned[writer.operation]:
            self._insert(writer, spec, turned)

    def _bring_up(self, spec: TableSpec, writer: Writer, turned: Turned) -> None:
        if spec in self._ready:
            return
        try:
            for statement in self._store.bring_up(spec):
                log.info("%s: %s", spec, statement)
        except Contract as refused:
            self._store.refuse(self._agency, self._table, from_bytes(min(turned[writer.version])), str(refused))
            raise
        self._ready.add(spec)

    def _truncate(self, versions: Sequence[int]) -> None:
        lowered = sorted(set(versions))
        count = len(lowered)
        self._store.insert(
            "ops",
            "truncation",
            ("agency", "table", "version"),
            [[self._agency] * count, [self._table] * count, lowered],
        )

    def _insert(self, writer: Writer, spec: TableSpec, turned: Turned) -> None:
        columns = converted(writer.columns, turned)
        names = [column.name for column in writer.columns]
        label = f"{self._agency}.{self._table}"
        started = self._clock.monotonic()
        self._store.insert(self._agency, spec.name + HISTORY, names, columns)
        metrics.insert_seconds.labels(label).observe(self._clock.monotonic() - started)
        metrics.insert_rows.labels(label).observe(len(columns[0]))
        self._observe(turned[writer.operation], turned[writer.commit_time])

    def _observe(self, operations: Sequence[str], commit_times: Sequence[int]) -> None:
        """From commit at the source to this moment, at which the row can be queried."""
        now, observe = self._clock.now().timestamp(), metrics.end_to_end.labels(self._agency, self.mode).observe
        stride = len(operations) // OBSERVED + 1
        for operation, time in zip(operations[::stride], commit_times[::stride], strict=True):
            if operation != Operation.SNAPSHOT:
                observe(max(0.0, now - time / _MICROS))
