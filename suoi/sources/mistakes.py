"""Mistakes as lines a person can act on: `<file>:<line>: <key>: <what is wrong>; valid: <what would be right>`."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from suoi.errors import UserError
from suoi.sources.document import Document, Where
from suoi.sources.fields import shown
from suoi.sources.kinds import KINDS
from suoi.sources.model import (
    FIELDS,
    CodeBinding,
    Database,
    Harm,
    Owner,
    Person,
    Pii,
    Source,
    Table,
)

_KEY = "[key]"
_SECTIONS: dict[str, type[BaseModel]] = {"owner": Owner, "database": Database, "harm": Harm}


class BadSource(UserError):
    """A source file with mistakes: one line each, in the order of the file."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


def lines(document: Document) -> tuple[str, ...]:
    """Every mistake noted in `document`, by line, each once."""
    found = dict.fromkeys(sorted(document.mistakes, key=lambda mistake: mistake.line))
    return tuple(f"{document.path}:{line}: {label(where)}: {problem}" for line, where, problem in found)


def label(where: Where) -> str:
    """A place as it is printed: `tables.public.khai_sinh.as`."""
    text = ".".join(str(part) for part in where) or "source"
    return text if text.isprintable() else repr(text)


def note(document: Document, error: ValidationError) -> None:
    """Note what the model refuses, unless something is already noted at that very place."""
    details = error.errors(include_url=False)
    known = {mistake.where for mistake in document.mistakes} | _misspelt(details)
    for detail in details:
        where = _place(detail)
        if where not in known:
            document.blame(where, _problem(detail, where))


def _place(detail: ErrorDetails) -> Where:
    """Where the mistake is; one in the key of a mapping is at that key, and a key may itself be spelled `[key]`."""
    *around, last = detail["loc"] or ("",)
    in_key = last == _KEY and len(around) > 1 and detail["type"] != "extra_forbidden"
    return tuple(around) if in_key else detail["loc"]


def _misspelt(details: Iterable[ErrorDetails]) -> set[Where]:
    """Keys that are there under a wrong name: saying that they are missing too would be a second line for one slip."""
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    close = [(loc[:-1], get_close_matches(str(loc[-1]), _keys(loc[:-1]), n=1)) for loc in unknown]
    return {(*around, *found) for around, found in close if found}


def nearest(word: str, choices: Iterable[str]) -> str:
    """`, nearest is <choice>` when one of `choices` looks like `word`."""
    close = get_close_matches(word, list(choices), n=1)
    return f", nearest is {close[0]}" if close else ""


def _problem(detail: ErrorDetails, where: Where) -> str:
    value: Any = detail["input"]
    match detail["type"]:
        case "suoi":
            return str(detail["ctx"]["line"])
        case "extra_forbidden":
            return _choice("unknown key", str(where[-1]), _keys(where[:-1]))
        case "missing":
            return f"is missing; valid: {_required(where[:-1])}"
        case "literal_error":
            choices = FIELDS if where[0] == "authority" else tuple(KINDS)
            return _choice(f"{shown(value)} is not known", str(value), choices)
        case "too_short":
            return "names no table; valid: at least one <schema>.<table>"
        case "model_type" | "mapping_type" | "dict_type":
            return f"{shown(value)} is not a mapping; valid: {' '.join(_keys(where)) or 'key: value'}"
    return f"{shown(value)}: {detail['msg']}; valid: see the documentation of this key"


def _choice(problem: str, word: str, choices: Iterable[str]) -> str:
    choices = tuple(choices)
    return f"{problem}{nearest(word, choices)}; valid: {' '.join(choices)}"


def _keys(where: Where) -> tuple[str, ...]:
    model = model_at(where)
    return tuple(info.alias or name for name, info in model.model_fields.items()) if model else ()


def _required(where: Where) -> str:
    model = model_at(where)
    fields = model.model_fields if model else {}
    return "all of " + " ".join(info.alias or name for name, info in fields.items() if info.is_required())


def model_at(where: Where) -> type[BaseModel] | None:
    """The model that reads the mapping at `where`; None where the keys are free."""
    match where:
        case ():
            return Source
        case ("tables", _):
            return Table
        case ("tables", _, "codes", _):
            return CodeBinding
        case ("tables", _, "persons", _):
            return Person
        case ("tables", _, "pii"):
            return Pii
        case (str(name),):
            return _SECTIONS.get(name)
    return None
