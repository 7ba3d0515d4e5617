"""Rows of the code lists that ship with the project, as they stand in their files."""

import csv
from collections.abc import Iterator

from suoi.resources import resource


def rows(*parts: str) -> Iterator[dict[str, str]]:
    """The rows of `codelists/<parts>` by column name; every value is text, leading zeros kept."""
    with resource("codelists", *parts).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
