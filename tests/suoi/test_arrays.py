"""Arrays as PostgreSQL prints them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suoi.arrays import elements

ELEMENTS = st.lists(st.none() | st.text())


def printed(found: list[str | None]) -> str:
    """As PostgreSQL does it when it quotes every element."""
    quoted = ['"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' if one is not None else "NULL" for one in found]
    return "{" + ",".join(quoted) + "}"


@given(ELEMENTS)
def test_every_element_comes_back(found: list[str | None]) -> None:
    assert elements(printed(found)) == found


def test_dimensions_are_lists_in_lists() -> None:
    assert elements("{{1,2},{NULL,4}}") == [["1", "2"], [None, "4"]]
    assert elements("{}") == []


@pytest.mark.parametrize("text", ["[0:1]={1,2}", "{1", "1}", "{1}{2}", "", "a"])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no array of PostgreSQL"):
        elements(text)
