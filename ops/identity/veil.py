"""How much of a person an operator sees: by default enough to tell persons apart, and nothing to reach them by."""

import re
from dataclasses import dataclass

import orjson

from ops.verify.answer import MASK
from streams.identity.keys import meaning
from streams.identity.show import text
from streams.identity.survive import Shown, values
from suoi.person import Day, Name, PersonRecord, Place

_SHOWN_OF_NUMBER, _SHOWN_OF_PHONE = 3, 2
_LONG = 8
"""Digits from which a number is never shown whole; a shorter one shows nothing."""
_DIGITS = re.compile(rf"[0-9]{{{_LONG},}}")


@dataclass(frozen=True, slots=True)
class Veil:
    """`lifted` shows everything. Otherwise: of a name the initials and the last syllable, of a day the year, of a
    number the last three digits, of a phone the last two, of a place the unit; sex in full; nothing of the rest."""

    lifted: bool = False

    def value(self, field: str, value: Shown) -> str:
        """A value of a record, as it may be shown."""
        return text(value) if self.lifted else _masked(field, value)

    def number(self, typed: str) -> str:
        """A number that somebody typed."""
        return typed if self.lifted else _end(typed, _SHOWN_OF_NUMBER)

    def key(self, key: str) -> str:
        """What rows have in common that hold a blocking key; the values of the key, too, when lifted."""
        return f"{meaning(key)}: {key.partition(':')[2]}" if self.lifted else meaning(key)

    def row(self, rid: str, record: PersonRecord | None) -> str:
        """A rid. A key is masked where it is what the row says of the person, or holds a long number."""
        table, key, role = _parted(rid)
        if self.lifted or not key:
            return rid
        said = _said(record) if record else frozenset()
        return f"{table}|{_masked_key(key, said)}|{role}"


def _masked(field: str, value: Shown) -> str:
    if isinstance(value, Name):
        return _initials(value)
    if isinstance(value, Day):
        return f"{value.year:04}" if value.year else MASK
    if isinstance(value, Place):
        return value.unit or MASK
    if field.startswith("number."):
        return _end(value, _SHOWN_OF_NUMBER)
    if field == "phone":
        return _end(value, _SHOWN_OF_PHONE)
    return value if field == "sex" else MASK


def _initials(name: Name) -> str:
    if not name.syllables:
        return MASK
    *before, last = name.syllables
    initials = [f"{syllable[:1].upper()}." for syllable in before]
    return " ".join([*initials, last.capitalize()]) if initials else f"{last[:1].upper()}."


def _end(number: str, shown: int) -> str:
    return MASK + (number[-shown:] if len(number) >= _LONG else "")


def _parted(rid: str) -> tuple[str, str, str]:
    """Table, key and role: a key may hold bars."""
    table, _, rest = rid.partition("|")
    key, _, role = rest.rpartition("|")
    return table, key, role


def _said(record: PersonRecord) -> frozenset[str]:
    """Everything that the row says of the person, as it was written and as it was read."""
    return frozenset([*(raw for _, raw in record.raw), *(text(value) for _, value in values(record))])


def _masked_key(key: str, said: frozenset[str]) -> str:
    """A row's key, a JSON array, part by part; whatever else it is, as a whole."""
    try:
        parts = orjson.loads(key)
    except orjson.JSONDecodeError:
        parts = key
    if not isinstance(parts, list):
        return str(_masked_part(parts, said))
    return orjson.dumps([_masked_part(part, said) for part in parts]).decode()


def _masked_part(part: object, said: frozenset[str]) -> object:
    written = str(part)
    return _end(written, _SHOWN_OF_NUMBER) if written in said or _DIGITS.search(written) else part
