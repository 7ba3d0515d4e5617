"""Arrays as PostgreSQL prints them, `{1,NULL,"a b",{2}}`, to lists of texts."""

import re
from typing import Any

_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{},"]+)|([{},])', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def elements(text: str) -> list[Any]:
    """The elements as texts, None for NULL, lists for further dimensions.

    Raises ValueError for what is no such text, or counts from anything but 1 (`[0:1]={1,2}`): a list could not say so.
    """
    open_lists: list[list[Any]] = [[]]
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None or not open_lists:
            raise ValueError(f"no array of PostgreSQL: {text}")
        quoted, plain, mark = found.groups()
        if mark == "{":
            open_lists.append([])
        elif mark == "}":
            closed = open_lists.pop()
            (open_lists or [[]])[-1].append(closed)
        elif mark is None:
            open_lists[-1].append(_element(quoted, plain))
        place = found.end()
    if len(open_lists) != 1 or len(open_lists[0]) != 1 or not isinstance(open_lists[0][0], list):
        raise ValueError(f"no array of PostgreSQL: {text}")
    return open_lists[0][0]


def _element(quoted: str | None, plain: str | None) -> str | None:
    if quoted is not None:
        return _ESCAPED.sub(r"\1", quoted)
    return None if plain == "NULL" else plain
