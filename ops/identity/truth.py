"""Who an event is about: a CSV file with the columns `i`, `person` and, where a row tells of several, `role`."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from suoi.errors import UserError

_NAMES: Mapping[str, tuple[str, ...]] = {
    "i": ("i", "event", "event_id", "id", "index", "row"),
    "person": ("person", "person_id", "truth", "entity", "entity_id", "true_id", "cluster"),
    "role": ("role",),
}

Truth = Mapping[tuple[str, str], str]
"""Event and role (empty: the first of the file) → person."""


def read_truth(path: Path) -> Truth:
    """The persons of all events that the file knows. Raises UserError with file and line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            event, person, role = _columns(path, next(lines, []))
            found = {}
            for cells in lines:
                if not any(cells):
                    continue
                if len(cells) <= max(event, person, role):
                    raise UserError(f"{path}:{lines.line_num}: has {len(cells)} cells; valid: as many as the header")
                if who := cells[person].strip():
                    found[cells[event].strip(), cells[role].strip() if role >= 0 else ""] = who
            return found
    except OSError as exc:
        raise UserError(f"{path}: cannot be read: {exc.strerror}; valid: a CSV file") from None
    except (UnicodeDecodeError, csv.Error) as exc:
        raise UserError(f"{path}: is no CSV file in UTF-8: {exc}; valid: columns i,person") from None


def _columns(path: Path, header: Sequence[str]) -> tuple[int, int, int]:
    """Places of event, person and role; -1 where there is no role."""
    names = [name.strip().lower() for name in header]
    places = {of: next((names.index(name) for name in called if name in names), -1) for of, called in _NAMES.items()}
    for of in ("i", "person"):
        if places[of] < 0:
            raise UserError(f"{path}:1: no column {of!r}; valid: i,person or i,role,person")
    return places["i"], places["person"], places["role"]
