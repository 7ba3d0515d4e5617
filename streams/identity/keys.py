"""Blocking keys: rows that share an active one are compared. Every key is emitted from the start, coarse to fine."""

from typing import cast

from streams.identity.features import Features
from streams.identity.kinds import Date, FullName, Where

_LAST = 6
_SHORTEST = 9
NAME, DATE = frozenset({"name", "surname", "middle", "given"}), frozenset({"birth"})
_IMPLIES = {
    "d": DATE,
    "w": NAME,
    "s": NAME | DATE,
    "m": NAME | DATE,
    "g": NAME | DATE,
    "b": NAME | DATE,
    "G": NAME | DATE,
    "S": NAME | DATE,
    "p": NAME | {"phone"},
    "u": NAME | {"residence", "registered_at", "birth_place", "homes"},
    "fn": NAME | {"father"},
    "mn": NAME | {"mother"},
    "fd": DATE | {"father"},
    "md": DATE | {"mother"},
}
_MEANINGS = {
    "d": "day of birth",
    "w": "words of the name",
    "s": "words of the name, year of birth",
    "m": "words of the name, day and month of birth",
    "g": "given name, day of birth",
    "b": "name before the given name, day of birth",
    "G": "given name, two of day, month and year of birth",
    "S": "surname, two of day, month and year of birth",
    "p": "phone, given name",
    "u": "unit of a place, words of the name",
    "fn": "father, given name",
    "mn": "mother, given name",
    "fd": "father, day of birth",
    "md": "mother, day of birth",
}
COARSE = "~"
"""Begins a key that only helps while few rows hold it: it dies first as a set grows."""


def keys(of: Features) -> frozenset[str]:
    """`<family>:<value>` for everything by which the row may meet others."""
    born = cast(Date | None, of.values.get("birth"))
    day = _day(born) if born and born.month else ""
    found = _by_number(of, born)
    if day:
        found.append(f"~d:{day}")
    if of.name:
        _by_name(of, of.name, born, day, found)
        _by_part(of, born, day, found)
    _by_parent(of, day, found)
    return frozenset(found)


def implied(key: str) -> frozenset[str]:
    """The fields on which rows that share `key` agree by that alone."""
    family = key.partition(":")[0].removeprefix(COARSE)
    if family.startswith("l."):
        return DATE | {f"number.{family[2:]}"}
    if family.startswith("n."):
        return frozenset({f"number.{family[2:]}"})
    if family.startswith("o."):
        return frozenset({f"other.{family[2:]}"})
    if family.startswith("q."):
        return NAME | {f"other.{family[2:]}"}
    return _IMPLIES[family]


def meaning(key: str) -> str:
    """What rows that share `key` have in common, without the values."""
    family = key.partition(":")[0].removeprefix(COARSE)
    kind, _, field = family.partition(".")
    if kind == "n":
        return f"number.{field}"
    if kind == "l":
        return f"end of number.{field}, year of birth"
    if kind == "o":
        return f"other.{field}"
    return f"surname, other.{field}" if kind == "q" else _MEANINGS[family]


def _by_number(of: Features, born: Date | None) -> list[str]:
    found = []
    for field, value in of.values.items():
        if field.startswith("number."):
            kind = field[7:]
            for number in cast(tuple[str, ...], value):
                found.append(f"n.{kind}:{number}")
                if born and len(number) >= _SHORTEST:
                    found.append(f"l.{kind}:{number[-_LAST:]}|{born.year}")
        elif field.startswith("other."):
            found.append(f"~o.{field[6:]}:{value}")
    return found


def _by_name(of: Features, name: FullName, born: Date | None, day: str, found: list[str]) -> None:
    ordered, given = name.sorted, name.call
    found.append(f"~w:{ordered}")
    if born:
        found.append(f"s:{ordered}|{born.year}")
    if day:
        before = name.plain[: -len(given) - 1] if given and name.plain.endswith(given) else name.surname
        found += (f"m:{ordered}|{day[4:]}", f"g:{given}|{day}", f"b:{before}|{day}")
    for phone in cast(tuple[str, ...], of.values.get("phone", ())):
        found.append(f"p:{phone}|{given}")
    homes = cast(frozenset[str], of.values.get("homes", frozenset()))
    found += (f"u:{unit}|{ordered}" for unit in homes)
    home = cast(Where | None, of.values.get("residence"))
    if home and not home.unit:
        found += (f"u:{unit}|{ordered}" for unit in (home.among or (home.words,)))


def _by_part(of: Features, born: Date | None, day: str, found: list[str]) -> None:
    """Where a source tells the parts of a name apart: one of them right, and two of day, month and year, or a text."""
    if of.surname:
        texts = ((field[6:], value) for field, value in of.values.items() if field.startswith("other."))
        found += (f"q.{field}:{of.surname.plain}|{value}" for field, value in texts)
    if not (born and day and of.given and of.surname):
        return
    for part, plain in (("G", of.given.plain), ("S", of.surname.plain)):
        found.append(f"{part}:{plain}|{born.year}-{born.month}")
        found.append(f"{part}:{plain}|{day[4:]}")
        found.append(f"{part}:{plain}|{born.year}--{born.day}")


def _by_parent(of: Features, day: str, found: list[str]) -> None:
    for parent in ("father", "mother"):
        name = cast(FullName | None, of.values.get(parent))
        if name and of.name:
            found.append(f"{parent[0]}n:{name.plain}|{of.name.call}")
        if name and day:
            found.append(f"{parent[0]}d:{name.plain}|{day}")


def _day(born: Date) -> str:
    """The day with the smaller of day and month first, so that a swapped one meets its like."""
    low, high = sorted((born.month, born.day))
    return f"{born.year}{low:02d}{high:02d}"
