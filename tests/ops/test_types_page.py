"""The page of types is what the test of types saw."""

import pytest

from ops import types_page

KINDS = [path.stem for path in sorted(types_page.FOLDER.glob("*.json"))]


def test_the_page_is_current() -> None:
    assert types_page.PAGE.read_text(encoding="utf-8") == types_page.page(), "python -m ops.types_page"


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_that_is_tried_was_seen(kind: str) -> None:
    seen = types_page.observed(kind)
    tried = {case.type: len(case.values) for group in types_page.cases(kind).groups for case in group.types}
    assert {name: len(entry["values"]) for name, entry in seen.items()} == tried


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_null_without_its_text(kind: str) -> None:
    for entry in types_page.observed(kind).values():
        for value in entry["values"]:
            for way in ("load", "stream"):
                side, printed = value[way], value["source"].removesuffix(".000000")
                assert "value" in side or side["fault"].partition(": ")[2] == printed, value


def test_a_long_value_is_told_by_its_beginning_and_its_length() -> None:
    assert types_page.shortened("x" * 60) == "x" * 60
    assert types_page.shortened("x" * 61) == "x" * 20 + "... (61 characters)"
