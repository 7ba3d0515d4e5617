"""Administrative units: raw code, text and surroundings to one unit as of its date."""

from datetime import date
from typing import NamedTuple

from suoi.codelists.by_code import by_code
from suoi.codelists.by_text import by_text
from suoi.codelists.clean import code as read_code
from suoi.codelists.clean import is_missing, tidy
from suoi.codelists.evidence import Evidence, declared_lists, home_list
from suoi.codelists.place import NOWHERE, Written, read_district, read_parent, read_written
from suoi.codelists.resolution import Level, Never, Resolution, Rule, refused
from suoi.codelists.units import LEVELS, WIDTH, Units


class UnitValue(NamedTuple):
    """One value to resolve, as it came."""

    raw: object
    on: date | None = None
    text: str | None = None
    parent: object = None
    district: object = None
    recoded: date | Never | None = None
    level: Level | None = None


def resolve_unit(units: Units, value: UnitValue) -> Resolution:
    """The unit as of its date. Without a level the length of the code counts, or the first level that has the name."""
    code_text = "" if value.raw is None else tidy(value.raw)
    if is_missing(code_text):
        code_text = ""
    if value.level is None and len(code_text) == 1 and code_text.isdecimal():
        return _one_digit(units, code_text)
    level = value.level or _level_of(code_text)
    if code_text and (code := read_code(code_text, WIDTH[level])):
        return _with_code(units, value, level, code, code_text)
    if code_text and not any(letter.isalpha() for letter in code_text):
        return refused(Rule.UNKNOWN, f"{code_text!r} is no code of a {level}: those have {WIDTH[level]} digits")
    return _without_code(units, value, code_text)


def _with_code(units: Units, value: UnitValue, level: Level, code: str, as_written: str) -> Resolution:
    written = read_written(units, value.text, level)
    answer = by_code(units, _evidence(units, value, level, written), code)
    if code == as_written:
        return answer
    reason = f"{as_written!r} read as {code}: {answer.reason}"
    return Resolution(answer.status, answer.unit, answer.version, answer.candidates, answer.rule, reason)


def _without_code(units: Units, value: UnitValue, code_text: str) -> Resolution:
    """The text column names the unit, or the code column does; what the source says about its codes does not count."""
    text = value.text if value.text is not None and not is_missing(tidy(value.text)) else code_text
    answer = refused(Rule.MISSING, "neither code nor text")
    for level in (value.level,) if value.level else reversed(LEVELS):
        if (written := read_written(units, text, level)) is None:
            return answer
        answer = by_text(units, _evidence(units, value._replace(recoded=None), level, written), written)
        if answer.rule is not Rule.UNKNOWN:
            return answer
    return answer


def _evidence(units: Units, value: UnitValue, level: Level, written: Written | None) -> Evidence:
    places = [written.place] if written else []
    places += [read_parent(units, value.parent)] if value.parent is not None else []
    places += [read_district(units, value.district)] if value.district is not None else []
    open_places = tuple(place for place in places if place != NOWHERE)
    declared = declared_lists(units, value.on, value.recoded)
    return Evidence(level, written, open_places, value.on, declared, home_list(units, value.on, declared))


def _level_of(code_text: str) -> Level:
    lengths = {WIDTH[level]: level for level in LEVELS}
    return lengths.get(len(code_text), "commune") if code_text.isdecimal() else "commune"


def _one_digit(units: Units, digit: str) -> Resolution:
    codes = {digit.zfill(WIDTH["province"]), digit.zfill(WIDTH["commune"])}
    known = frozenset(code for code in codes if any(code in one.units for one in units.lists))
    reason = f"{digit!r} may be a province or a commune that lost its zeros: name the level"
    return refused(Rule.CANDIDATES if known else Rule.UNKNOWN, reason, known)
