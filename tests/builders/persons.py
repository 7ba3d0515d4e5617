"""Person records for tests, in one line each."""

import unicodedata
from collections.abc import Mapping, Sequence

from suoi.person import Day, Name, Number, PersonRecord, Place, Sex


def name(text: str) -> Name:
    """A Vietnamese name: surname first, given name last."""
    marked = tuple(text.lower().split())
    plain = tuple(_plain(word) for word in marked)
    return Name(marked, plain, plain[0], plain[-1]) if len(plain) > 1 else Name(marked, plain, "", plain[0])


def born(text: str) -> Day:
    """`1985-03-12`, or `1985` for a year only."""
    year, *rest = (int(part) for part in text.split("-"))
    return Day(year, *rest) if rest else Day(year)


def person(
    rid: str,
    called: str = "",
    birth: str = "",
    sex: Sex | None = None,
    numbers: Mapping[str, str] | None = None,
    phones: Sequence[str] = (),
    mother: str = "",
    home: str = "",
) -> PersonRecord:
    """A record with what is given; everything else is unknown."""
    return PersonRecord(
        rid,
        name=name(called) if called else None,
        birth=born(birth) if birth else None,
        sex=sex,
        numbers=tuple(Number(kind, value) for kind, value in sorted((numbers or {}).items())),
        phones=tuple(phones),
        mother=name(mother) if mother else None,
        residence=Place(home) if home else None,
    )


def _plain(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d")
