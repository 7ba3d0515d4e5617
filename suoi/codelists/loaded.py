"""The lists that every process of a home reads: those that ship, under those that were imported into the home."""

from functools import cache
from pathlib import Path

from suoi.codelists.lists import Lists
from suoi.resources import resource


def folder_of(home: Path) -> Path:
    """Where imported files are."""
    return home / "codelists"


@cache
def of_home(home: Path) -> Lists:
    """Read once per process. UserError with file and line if they are not sound."""
    return Lists.load(resource("codelists"), folder_of(home))
