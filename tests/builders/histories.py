"""Random little histories of few people in few families: so few that names, dates and keys collide all the time."""

import os
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from builders.persons import person

from streams.identity.engine import Engine
from streams.identity.model import Model
from suoi.person import PersonRecord, Sex

TRIALS = int(os.environ.get("IDENTITY_TRIALS", "40"))
"""Per law; `make torture` sets 10,000."""
_SEED = int(os.environ.get("IDENTITY_SEED", "7"))

_SURNAMES, _MIDDLES = ("Nguyễn", "Trần"), ("Văn", "Thị", "Đức")
_GIVEN = ("Hùng", "Hưng", "Lan", "Minh", "Mai")
_BIRTHS = ("1985-03-12", "1985-12-03", "1985-03-13", "1985", "2011-07-01", "2011")
_NUMBERS = ("052085000001", "052085000010", "052185777777", "052211123456", "052211999999")
_PHONES, _HOMES, _MOTHERS = ("0905111222", "0905333444"), ("21550", "21553"), ("Lê Thị Hoa", "Phạm Thị Yến")


class Put(NamedTuple):
    """One event of a row's history; None deletes."""

    rid: str
    version: int
    record: PersonRecord | None


def trials(law: int) -> Iterator[tuple[str, Random]]:
    """A name to print and a source of chance, per trial of a law."""
    print(f"law {law}: {TRIALS} trials, IDENTITY_SEED={_SEED}")  # noqa: T201 pytest shows it where a law fails
    for trial in range(TRIALS):
        seed = f"IDENTITY_SEED={_SEED} law {law} trial {trial}"
        yield seed, Random(seed)


def model(random: Random) -> Model:
    """The shipped model with caps so small that keys overflow."""
    return Model.default("vietnam").capped(random.randint(2, 5))


def record(random: Random, rid: str) -> PersonRecord:
    """Any of few people, with any of the fields missing."""
    called = f"{random.choice(_SURNAMES)} {random.choice(_MIDDLES)} {random.choice(_GIVEN)}"
    sex: Sex | None = random.choice((None, "male", "female"))
    return person(
        rid,
        called if random.random() < 0.95 else "",
        random.choice(_BIRTHS) if random.random() < 0.9 else "",
        sex,
        {"personal": random.choice(_NUMBERS)} if random.random() < 0.6 else None,
        (random.choice(_PHONES),) if random.random() < 0.4 else (),
        random.choice(_MOTHERS) if random.random() < 0.5 else "",
        random.choice(_HOMES) if random.random() < 0.6 else "",
    )


def history(random: Random, most: int = 40) -> list[Put]:
    """Events of some rows, each row's in the order of its versions."""
    rids = [f"r{number:02d}" for number in range(random.randint(3, 14))]
    versions = dict.fromkeys(rids, 0)
    events = []
    for _ in range(random.randint(5, most)):
        rid = random.choice(rids)
        versions[rid] += 1
        events.append(Put(rid, versions[rid], None if random.random() < 0.15 else record(random, rid)))
    return events


def named(events: Sequence[Put]) -> list[str]:
    """What a verdict may be about: the rows of `events`, and two that may never have come."""
    return sorted({"r00", "r01", *(event.rid for event in events)})


def shuffled(random: Random, events: Sequence[Put]) -> list[Put]:
    """Another interleaving that keeps the order within each row."""
    left: dict[str, list[Put]] = {}
    for event in events:
        left.setdefault(event.rid, []).append(event)
    result = []
    while left:
        rid = random.choice(sorted(left))
        result.append(left[rid].pop(0))
        if not left[rid]:
            del left[rid]
    return result


def final(events: Sequence[Put]) -> list[Put]:
    """The newest version of every row that lives."""
    newest = {event.rid: event for event in events}
    return [event for _, event in sorted(newest.items()) if event.record is not None]


def run(of: Model, events: Sequence[Put], random: Random | None = None) -> Engine:
    """An engine that took `events`, flushed now and then if `random` says so, and at the end."""
    engine = Engine(of)
    for event in events:
        engine.put(*event)
        if random is not None and random.random() < 0.3:
            engine.flush()
    engine.flush()
    return engine
