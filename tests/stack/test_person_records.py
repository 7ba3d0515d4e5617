"""What a topic of persons holds after an agency's rows were inserted, corrected, deleted and truncated."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from builders.stack import Agency, Stack, soon

from suoi.topics import PERSON_RECORD

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NAME = "loi_khai"
DDL = """
CREATE TABLE public.khai (id int PRIMARY KEY, ten text, ngay_sinh date, so numeric(12,0), me text);
CREATE TABLE public.cat (id int PRIMARY KEY, ten text);
INSERT INTO public.khai VALUES (1, 'Nguyễn Văn An', '1985-03-13', 52085001234, 'Trần Thị Bình');
INSERT INTO public.cat VALUES (1, 'Lê Văn Tám');
"""
TABLES = """
public.khai:
  as: khai
  persons:
    child: {full_name: ten, birth_date: ngay_sinh, personal_number: so}
    mother: {full_name: me}
public.cat: {as: cat, persons: {person: {full_name: ten}}}
"""
Told = Mapping[str, Mapping[str, Any]]


def told(stack: Stack) -> Told:
    """Key → the record of the highest version, for this agency; a key's records are all of one partition."""
    kept: dict[str, Mapping[str, Any]] = {}
    for record in stack.records(PERSON_RECORD):
        key = record["_key"].decode()
        if record["agency"] != NAME:
            continue
        if key not in kept or record["version"] > kept[key]["version"]:
            kept[key] = record
    return kept


def names(found: Told) -> Mapping[str, str | None]:
    """Key → the name as it was written, None where nobody is spoken of."""
    people = {key: record["person"] for key, record in found.items()}
    return {key: person and person["raw"]["full_name"] for key, person in people.items()}


def partitions_of(stack: Stack, key: str) -> set[int]:
    """Where a key is told."""
    return {record["_at"][0] for record in stack.records(PERSON_RECORD) if record["_key"] == key.encode()}


def test_the_topic_holds_what_the_rows_say_of_persons_and_nothing_else(
    stack: Stack, agency: Callable[[str, str, str], Agency]
) -> None:
    here = agency(NAME, DDL, TABLES)
    here.add()
    child, mother, second = (f"{NAME}.khai|{rest}" for rest in ("[1]|child", "[1]|mother", "[2]|child"))
    moved, cut, every = f"{NAME}.khai|[3]|child", f"{NAME}.cat|[1]|person", f"{NAME}.cat|*"
    soon(lambda: {child, mother, cut} <= told(stack).keys(), "the rows that were there")
    first = told(stack)[child]
    assert first["person"]["numbers"] == [{"kind": "personal", "value": "052085001234"}]
    assert first["person"]["birth"] == {"year": 1985, "month": 3, "day": 13}

    with here.connection() as connection:
        connection.execute("UPDATE khai SET ten = 'Nguyễn Văn Anh', me = NULL WHERE id = 1")
        connection.execute("INSERT INTO khai VALUES (2, 'Phạm Thị Sáu', NULL, NULL, NULL)")
        connection.execute("UPDATE khai SET id = 3 WHERE id = 2")
        connection.execute("TRUNCATE cat")
        connection.execute("INSERT INTO khai VALUES (9, 'Võ Thị Cuối', NULL, NULL, NULL)")
        connection.execute("DELETE FROM khai WHERE id = 9")

    last = f"{NAME}.khai|[9]|child"
    expected = {
        child: "Nguyễn Văn Anh",
        mother: None,
        second: None,
        second.replace("child", "mother"): None,
        moved: "Phạm Thị Sáu",
        moved.replace("child", "mother"): None,
        last: None,
        last.replace("child", "mother"): None,
        cut: "Lê Văn Tám",
        every: None,
    }
    soon(lambda: names(told(stack)) == expected, "every change of a row told")
    found = told(stack)
    assert {key for key, record in found.items() if record["deleted"]} == {
        second,
        second.replace("child", "mother"),
        last,
        last.replace("child", "mother"),
        every,
    }
    assert found[every]["version"] > found[cut]["version"]
    assert found[child]["version"] > first["version"]
    everywhere = set(range(stack.settings.partitions))
    soon(lambda: partitions_of(stack, every) == everywhere, "the truncation told on every partition")
