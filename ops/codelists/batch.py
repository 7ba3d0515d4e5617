"""Many values at once: a CSV file of questions becomes a CSV file of answers, line by line.

Asked: `id` and `list`, and any of `code`, `text`, `parent`, `district`, `date` (ISO), `recoded` (a date or `never`),
`level`, `coding`, `target_version`. Answered: `id`, `status`, `codes` (joined by `;`), `rule`, `reason`.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ops.codelists.telling import Question, cut_over, day, tell
from suoi.codelists.lists import Lists
from suoi.errors import UserError

NEEDED = ("id", "list")
ASKED = (
    *NEEDED,
    *("code", "text", "parent", "district", "date", "recoded", "level", "coding", "target_version"),
)
ANSWERED = ("id", "status", "codes", "rule", "reason")
JOINED_BY = ";"


def answers(lists: Lists, path: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """The answers to a file, in its order. Raises UserError with file and line for what no question can be."""
    for line, cells in _lines(path):
        try:
            answer = tell(lists, question(cells))
        except UserError as exc:
            raise UserError(f"{path}:{line}: {exc}") from None
        yield cells["id"], answer.status, JOINED_BY.join(answer.codes), answer.rule, answer.reason


def question(cells: Mapping[str, str]) -> Question:
    """One line of a file. Raises UserError for a day that is none."""
    given = {name: value for name, value in cells.items() if value}
    on = given.get("date", "")
    return Question(
        list=cells["list"],
        code=given.get("code"),
        text=given.get("text"),
        parent=given.get("parent"),
        district=given.get("district"),
        on=day(on, f"date {on!r}; valid is a day such as 2025-07-01, or nothing") if on else None,
        recoded=cut_over(given.get("recoded", "")),
        level=given.get("level"),
        coding=given.get("coding"),
        target=given.get("target_version"),
    )


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            _check(path, header)
            for cells in reader:
                if len(cells) != len(header):
                    raise UserError(f"{path}:{reader.line_num}: {len(cells)} cells where the header has {len(header)}")
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except OSError as exc:
        raise UserError(f"{path}: cannot be read: {exc.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as exc:
        raise UserError(f"{path}: is no CSV file in UTF-8: {exc}") from None


def _check(path: Path, header: Sequence[str]) -> None:
    for name in NEEDED:
        if name not in header:
            raise UserError(f"{path}:1: no column {name!r}; valid: {', '.join(ASKED)}")
    for name in header:
        if name not in ASKED:
            raise UserError(f"{path}:1: column {name!r} is unknown; valid: {', '.join(ASKED)}")
        if header.count(name) > 1:
            raise UserError(f"{path}:1: column {name!r} stands twice")
