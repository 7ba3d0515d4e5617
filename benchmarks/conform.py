"""What one core conforms: rows of the synthetic province through decode, conform and encode, without Kafka.

    .venv/bin/python -m benchmarks.conform [rows]

Prints rows/s of each part and of the whole, first (every code and address new), again (remembered), as if its rows told
of no persons, and as if no column were bound to a code list either: by the clock, and by processor time, which is what
one core would give if nothing else ran on it.
"""

import gc
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, process_time
from typing import Any, NamedTuple

import orjson

from demo.population import world
from demo.province import records
from demo.rows import Birth
from streams.conform.reader import Conformer, TableReader, coordinates, written_by
from streams.conform.step import conform
from streams.topology import topology
from suoi import avro
from suoi.change import Change, Conformed
from suoi.codelists.decided import DecidedLists
from suoi.codelists.lists import Lists
from suoi.control import Control
from suoi.ids import Revision
from suoi.resources import resource
from suoi.sources import Source, load_source

VALUE_ID, KEY_ID, CONFORMED_ID = 1, 2, 3
TOPIC = "hotich.public.khai_sinh"
EPOCH_DAY = date(1970, 1, 1)
AVRO_OF: dict[type, Any] = {
    int: "long",
    str: "string",
    date: {"type": "int", "connect.name": "io.debezium.time.Date"},
    datetime: {"type": "string", "connect.name": "io.debezium.time.ZonedTimestamp"},
}


class Raw:
    """A Kafka message."""

    def __init__(self, value: bytes, key: bytes, offset: int) -> None:
        self._value, self._key, self._offset = value, key, offset

    def topic(self) -> str:
        return TOPIC

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes:
        return self._key

    def value(self) -> bytes:
        return self._value


class Registry:
    """Knows the schemas of one table and takes every other one."""

    def __init__(self, by_id: dict[int, str]) -> None:
        self._by_id = by_id

    def schema(self, schema_id: int) -> str:
        return self._by_id[schema_id]

    def newest(self, subject: str) -> str | None:
        return self._by_id[KEY_ID]

    def register(self, subject: str, schema: str) -> int:
        return CONFORMED_ID


def births(count: int) -> list[Birth]:
    """The first `count` birth registrations of a province."""
    found: list[Birth] = []
    for family in records(world(7), count * 2):
        found += [entry.row for entry in family.entries if isinstance(entry.row, Birth)]
        if len(found) >= count:
            break
    return found[:count]


def wire(value: Any) -> Any:
    """A column's value as Debezium writes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return (value - EPOCH_DAY) // timedelta(days=1) if isinstance(value, date) else value


def schemas(sample: Sequence[Birth]) -> dict[int, str]:
    """Value and key schema of khai_sinh, as the connector registers them."""

    def kind(name: str) -> Any:
        values = [getattr(row, name) for row in sample]
        return AVRO_OF[next((type(value) for value in values if value is not None), str)]

    columns = [{"name": name, "type": ["null", kind(name)], "default": None} for name in Birth._fields]
    texts = ("version", "connector", "name", "db", "schema", "table")
    source: list[dict[str, Any]] = [{"name": name, "type": "string"} for name in texts]
    source += [{"name": name, "type": ["null", "string"], "default": None} for name in ("snapshot", "sequence")]
    source += [
        {"name": n, "type": ["null", "long"], "default": None} for n in ("ts_ms", "ts_us", "ts_ns", "txId", "lsn")
    ]
    fields: list[dict[str, Any]] = [
        {"name": "before", "type": ["null", {"type": "record", "name": "Value", "fields": columns}], "default": None},
        {"name": "after", "type": ["null", "Value"], "default": None},
        {"name": "source", "type": {"type": "record", "name": "Source", "fields": source}},
        {"name": "op", "type": "string"},
        {"name": "ts_ms", "type": ["null", "long"], "default": None},
    ]
    value = {"type": "record", "name": "Envelope", "namespace": TOPIC, "fields": fields}
    key = {"type": "record", "name": "Key", "namespace": TOPIC, "fields": [{"name": "id", "type": "long"}]}
    return {VALUE_ID: orjson.dumps(value).decode(), KEY_ID: orjson.dumps(key).decode()}


def raw_records(rows: Sequence[Birth], by_id: dict[int, str]) -> list[Raw]:
    """The rows as creations in a raw topic."""
    value, key = avro.encoder(by_id[VALUE_ID]), avro.encoder(by_id[KEY_ID])
    about = dict.fromkeys(("version", "connector", "name", "db", "schema", "table"), "hotich")
    made = []
    for offset, row in enumerate(rows):
        after = {name: wire(item) for name, item in row._asdict().items()}
        source = {
            **about,
            "snapshot": "false",
            "sequence": f'["{offset}","{offset + 9}"]',
            "ts_us": offset,
            "txId": offset,
        }
        raw = value({"before": None, "after": after, "source": source, "op": "c"})
        made.append(Raw(avro.frame(VALUE_ID, raw), avro.frame(KEY_ID, key({"id": row.id})), offset))
    return made


class Rate(NamedTuple):
    """Rows per second."""

    wall: float
    cpu: float


def rate(count: int, work: Callable[[], object]) -> Rate:
    """How fast `work` goes through `count` rows, with no rubbish left by what was measured before."""
    gc.collect()
    wall, cpu = perf_counter(), process_time()
    work()
    return Rate(count / (perf_counter() - wall), count / (process_time() - cpu))


def prepared(source: Source, by_id: dict[int, str], sample: Raw) -> tuple[Conformer, TableReader]:
    """A conformer with freshly loaded lists, and its reader for the table of `sample`."""
    codes = DecidedLists(Lists.load(resource("codelists")))
    conformer = Conformer(Registry(by_id), codes, Revision(1))
    conformer.serve(topology([source]))
    by = written_by(sample, Control())
    assert by is not None
    conformer.prepare(by)
    reader = conformer._readers[by]
    assert isinstance(reader, TableReader)
    return conformer, reader


def without_codes(source: Source) -> Source:
    """The same source with no column bound to a list."""
    tables = {key: table.model_copy(update={"codes": {}}) for key, table in source.tables.items()}
    return source.model_copy(update={"tables": tables})


def without_persons(source: Source) -> Source:
    """The same source whose rows tell of nobody."""
    tables = {key: table.model_copy(update={"persons": {}}) for key, table in source.tables.items()}
    return source.model_copy(update={"tables": tables})


def report(name: str, count: int, work: Callable[[], object]) -> None:
    """Measure `work` and print one line."""
    found = rate(count, work)
    print(f"{name:20} {found.wall:10,.0f} {found.cpu:10,.0f}")


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    env = {"HOTICH_HOST": "localhost", "HOTICH_PORT": "5432"}
    source = load_source(resource("cdc-config", "sources", "hotich.yaml"), env)
    rows = births(count)
    by_id = schemas(rows)
    made = raw_records(rows, by_id)
    size = sum(len(raw.value()) for raw in made) // count
    print(f"{count} rows of {len(Birth._fields)} columns, {size} bytes each; rows/s by the clock and by processor time")
    begin = process_time()
    conformer, reader = prepared(source, by_id, made[0])
    print(f"lists loaded in {process_time() - begin:.2f} s of processor time")
    for name in ("whole, codes new", "whole, again"):
        report(name, count, lambda: [conformer.outcome(raw) for raw in made])
    nobody, _ = prepared(without_persons(source), by_id, made[0])
    for name in ("no persons, new", "no persons, again"):
        report(name, count, lambda: [nobody.outcome(raw) for raw in made])
    bare_conformer, bare = prepared(without_codes(without_persons(source)), by_id, made[0])
    report("whole, no codes", count, lambda: [bare_conformer.outcome(raw) for raw in made])
    report("decode", count, lambda: [reader.change(coordinates(raw), raw.key(), raw.value()) for raw in made])
    read = (reader.change(coordinates(raw), raw.key(), raw.value()) for raw in made)
    decoded = [change for change in read if isinstance(change, Change)]
    plan = prepared(source, by_id, made[0])[1].plan
    for name in ("conform, codes new", "conform, again"):
        report(name, count, lambda: [conform(change, plan, Revision(1)) for change in decoded])
    report("conform, no codes", count, lambda: [conform(change, bare.plan, Revision(1)) for change in decoded])
    done = (conform(change, plan, Revision(1)) for change in decoded)
    conformed = [result for result in done if isinstance(result, Conformed)]
    report("encode", count, lambda: [reader.encode(result.row) for result in conformed])
    people = reader.people
    assert people is not None
    report("persons", count, lambda: [people.records(result) for result in conformed])
    print(f"{len(conformed)} published, {count - len(conformed)} refused")
    for (name, _, status), times in sorted(conformer.take_statuses().items()):
        print(f"  {name:12} {status:14} {times:9,}")


if __name__ == "__main__":
    main()
