"""What is known of each list as a whole: `lists.csv`."""

from collections.abc import Collection
from dataclasses import dataclass

from suoi.codelists.table import Folder
from suoi.errors import UserError

FILE = "lists.csv"
_COLUMNS = ("list", "title", "owner", "legal_source")


@dataclass(frozen=True, slots=True)
class About:
    """Owner and legal source are empty where no official text was at hand."""

    title: str
    owner: str
    legal_source: str


def load_about(folder: Folder, names: Collection[str]) -> dict[str, About]:
    """By list. UserError with file and line unless every list of `names` has its one line, and nothing else has."""
    found: dict[str, About] = {}
    for row in folder.rows(FILE, _COLUMNS):
        name = row["list"]
        if name not in names:
            raise row.error(f"there is no list {name!r}; valid: {', '.join(sorted(names))}")
        if name in found:
            raise row.error(f"list {name} stands there already")
        if not row["title"]:
            raise row.error(f"list {name} has no title")
        found[name] = About(row["title"], row["owner"], row["legal_source"])
    if missing := sorted(set(names) - found.keys()):
        raise UserError(f"{folder.path(FILE)}:1: nothing is said of list {missing[0]}")
    return found
