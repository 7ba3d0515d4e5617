"""COPY text that PostgreSQL reads back as it was."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from demo.copying import text_line

_UNESCAPED = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}


def unescaped(cell: str) -> str | None:
    if cell == "\\N":
        return None
    parts, at = [], 0
    while at < len(cell):
        width = 2 if cell[at] == "\\" else 1
        parts.append(_UNESCAPED.get(cell[at : at + width], cell[at : at + width]))
        at += width
    return "".join(parts)


@given(st.lists(st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
def test_any_text_survives(values: list[str | None]) -> None:
    line = text_line(values)
    assert line.endswith("\n")
    assert [unescaped(cell) for cell in line[:-1].split("\t")] == values


def test_numbers_dates_and_moments_are_written_as_postgresql_reads_them() -> None:
    moment = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    assert text_line((7, date(2025, 7, 1), moment)) == "7\t2025-07-01\t2026-11-22 08:30:00+00:00\n"
