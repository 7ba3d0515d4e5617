"""What of a record is compared, in the form it is compared in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from streams.identity.kinds import Date, FullName, Kind, Part, Sayings, Where
from streams.identity.model import Model
from suoi.person import Day, Name, Number, PersonRecord, Place

Value = FullName | Part | Date | Sayings | Where | frozenset[str] | tuple[str, ...] | str

_PERSONAL_DIGITS = 12


class Features(NamedTuple):
    """A record ready to be compared: fields that are present → value, and what an exact agreement adds (millibits)."""

    name: FullName | None
    surname: Part | None
    middle: Part | None
    given: Part | None
    values: Mapping[str, Value]
    bonus: Mapping[str, int]
    own_number: str = ""
    """A structured number that says the very year and sex that the row says: hardly somebody else's."""


def features(record: PersonRecord, model: Model) -> Features:
    """The features of `record` under `model`."""
    words = model.words
    name = full_name(record.name, words) if record.name else None
    surname, middle, given = name_parts(record.name, words) if record.name and model.rules.parts else (None, None, None)
    values = _values(record, model)
    bonus: dict[str, int] = {}
    for field, value in (("name", name), ("surname", surname), ("middle", middle), ("given", given), *values.items()):
        known = model.fields.get(field)
        if value and known and known.rarest:
            plain = plain_of(value)
            if plain is not None:
                bonus[field] = known.frequencies.get(plain, known.rarest)
    return Features(name, surname, middle, given, values, bonus, _own_number(record, model.rules.structured))


def kind_of(field: str) -> Kind:
    """The kind of a field that no model declares: a number's or another field's."""
    return Kind.IDENTIFIER if field.startswith("number.") else Kind.TEXT


def plain_of(value: Value) -> str | None:
    """The text by which a value is rare or frequent; None for values that are not counted."""
    if isinstance(value, str):
        return value
    if isinstance(value, FullName) or isinstance(value, Part):  # noqa: SIM101 a union type is made anew at every call
        return value.plain
    return (value.unit or value.words or None) if isinstance(value, Where) else None


def full_name(name: Name, words: frozenset[str]) -> FullName:
    """A name to compare as a whole."""
    plain = " ".join(name.plain)
    surname, given = name.surname, name.given
    if not given and len(name.plain) > 1:
        surname, given = name.plain[0], name.plain[-1]
    called = given.split()
    call = (called[-1] if name.plain[-1] == called[-1] else called[0]) if called else ""
    known = words.issuperset(name.plain)
    return FullName(" ".join(name.syllables), plain, " ".join(sorted(name.plain)), surname, given, call, known)


def name_parts(name: Name, words: frozenset[str]) -> tuple[Part | None, Part | None, Part | None]:
    """Surname, what stands between, given name; each None where the source does not tell it."""
    return _part(name, name.surname, words), _middle(name, words), _part(name, name.given, words)


def _part(name: Name, plain: str, words: frozenset[str]) -> Part | None:
    if not plain:
        return None
    inside = plain.split()
    marked = [name.syllables[name.plain.index(word)] if word in name.plain else word for word in inside]
    return Part(" ".join(marked), plain, words.issuperset(inside))


def _middle(name: Name, words: frozenset[str]) -> Part | None:
    if not (name.surname and name.given):
        return None
    left = list(zip(name.syllables, name.plain, strict=True))
    for word in (*name.surname.split(), *name.given.split()):
        found = next((pair for pair in left if pair[1] == word), None)
        if found:
            left.remove(found)
    if not left:
        return None
    plain = [plain for _, plain in left]
    return Part(" ".join(marked for marked, _ in left), " ".join(plain), words.issuperset(plain))


def _values(record: PersonRecord, model: Model) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if record.birth and record.birth.year:
        found["birth"] = _date(record.birth)
    if record.sex:
        found["sex"] = record.sex
    if record.numbers:
        found.update(_by_kind(record.numbers))
    if model.rules.structured:
        _structure(record, model.rules.structured, found)
    if record.phones:
        found["phone"] = tuple(sorted(set(record.phones)))
    _relations(record, model.words, found)
    if record.death and record.death.year:
        found["death"] = _date(record.death)
    for of, text in record.other:
        found[f"other.{of}"] = text
    return found


def _relations(record: PersonRecord, words: frozenset[str], found: dict[str, Value]) -> None:
    if record.mother:
        found["mother"] = full_name(record.mother, words)
    if record.father:
        found["father"] = full_name(record.father, words)
    places = (record.residence, record.registered_at, record.birth_place)
    homes = frozenset(place.unit for place in places if place and place.unit)
    for field, place in zip(("residence", "registered_at", "birth_place"), places, strict=True):
        if place and (place.unit or place.words or place.among):
            found[field] = _where(place)
    if homes:
        found["homes"] = homes


def _by_kind(numbers: Sequence[Number]) -> dict[str, tuple[str, ...]]:
    if len(numbers) == 1:
        return {f"number.{numbers[0].kind}": (numbers[0].value,)}
    found: dict[str, set[str]] = {}
    for number in numbers:
        found.setdefault(f"number.{number.kind}", set()).add(number.value)
    return {field: tuple(sorted(values)) for field, values in sorted(found.items())}


def _date(day: Day) -> Date:
    return Date(day.year or 0, day.month or 0, day.day or 0)


def _where(place: Place) -> Where:
    return Where(place.unit or "", " ".join(place.words), frozenset(place.among))


def _structure(record: PersonRecord, structured: str, found: dict[str, Value]) -> None:
    """Only where the number can say what the row does not: beside a date of its own it would count the date twice."""
    born = record.birth.year if record.birth else None
    number = next((number.value for number in record.numbers if number.kind == structured), None)
    if number is None and born:
        found["structure"] = Sayings(False, born, record.sex or "")
    elif number and not born:
        said = _said(number)
        if said:
            found["structure"] = said


def _said(number: str) -> Sayings | None:
    """Year of birth and sex as a personal number says them: digit 4 century and sex, digits 5 and 6 the year."""
    if len(number) != _PERSONAL_DIGITS or not number.isdigit():
        return None
    century = int(number[3])
    return Sayings(True, 1900 + 100 * (century // 2) + int(number[4:6]), "female" if century % 2 else "male")


def _own_number(record: PersonRecord, structured: str) -> str:
    numbers = [number.value for number in record.numbers if number.kind == structured]
    said = _said(numbers[0]) if structured and len(numbers) == 1 else None
    own = said and record.birth and said.year == record.birth.year and record.sex in (None, said.sex)
    return numbers[0] if own else ""
