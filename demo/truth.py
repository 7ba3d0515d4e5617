"""What is true of the demo, as JSON lines: who is who, and what was done to each row.

A line for each person, followed by one for each registration of that person:

    {"kind": "person", "person": "p31", "full_name", "sex", "birth_date", "death_date", "personal_number", "ethnicity",
     "mother": "p12", "father": "p11" or null, "residence": {"2024-06-11", "2025-06-30", "2025-07-01": commune code}}
    {"kind": "row", "table": "khai_sinh", "pk": 62, "roles": {"child": "p31", "mother": "p12", ...}, "dirt": ["nfd"]}

Parents outside the population are `p31.mother`, `p31.father`: a person of their own each. The live stream adds lines of
the same kinds for what it creates, and

    {"kind": "changed", "table", "pk", "by": "correction" | "move" | ...}      {"kind": "deleted", "table", "pk"}
"""

from collections.abc import Iterator
from typing import Any

import orjson

from demo.population import Person, world
from demo.province import records
from demo.rows import Entry, person_of

Line = dict[str, Any]


def truth(persons: int, seed: int) -> Iterator[bytes]:
    """The truth of a loaded province, line by line (UTF-8, each ending in a line end); needs no database."""
    for some in records(world(seed), persons):
        for person in some.persons:
            yield encoded(person_line(person))
            for entry in some.entries:
                if person_of(entry.row.id) == person.id:
                    yield encoded(row_line(entry))


def encoded(line: Line) -> bytes:
    """One line of a truth file."""
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def person_line(person: Person) -> Line:
    """What is true of a person."""
    return {
        "kind": "person",
        "person": person.key,
        "full_name": person.name.full,
        "sex": person.sex,
        "birth_date": person.born,
        "death_date": person.died,
        "personal_number": person.number,
        "ethnicity": person.people,
        "mother": person.mother.id,
        "father": person.father.id if person.father else None,
        "residence": {
            "2024-06-11": person.home.first.code,
            "2025-06-30": person.home.old.code,
            "2025-07-01": person.home.new.code,
        },
    }


def row_line(entry: Entry) -> Line:
    """Whom a row is about and which faults it was given."""
    roles, dirt = dict(entry.roles), list(entry.dirt)
    return {"kind": "row", "table": entry.table, "pk": entry.row.id, "roles": roles, "dirt": dirt}


def changed_line(table: str, key: int, by: str) -> Line:
    """A row that the live stream changed on purpose."""
    return {"kind": "changed", "table": table, "pk": key, "by": by}


def deleted_line(table: str, key: int) -> Line:
    """A row that the live stream deleted."""
    return {"kind": "deleted", "table": table, "pk": key}
