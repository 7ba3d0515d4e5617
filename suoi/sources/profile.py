"""Profiles: how the fields of a person are read in a country. Other identifiers are another file, not code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from suoi.person import Sex
from suoi.sources.fields import refuse

FieldKind = Literal["name", "part", "day", "number", "sex", "phone", "place", "text", "identifier"]
DEFAULT = "vietnam"
_FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of number looks like: the group of `pattern`, where it has one, is the number."""

    pattern: re.Pattern[str]
    width: int | None = None
    lost_zeros: int = 0
    """How many zeros in front a spreadsheet may have taken from a number of `width` digits."""


@dataclass(frozen=True, slots=True)
class Phones:
    """Phone numbers of a country: how they are dialled inside it."""

    form: re.Pattern[str]
    country: str | None
    renumbered: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """How the fields of `persons:` are read; there is one of each name, so what is read under it can be remembered."""

    name: str
    surname_first: bool
    vietnamese: bool
    """Names are Vietnamese syllables."""
    year_only: tuple[int, int] | None
    """Month and day that stand for unknown ones."""
    fields: Mapping[str, FieldKind]
    identifiers: Mapping[str, tuple[str, ...]]
    """Identifier field → the kinds of number it may hold, the likeliest first."""
    numbers: Mapping[str, Form]
    phones: Phones
    sexes: Mapping[str, Sex]
    no_name: frozenset[str]
    """What is written where a name is not known, without marks."""
    titles: frozenset[str]
    """What is no part of a name before at least two more words, lower case with marks."""
    newborn: re.Pattern[str] | None
    """A child called after its mother, whose name is the group; without marks."""


def profiles() -> tuple[str, ...]:
    """The names of all profiles."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def read_profile(value: object) -> str:
    """The name of a profile that a source file chooses."""
    if not isinstance(value, str) or value not in profiles():
        refuse(value, "is no profile", " ".join(profiles()))
    return value


@cache
def profile(name: str) -> Profile:
    """The profile called `name`, one of `profiles()`."""
    told = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    kinds = {field: "identifier" if isinstance(kind, list) else kind for field, kind in told["fields"].items()}
    month, _, day = told.get("year_only", "").partition("-")
    return Profile(
        name=name,
        surname_first=told["surname_first"],
        vietnamese=told.get("syllables") == "vietnamese",
        year_only=(int(month), int(day)) if day else None,
        fields=cast(Mapping[str, FieldKind], kinds),
        identifiers={field: tuple(kind) for field, kind in told["fields"].items() if isinstance(kind, list)},
        numbers={kind: _form(of) for kind, of in told["numbers"].items()},
        phones=_phones(told["phone"]),
        sexes={word: cast(Sex, sex) for sex, words in told["sexes"].items() for word in words},
        no_name=frozenset(told["no_name"]),
        titles=frozenset(told.get("titles", ())),
        newborn=re.compile(told["newborn"]) if "newborn" in told else None,
    )


def _form(told: Mapping[str, Any]) -> Form:
    pattern = re.compile("|".join(f"(?:{form})" for form in told["forms"]))
    return Form(pattern, told.get("width"), told.get("lost_zeros", 0))


def _phones(told: Mapping[str, Any]) -> Phones:
    return Phones(re.compile(told["form"]), told.get("country"), told.get("renumbered", {}))
