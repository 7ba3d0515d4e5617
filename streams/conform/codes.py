"""Codes as of their date: each bound column gets the unit it meant, under which list version, and how sure that is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Protocol

from streams.conform.days import DayReader, day_reader
from suoi.change import Row
from suoi.codelists.lists import Lists
from suoi.sources import CodeBinding

UNIT, VERSION, STATUS, CANDIDATES = "__unit", "__version", "__status", "__candidates"
_REMEMBERED = 65_536

Reading = tuple[str | None, str | None, str, list[str]]
"""unit, version, status, candidates"""


class Resolution(Protocol):
    """What a look-up answers."""

    @property
    def status(self) -> str: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def version(self) -> str | None: ...
    @property
    def candidates(self) -> tuple[str, ...]: ...


class Resolver(Protocol):
    """The code lists, as far as conform needs them."""

    def resolve(
        self,
        list: str,
        raw: str | int | None,
        *,
        on: date | None = None,
        text: str | None = None,
        district: str | None = None,
        recoded: Any = None,
        level: str | None = None,
        coding: str | None = None,
    ) -> Resolution:
        """Never raises, whatever `raw` is."""
        ...


class Codes(Protocol):
    """The code lists with what is decided about them."""

    @property
    def lists(self) -> Lists:
        """The lists alone."""
        ...

    def of_column(self, list: str, place: str) -> Resolver:
        """The look-up of the column `<agency>.<table>.<column>`, which is bound to `list`."""
        ...


def output_fields(column: str, list: str) -> Iterator[dict[str, Any]]:
    """The Avro fields that a column bound to `list` adds."""
    yield {"name": column + UNIT, "type": ["null", "string"], "default": None, "codelist": list}
    for suffix in (VERSION, STATUS):
        yield {"name": column + suffix, "type": ["null", "string"], "default": None}
    yield {"name": column + CANDIDATES, "type": {"type": "array", "items": "string"}, "default": []}


@dataclass(frozen=True, slots=True)
class CodeReader:
    """One binding of one table: reads the code of a row as of the row's date and remembers what it read."""

    column: str
    list: str
    binding: CodeBinding
    day_of: DayReader
    lists: Resolver
    asked_of: Callable[[Row], Any]
    """The values of a row that its reading depends on: a tuple as `CodeBinding` names them, or the code alone."""
    memory: dict[Any, Reading]
    names: tuple[str, str, str, str]

    def read(self, row: Row) -> Reading:
        """The reading of this row's code. The same inputs always give the same reading."""
        asked = self.asked_of(row)
        try:
            answer = self.memory.get(asked)
        except TypeError:  # a list or a mapping: nothing to remember it by
            return _reading(self.resolve(row))
        if answer is None:
            answer = _reading(self.resolve(row))
            if len(self.memory) >= _REMEMBERED:
                self.memory.clear()
            self.memory[asked] = answer
        return answer

    def resolve(self, row: Row) -> Resolution:
        """What the lists answer for this row's code."""
        binding = self.binding
        text, district = (row[name] if name else None for name in (binding.text, binding.district))
        return self.lists.resolve(
            self.list,
            _word(row[self.column]),
            on=self.day_of(row[binding.on]) if binding.on else None,
            text=None if text is None else str(text),
            district=None if district is None else str(district),
            recoded=binding.recoded,
            level=binding.level,
            coding=binding.coding,
        )


def code_reader(column: str, binding: CodeBinding, on_type: Any, lists: Resolver) -> CodeReader:
    """A reader for `binding` of `column`; `on_type` is the published Avro type of the date column."""
    names = (column + UNIT, column + VERSION, column + STATUS, column + CANDIDATES)
    asked_of = itemgetter(column, *(name for name in (binding.on, binding.text, binding.district) if name))
    return CodeReader(column, binding.list, binding, day_reader(on_type), lists, asked_of, {}, names)


def _reading(found: Resolution) -> Reading:
    return found.unit, found.version, str(found.status), list(found.candidates)


def _word(value: Any) -> str | int | None:
    return value if value is None or isinstance(value, str | int) else str(value)
