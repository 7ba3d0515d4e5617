"""Outside events through the reading of persons and the engine, and the outcome held against the truth."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from ops.identity.events import Change
from ops.identity.outside import Outside, columns_of_days
from ops.identity.scores import Scores, scores
from ops.identity.truth import Truth
from streams.identity.engine import Engine
from streams.identity.model import Model
from streams.identity.train import train
from streams.persons.days import Written
from streams.persons.records import person_records, rid_of, tells_of_nobody
from suoi.codelists.lists import Lists
from suoi.errors import UserError
from suoi.person import PersonRecord
from suoi.sources import Source
from suoi.sources.profile import DEFAULT

CERTIFIED, CANDIDATE = "certified", "candidate"
_CHUNK = 500


class Said(NamedTuple):
    """What an event says of one person: the place, the version, and the record, None where there is no one."""

    rid: str
    version: int
    record: PersonRecord | None


class Spot(NamedTuple):
    """Where a live row tells of a person."""

    src: str
    pk: object
    role: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All events, read."""

    said: list[Said]
    live: Mapping[str, Spot]
    """The places that live rows tell of persons at."""
    persons: Mapping[str, str]
    """Live place → true person, where the truth has it."""
    profile: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out."""

    events: int
    records: int
    """Person records that the events came to: one for each person whom a row tells of."""
    all: Scores
    certified: Scores
    reading_seconds: float
    training_seconds: float
    matching_seconds: float
    clusters: Mapping[str, str]
    proven: Mapping[str, str]
    live: Mapping[str, Spot]

    @property
    def events_per_second(self) -> float:
        """Reading and matching together."""
        return self.events / max(self.reading_seconds + self.matching_seconds, 1e-9)

    @property
    def records_matched_per_second(self) -> float:
        """The engine only."""
        return self.records / max(self.matching_seconds, 1e-9)


def evaluate(changes: Sequence[Change], outside: Outside, truth: Truth, lists: Lists, learn: bool) -> Evaluation:
    """Run all events through a new engine. Raises UserError for events without a source file or truth."""
    read = reading(changes, outside, truth, lists)
    if not read.persons:
        raise UserError("the truth knows no row that is live at the end; valid: a line i,person for every event")
    begin = perf_counter()
    model = Model.default(read.profile)
    if learn:
        newest = {one.rid: one.record for one in sorted(read.said, key=lambda one: one.version)}
        model = train([record for record in newest.values() if record is not None], model)
    trained = perf_counter()
    engine = Engine(model)
    for number, one in enumerate(read.said, 1):
        engine.put(*one)
        if number % _CHUNK == 0:
            engine.flush()
    engine.flush()
    ended = perf_counter()
    found, proven = (by_row(engine.groups(certified=tier), read.live) for tier in (False, True))
    return Evaluation(
        events=len(changes),
        records=len(read.said),
        all=scores(read.persons, found),
        certified=scores(read.persons, proven),
        reading_seconds=read.seconds,
        training_seconds=trained - begin,
        matching_seconds=ended - trained,
        clusters=found,
        proven=proven,
        live=read.live,
    )


def reading(changes: Sequence[Change], outside: Outside, truth: Truth, lists: Lists) -> Reading:
    """What all events say, and what is live and true at their end."""
    begin = perf_counter()
    written = _written(changes, outside)
    profile = _profile(outside.table_of(change)[0] for change in changes)
    said: list[Said] = []
    newest: dict[str, tuple[int, Spot | None]] = {}
    persons: dict[str, str] = {}
    for change in changes:
        records = _records(change, outside, lists, written[change.src, change.table])
        for number, (role, rid, record) in enumerate(records):
            said.append(Said(rid, change.lsn, record))
            if rid in newest and newest[rid][0] >= change.lsn:
                continue
            newest[rid] = change.lsn, None if change.after is None else Spot(change.src, change.pk, role)
            person = truth.get((change.i, role)) or (truth.get((change.i, "")) if number == 0 else None)
            if person:
                persons[rid] = person
    live = {rid: spot for rid, (_, spot) in newest.items() if spot is not None}
    true = {rid: person for rid, person in persons.items() if rid in live}
    return Reading(said, live, true, profile, perf_counter() - begin)


def by_row(groups: Mapping[str, frozenset[str]], live: Iterable[str]) -> dict[str, str]:
    """Live place → its cluster; one that the engine was told nothing of is a cluster of its own."""
    found = {rid: key for key, rids in groups.items() for rid in rids}
    return {rid: found.get(rid, rid) for rid in live}


def write_clusters(path: Path, of: Evaluation) -> None:
    """`src,pk,role,cluster,tier`: certified where the row's whole cluster is proven by numbers."""
    sizes: defaultdict[str, set[str]] = defaultdict(set)
    for rid, cluster in of.clusters.items():
        sizes[cluster].add(of.proven[rid])
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(("src", "pk", "role", "cluster", "tier"))
            for rid, spot in of.live.items():
                cluster = of.clusters[rid]
                tier = CERTIFIED if len(sizes[cluster]) == 1 else CANDIDATE
                out.writerow((spot.src, _cell(spot.pk), spot.role, cluster, tier))
    except OSError as exc:
        raise UserError(f"{path}: cannot be written: {exc.strerror}; valid: a file in a folder that exists") from None


def _records(
    change: Change, outside: Outside, lists: Lists, written: Mapping[str, Written]
) -> Iterable[tuple[str, str, PersonRecord | None]]:
    source, table = outside.table_of(change)
    if change.after is None:
        return [(role, rid_of(source.agency, table.name, change.pk, role), None) for role in table.persons]
    found = person_records(source, table, change.after, change.pk, lists, written)
    return [
        (role, record.rid, None if tells_of_nobody(record) else record)
        for role, record in zip(table.persons, found, strict=True)
    ]


def _written(changes: Sequence[Change], outside: Outside) -> Mapping[tuple[str, str | None], Mapping[str, Written]]:
    rows: defaultdict[tuple[str, str | None], list[Mapping[str, object]]] = defaultdict(list)
    one: dict[tuple[str, str | None], Change] = {}
    for change in changes:
        one[change.src, change.table] = change
        if change.after is not None:
            rows[change.src, change.table].append(change.after)
    return {place: columns_of_days(outside.table_of(change)[1], rows[place]) for place, change in one.items()}


def _profile(sources: Iterable[Source]) -> str:
    found = {source.profile for source in sources}
    if len(found) > 1:
        raise UserError(f"profiles {' and '.join(sorted(found))} in one evaluation; valid: one in all source files")
    return found.pop() if found else DEFAULT


def _cell(pk: object) -> str:
    return str(pk) if isinstance(pk, str | int) else rid_of("", "", pk, "").split("|")[1]
