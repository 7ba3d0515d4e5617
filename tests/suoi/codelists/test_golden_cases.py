"""The cases that registrars read in codelists/cases/ come out as written there."""

from datetime import date
from typing import Any

import pytest
import yaml

from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Resolution
from suoi.resources import resource

Case = dict[str, Any]


def cases() -> list[Any]:
    found = []
    for path in sorted(resource("codelists", "cases").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(pytest.param(path.stem, case, id=f"{path.stem}: {case['case']}"))
    return found


def answer(lists: Lists, name: str, given: Case) -> Resolution:
    arguments = {"level": "commune", **given} if name == "admin_unit" else dict(given)
    return lists.resolve(name, arguments.pop("raw", None), on=arguments.pop("date", None), **arguments)


@pytest.mark.parametrize(("name", "case"), cases())
def test_case(lists: Lists, name: str, case: Case) -> None:
    resolution = answer(lists, name, case["given"])
    for field, expected in case["expect"].items():
        actual = getattr(resolution, field)
        if field == "reason":
            assert expected in actual
        elif field == "candidates":
            assert list(actual) == expected
        else:
            assert actual == (expected.isoformat() if isinstance(expected, date) else expected), resolution


def test_every_list_has_cases(lists: Lists) -> None:
    assert {path.stem for path in resource("codelists", "cases").glob("*.yaml")} == set(lists.names())
