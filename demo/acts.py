"""When and where a person is registered: births at once, late or again, deaths at once, late or again."""

from datetime import date, timedelta

from demo.draw import Draw, working_day
from demo.population import LOADED_UNTIL, Person
from demo.rows import AGAIN, LATE, NEW, REPLACED, Registration, key_of

LATE_AFTER_DAYS = 60

_FIRST_DEATHS_KEPT = date(1990, 1, 1)
_YEARS_OF_AGAIN = 11


def birth_registrations(draw: Draw, person: Person) -> list[Registration]:
    """The acts that registered this birth, in order: none, one, or a first and a second."""
    first = _first_registration(draw, person)
    again = _registered_again(draw, person, first)
    if first and again:
        return [first._replace(state=REPLACED), again]
    return [one for one in (first, again) if one]


def _first_registration(draw: Draw, person: Person) -> Registration | None:
    """Books before 1990 are digitised in part; nobody is here whose birth was registered elsewhere."""
    kept = 0.98 if person.born.year >= 1990 else 0.8 if person.born.year >= 1960 else 0.5
    if not person.native or not draw.chance(kept):
        return None
    last = min(person.died or LOADED_UNTIL, LOADED_UNTIL)
    late_from = person.born + timedelta(days=LATE_AFTER_DAYS + 1)
    late = late_from < last and draw.chance(0.05 if person.born.year >= 1990 else 0.15)
    if late:
        on = draw.day(late_from, min(last, late_from + timedelta(days=15 * 365)))
    else:
        on = person.born + timedelta(days=draw.between(1, 45))
    on = working_day(on)
    if on > LOADED_UNTIL:
        return None
    return Registration(key_of(person.id), LATE if late else NEW, on, person.birth_home)


def _registered_again(draw: Draw, person: Person, first: Registration | None) -> Registration | None:
    """A second act for a book that was lost, more often of late."""
    if not draw.chance(0.18 if person.born.year < 2005 else 0.02):
        return None
    days_ago = int(draw.fraction() ** 2 * _YEARS_OF_AGAIN * 365)
    on = working_day(LOADED_UNTIL - timedelta(days=days_ago))
    if (person.died and on > person.died) or on < (first.on if first else person.born) + timedelta(days=365):
        return None
    return Registration(key_of(person.id, again=True), AGAIN, on, person.home)


def death_registrations(draw: Draw, person: Person) -> list[Registration]:
    """The acts that registered this death, in order; none for the living and for deaths before 1990."""
    if not person.died or person.died < _FIRST_DEATHS_KEPT or not draw.chance(0.9):
        return []
    late = draw.chance(0.06)
    on = working_day(person.died + timedelta(days=draw.between(31, 900) if late else draw.between(0, 14)))
    if on > LOADED_UNTIL:
        return []
    first = Registration(key_of(person.id), LATE if late else NEW, on, person.home)
    again = Registration(key_of(person.id, again=True), AGAIN, working_day(draw.day(on, LOADED_UNTIL)), person.home)
    return [first._replace(state=REPLACED), again] if draw.chance(0.02) else [first]
