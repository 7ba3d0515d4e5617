"""Blocking keys: rows that share an active one are compared. Every key is emitted from the start, coarse to fine."""

from collections.abc import Iterator
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
    "u": NAME | {"residence"},
    "fn": NAME | {"father"},
    "mn": NAME | {"mother"},
    "fd": DATE | {"father"},
    "md": DATE | {"mother"},
}
_COARSE = ("d:", "w:", "o.")


def keys(of: Features) -> frozenset[str]:
    """`<family>:<value>` for everything by which the row may meet others."""
    return frozenset(_keys(of))


def is_coarse(key: str) -> bool:
    """A key that only helps while few rows hold it: it dies first as a set grows."""
    return key.startswith(_COARSE)


def implied(key: str) -> frozenset[str]:
    """The fields on which rows that share `key` agree by that alone."""
    family = key.partition(":")[0]
    if family.startswith("l."):
        return DATE | {f"number.{family[2:]}"}
    if family.startswith("n."):
        return frozenset({f"number.{family[2:]}"})
    if family.startswith("o."):
        return frozenset({f"other.{family[2:]}"})
    return _IMPLIES[family]


def _keys(of: Features) -> Iterator[str]:
    born = cast(Date | None, of.values.get("birth"))
    yield from _by_number(of, born)
    day = _day(born) if born and born.month else None
    if day:
        yield f"d:{day}"
    if of.name:
        yield from _by_name(of, of.name, born, day)
    for parent in ("father", "mother"):
        name = cast(FullName | None, of.values.get(parent))
        if name and of.name:
            yield f"{parent[0]}n:{name.plain}|{of.name.given}"
        if name and day:
            yield f"{parent[0]}d:{name.plain}|{day}"


def _by_number(of: Features, born: Date | None) -> Iterator[str]:
    for field, value in of.values.items():
        if field.startswith("number."):
            kind = field[7:]
            for number in cast(tuple[str, ...], value):
                yield f"n.{kind}:{number}"
                if born and len(number) >= _SHORTEST:
                    yield f"l.{kind}:{number[-_LAST:]}|{born.year}"
        elif field.startswith("other."):
            yield f"o.{field[6:]}:{value}"


def _by_name(of: Features, name: FullName, born: Date | None, day: str | None) -> Iterator[str]:
    yield f"w:{name.sorted}"
    if born:
        yield f"s:{name.sorted}|{born.year}"
    if born and day:
        yield f"m:{name.sorted}|{day[4:]}"
        yield f"g:{name.given}|{day}"
        yield f"b:{name.plain[: -len(name.given) - 1] if name.plain.endswith(name.given) else name.surname}|{day}"
    if born and day and of.given and of.surname:
        for part, plain in (("G", of.given.plain), ("S", of.surname.plain)):
            yield f"{part}:{plain}|{born.year}-{born.month}"
            yield f"{part}:{plain}|{day[4:]}"
            yield f"{part}:{plain}|{born.year}--{born.day}"
    for phone in cast(tuple[str, ...], of.values.get("phone", ())):
        yield f"p:{phone}|{name.given}"
    home = cast(Where | None, of.values.get("residence"))
    if home:
        yield f"u:{home.unit or home.words}|{name.sorted}"


def _day(born: Date) -> str:
    """The day with the smaller of day and month first, so that a swapped one meets its like."""
    low, high = sorted((born.month, born.day))
    return f"{born.year}{low:02d}{high:02d}"
