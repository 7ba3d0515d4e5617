"""What one core conforms: rows of the synthetic province through decode, conform and encode, without Kafka.

    .venv/bin/python -m benchmarks.conform [rows]

Prints rows/s of each part and of the whole, first (every code new) and again (codes remembered).
"""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

import orjson

from demo.population import world
from demo.province import records
from demo.rows import Birth
from streams.conform.reader import Conformer, Output, TableReader, written_by
from streams.topology import topology
from suoi import avro
from suoi.codelists.lists import Lists
from suoi.ids import Revision
from suoi.resources import resource
from suoi.sources import load_source

VALUE_ID, KEY_ID = 1, 2
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
    source = [{"name": name, "type": "string"} for name in texts]
    source += [{"name": name, "type": ["null", "string"], "default": None} for name in ("snapshot", "sequence")]
    source += [{"name": n, "type": ["null", "long"], "default": None} for n in ("ts_ms", "ts_us", "ts_ns", "txId", "lsn")]
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
    about = {name: "hotich" for name in ("version", "connector", "name", "db", "schema", "table")}
    made = []
    for offset, row in enumerate(rows):
        after = {name: wire(item) for name, item in row._asdict().items()}
        source = {**about, "snapshot": "false", "sequence": f'["{offset}","{offset + 9}"]', "ts_us": offset, "txId": offset}
        raw = value({"before": None, "after": after, "source": source, "op": "c"})
        made.append(Raw(avro.frame(VALUE_ID, raw), avro.frame(KEY_ID, key({"id": row.id})), offset))
    return made


def rate(count: int, work: Callable[[], object]) -> float:
    """Rows per second of `work` over `count` rows."""
    begin = perf_counter()
    work()
    return count / (perf_counter() - begin)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    env = {"HOTICH_HOST": "localhost", "HOTICH_PORT": "5432"}
    source = load_source(resource("cdc-config", "sources", "hotich.yaml"), env)
    rows = births(count)
    by_id = schemas(rows)
    made = raw_records(rows, by_id)
    begin = perf_counter()
    lists = Lists.load(resource("codelists"))
    print(f"lists loaded in {perf_counter() - begin:.2f} s; {len(made)} rows of {len(Birth._fields)} columns, "
          f"{sum(len(raw.value()) for raw in made) // len(made)} bytes each")  # fmt: skip
    conformer = Conformer(by_id.__getitem__, lambda subject, schema: 3, lists, Revision(1))
    conformer.serve(topology([source]))
    by = written_by(made[0])
    assert by is not None
    conformer.prepare(by, epoch=1)
    reader = conformer._readers[by]
    assert isinstance(reader, TableReader)
    decode, encode = avro.decoder(by_id[VALUE_ID]), reader.encode
    values = [raw.value()[5:] for raw in made]

    print(f"decode              {rate(count, lambda: [decode(value) for value in values]):10,.0f} rows/s")
    for name in ("whole, codes new", "whole, again"):
        print(f"{name:19} {rate(count, lambda: [conformer.outcome(raw) for raw in made]):10,.0f} rows/s")
    outputs = [outcome for raw in made if isinstance(outcome := conformer.outcome(raw), Output)]
    conformed = [avro.decoder(reader.plan.schema)(output.value[5:]) for output in outputs]
    print(f"encode              {rate(count, lambda: [encode(row) for row in conformed]):10,.0f} rows/s")
    print(f"{len(outputs)} published, {count - len(outputs)} refused")
    for (name, _, status), times in sorted(conformer.take_statuses().items()):
        print(f"  {name:12} {status:14} {times:9,}")


if __name__ == "__main__":
    main()
