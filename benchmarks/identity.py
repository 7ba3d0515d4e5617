"""The engine on one core, without a broker, in memory and durable: rows/s, bytes on disk and in memory, time to open.

    .venv/bin/python -m benchmarks.identity FOLDER [--chunk 500] [--records 10000]

FOLDER is one of `benchmarks.evaluations`. In memory it is the engine only: put and flush. Durable is all that the
worker does beside Kafka: put, flush, write batch with fsync, Avro of what is sent, acknowledgement. Reading the rows is
done before. What waits for a clerk is worked out after the last record, which is when most of it is left to do.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from ops.identity.evaluate import reading
from ops.identity.events import read_events
from ops.identity.outside import Outside
from ops.identity.truth import read_truth
from streams.identity.course import ASKED_ROWS
from streams.identity.engine import Engine
from streams.identity.garbage import collect_seldom
from streams.identity.inputs import Heard
from streams.identity.model import Model
from streams.identity.processor import IdentityProcessor
from streams.identity.store import RocksState, open_store
from suoi.codelists.lists import Lists
from suoi.resources import resource


def heard(folder: Path) -> tuple[list[Heard], str]:
    """Every record of the folder's events, as one partition would give it, and the profile it is of."""
    lists = Lists.load(resource("codelists"))
    changes, outside = list(read_events(folder / "E.jsonl")), Outside(folder / "sources", lists)
    read = reading(changes, outside, read_truth(folder / "T.csv"), lists)
    return [Heard(0, at, *said) for at, said in enumerate(read.said)], read.profile


def in_memory(records: Sequence[Heard], model: Model, chunk: int) -> None:
    """The engine only, its state in dictionaries."""
    engine, cpu, begun = Engine(model), time.process_time(), time.perf_counter()
    for at in range(0, len(records), chunk):
        for record in records[at : at + chunk]:
            engine.put(record.rid, record.version, record.record)
        engine.flush()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"engine only: {_rates(len(records), seconds, cpu)}")


def run(records: Sequence[Heard], model: Model, path: Path, chunk: int) -> None:
    """Fill a new store with `records`, then open it again."""
    process = psutil.Process()
    store = open_store(path)
    state = RocksState(store, model)
    processor = IdentityProcessor(Engine(model, state), state, {}, "suoi.person-record", 1, 0)
    before, sent, cpu, begun = process.memory_info().rss, 0, time.process_time(), time.perf_counter()
    for at in range(0, len(records), chunk):
        posts = processor.process(records[at : at + chunk])
        processor.acknowledge(posts)
        sent += len(posts)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    grown = process.memory_info().rss - before
    ask(processor, state)
    store.flush()
    rows = len(state.rows)
    disk = sum(file.stat().st_size for file in path.rglob("*.sst"))
    print(f"records {len(records):,}, rows {rows:,}, persons {len(state.persons):,}, sent {sent:,}")
    print(f"durable: {_rates(len(records), seconds, cpu)}")
    print(f"disk {disk / rows:,.0f} bytes a row, memory {grown / rows:,.0f} bytes a row; {state.bytes_held()}")
    store.close()
    begun = time.perf_counter()
    store = open_store(path)
    reopened = RocksState(store, model)
    usable, found = reopened.usable, reopened.rows.get(records[0].rid)
    print(f"opened in {time.perf_counter() - begun:.3f} s: usable {usable}, first row there {found is not None}")
    store.close()


def _rates(records: int, seconds: float, cpu: float) -> str:
    return f"{records / seconds:,.0f} records/s, {records / cpu:,.0f} per second of processor time"


def ask(processor: IdentityProcessor, state: RocksState) -> None:
    """Work out all that waits for a clerk, as the worker does between chunks."""
    rows, found, looks, begun = len(state.unasked), 0, list[float](), time.perf_counter()
    looked = begun
    while (posts := processor.ask(ASKED_ROWS)) is not None:
        processor.acknowledge(posts)
        now = time.perf_counter()
        looks.append(now - looked)
        looked = now
        found += len(posts)
    looks.sort()
    print(
        f"asked of {rows:,} rows in {time.perf_counter() - begun:.1f} s: {found:,} questions; "
        f"a look at {ASKED_ROWS} rows takes {statistics.median(looks) * 1000:.1f} ms, "
        f"the longest {looks[-1] * 1000:.0f} ms"
    )


def main() -> None:
    """Measure one folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chunk", type=int, default=500)
    parser.add_argument("--records", type=int, help="no more than so many")
    asked = parser.parse_args()
    collect_seldom()
    records, profile = heard(asked.folder)
    in_memory(records[: asked.records], Model.default(profile), asked.chunk)
    with tempfile.TemporaryDirectory() as folder:
        run(records[: asked.records], Model.default(profile), Path(folder) / "store", asked.chunk)


if __name__ == "__main__":
    main()
