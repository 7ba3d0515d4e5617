"""The golden record of a person as it is published: every field as text, with the row that says so."""

from collections.abc import Iterable

from streams.identity.published import Shown
from streams.identity.state import State
from streams.identity.survive import Authority, Chosen, Source, survivors
from streams.identity.survive import Shown as Value
from suoi.person import Day, Name, Place


def shown(state: State, rows: Iterable[str], authority: Authority) -> tuple[Shown, ...]:
    """The fields of the person that `rows` tell of, sorted by name."""
    return tuple(Shown(field, text(of.value), of.rid, of.rule) for field, of in chosen(state, rows, authority).items())


def chosen(state: State, rows: Iterable[str], authority: Authority) -> dict[str, Chosen]:
    """The same before it becomes text."""
    said = [Source(row.record, row.version) for rid in sorted(rows) if (row := state.rows[rid]).record is not None]
    return dict(sorted(survivors(said, authority).items()))


def text(value: Value) -> str:
    """A value of a record as it is published."""
    if isinstance(value, Name):
        return " ".join(word.capitalize() for word in value.syllables)
    if isinstance(value, Place):
        return value.unit or " ".join(value.words)
    return _day(value) if isinstance(value, Day) else value


def _day(day: Day) -> str:
    """As much of `yyyy-mm-dd` as is known."""
    year = "" if day.year is None else f"{day.year:04}"
    if day.month is None:
        return year
    month = f"{year or '-'}-{day.month:02}"
    return month if day.day is None else f"{month}-{day.day:02}"
