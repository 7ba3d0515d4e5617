"""What is true of the demo, as JSON lines: who is who, and what was done to each row.

A line for each person, followed by one for each row that an agency holds of that person:

    {"kind": "person", "person": "p31", "full_name", "sex", "birth_date", "death_date", "personal_number",
     "old_number" or null, "insurance_number", "phone", "ethnicity", "mother": "p12", "father": "p11" or null,
     "residence": {"2024-06-11", "2025-06-30", "2025-07-01": commune code}}
    {"kind": "row", "agency": "hotich", "table": "khai_sinh", "pk": 62, "roles": {"child": "p31", "mother": "p12", ...},
     "dirt": ["nfd"]}

Parents outside the population are `p31.mother`, `p31.father`: a person of their own each. The live stream adds lines of
the same kinds for what it creates, and

    {"kind": "changed", "agency", "table", "pk", "by": "correction" | "move" | ...}
    {"kind": "deleted", "agency", "table", "pk"}
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import orjson

from demo.agencies import AGENCIES
from demo.entry import Entry
from demo.papers import insurance_number, phone
from demo.population import Person, world
from demo.province import Records, records

Line = dict[str, Any]


def truth(persons: int, seed: int, agencies: Collection[str] = tuple(AGENCIES)) -> Iterator[bytes]:
    """The truth of a loaded province, line by line (UTF-8, each ending in a line end); needs no database."""
    for some in records(world(seed), persons, agencies=agencies):
        held = _by_person(some)
        for person in some.persons:
            yield encoded(person_line(person, seed))
            for agency, entry in held[person.id]:
                yield encoded(row_line(agency, entry))


def _by_person(some: Records) -> dict[int, list[tuple[str, Entry]]]:
    held: defaultdict[int, list[tuple[str, Entry]]] = defaultdict(list)
    for agency, entries in some.held.items():
        for entry in entries:
            held[entry.person].append((agency, entry))
    return held


def encoded(line: Line) -> bytes:
    """One line of a truth file."""
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def person_line(person: Person, seed: int) -> Line:
    """What is true of a person of the province of `seed`."""
    return {
        "kind": "person",
        "person": person.key,
        "full_name": person.name.full,
        "sex": person.sex,
        "birth_date": person.born,
        "death_date": person.died,
        "personal_number": person.number,
        "old_number": person.card,
        "insurance_number": insurance_number(seed, person),
        "phone": phone(seed, person),
        "ethnicity": person.people,
        "mother": person.mother.id,
        "father": person.father.id if person.father else None,
        "residence": {
            "2024-06-11": person.home.first.code,
            "2025-06-30": person.home.old.code,
            "2025-07-01": person.home.new.code,
        },
    }


def row_line(agency: str, entry: Entry) -> Line:
    """Whom a row is about and which faults it was given."""
    roles, dirt = dict(entry.roles), list(entry.dirt)
    return {"kind": "row", "agency": agency, "table": entry.table, "pk": entry.row[0], "roles": roles, "dirt": dirt}


def changed_line(agency: str, table: str, key: object, by: str) -> Line:
    """A row that the live stream changed on purpose."""
    return {"kind": "changed", "agency": agency, "table": table, "pk": key, "by": by}


def deleted_line(agency: str, table: str, key: object) -> Line:
    """A row that the live stream deleted."""
    return {"kind": "deleted", "agency": agency, "table": table, "pk": key}
