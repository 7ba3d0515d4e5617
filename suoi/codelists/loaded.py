"""The lists that every process of a home reads: those that ship, under those that were imported into the home."""

from functools import cache, lru_cache
from pathlib import Path

from suoi.codelists.lists import Lists
from suoi.resources import resource


def folder_of(home: Path) -> Path:
    """Where imported files are."""
    return home / "codelists"


def of_home(home: Path) -> Lists:
    """Read once per process. UserError with file and line if they are not sound."""
    imported = folder_of(home)
    return _with(imported) if imported.is_dir() else _shipped()


@cache
def _shipped() -> Lists:
    return Lists.load(resource("codelists"))


@lru_cache(1)
def _with(imported: Path) -> Lists:
    return Lists.load(resource("codelists"), imported)
