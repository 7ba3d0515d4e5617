"""All code lists behind one look-up: `Lists.load(folder).resolve("admin_unit", "00004", on=date(2024, 1, 5))`."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from suoi.codelists.about import About, load_about
from suoi.codelists.clean import tidy
from suoi.codelists.coded import CodedList
from suoi.codelists.coded_files import load_coded
from suoi.codelists.ending import ending
from suoi.codelists.evidence import alike
from suoi.codelists.projection import project
from suoi.codelists.resolution import NEVER, Level, Never, Resolution, Rule, Status, refused
from suoi.codelists.table import Folder
from suoi.codelists.unit_lookup import UnitValue, resolve_unit
from suoi.codelists.units import LEVELS, Units, load_units
from suoi.errors import FieldError

ADMIN_UNIT = "admin_unit"
_REMEMBERED = 1 << 17


class Lists:
    """The lists as loaded: immutable, so one instance may serve many threads. Answers are remembered."""

    def __init__(
        self, units: Units, coded: Mapping[str, CodedList], about: Mapping[str, About], content_hash: str
    ) -> None:
        self._units, self._coded, self._about, self._hash = units, dict(coded), about, content_hash
        self._remembered = lru_cache(_REMEMBERED)(self._resolve)
        self._projected = lru_cache(_REMEMBERED)(self._project)

    @classmethod
    def load(cls, root: Path, over: Path | None = None) -> "Lists":
        """Read the folder of lists, files below `over` first. UserError with file and line if it is not sound."""
        folder = Folder(root, over)
        units, coded = load_units(folder), load_coded(folder)
        about = load_about(folder, (ADMIN_UNIT, *coded))
        return cls(units, coded, about, folder.content_hash())

    def resolve(
        self,
        list: str,
        raw: str | int | None,
        *,
        on: date | None = None,
        text: str | None = None,
        parent: str | int | None = None,
        district: str | int | None = None,
        recoded: date | Never | None = None,
        level: str | None = None,
        coding: str | None = None,
    ) -> Resolution:
        """The unit that a raw value stands for as of the day `on`, or why there is none. Never raises.

        `text` is the written name beside a code, `parent` a province or district, `district` a district column,
        `recoded` the day the source changed to the codes of 2025-07-01, `coding` what the source declared.
        """
        if raw.__class__ is not str and raw is not None:
            raw = tidy(raw)
        if text.__class__ is not str and text is not None:
            text = tidy(text)
        if parent is not None or district is not None:
            parent, district = _text(parent), _text(district)
        if list == ADMIN_UNIT:
            recoded = _cut_over(recoded)
            on = _day_alike(self._units, on, recoded)
            if text is not None and level == "commune" and (end := ending(self._units, text)):
                answer = self._remembered(list, raw, on, end, parent, district, recoded, level, coding)
                if answer.status is Status.OK:
                    return answer
        return self._remembered(list, raw, on, text, parent, district, recoded, level, coding)

    def project(self, unit: str, version: str, target_version: str) -> Resolution:
        """A unit of one dated list in another, by official links: one unit, or candidates. Never raises."""
        return self._projected(str(unit), str(version), str(target_version))

    def version_on(self, on: date | None) -> str:
        """The dated list in force on a day; the newest one where no day is known."""
        return self._units.versions[-1 if on is None else self._units.in_force(on)]

    @property
    def coded(self) -> Mapping[str, CodedList]:
        """The lists without dates, by name."""
        return self._coded

    @property
    def units(self) -> Units:
        """The dated lists of administrative units."""
        return self._units

    def about(self, list: str) -> About:
        """Title, owner and legal source of a list. Raises KeyError."""
        return self._about[list]

    def names(self) -> tuple[str, ...]:
        """The lists a source may bind a column to."""
        return (ADMIN_UNIT, *sorted(self._coded))

    def codings(self, list: str) -> tuple[str, ...]:
        """The codings a binding to `list` may declare; none for a list whose versions are dated."""
        return self._coded[list].valid_codings if list in self._coded else ()

    def written(self, list: str, unit: str, coding: str) -> tuple[str, ...]:
        """The codes that a coding has for a unit of a list without dates."""
        return self._coded[list].written(unit, coding) if list in self._coded else ()

    def content_hash(self) -> str:
        """SHA-256, as hex, over everything loaded."""
        return self._hash

    def unverified(self, list: str) -> bool:
        """Whether no official text of a list was at hand."""
        return list in self._coded and self._coded[list].unverified

    def check_binding(
        self,
        list: str,
        *,
        level: str | None = None,
        coding: str | None = None,
        recoded: date | Never | None = None,
    ) -> None:
        """Raise FieldError, naming the valid choices, unless `resolve` can serve a column bound like this."""
        if list not in self.names():
            raise FieldError("list", f"{list!r} is no list; valid: {' '.join(self.names())}")
        if list == ADMIN_UNIT:
            _check_units(level, coding, recoded)
            return
        if coding not in self.codings(list):
            problem = "is missing" if coding is None else f"{coding!r} is not known"
            raise FieldError("coding", f"{problem} for list {list}; valid: {' '.join(self.codings(list))}")
        for field, value in (("level", level), ("recoded", recoded)):
            if value is not None:
                raise FieldError(field, f"belongs to {ADMIN_UNIT}, list {list} has none; valid: no {field}")

    def _resolve(
        self,
        list: str,
        raw: object,
        on: date | None,
        text: str | None,
        parent: object,
        district: object,
        recoded: date | Never | None,
        level: str | None,
        coding: str | None,
    ) -> Resolution:
        if coded := self._coded.get(list):
            return coded.resolve(raw, coding, text)
        if list != ADMIN_UNIT:
            return refused(Rule.UNKNOWN, f"there is no list {list!r}; valid are {', '.join(self.names())}")
        known = _level(level)
        if level is not None and known is None:
            return refused(Rule.UNKNOWN, f"there is no level {level!r}; valid are {', '.join(LEVELS)}")
        return resolve_unit(self._units, UnitValue(raw, on, text, parent, district, recoded, known))

    def _project(self, unit: str, version: str, target: str) -> Resolution:
        return project(self._units, unit, version, target)


def _check_units(level: str | None, coding: str | None, recoded: object) -> None:
    if _level(level) is None:
        problem = "is missing" if level is None else f"{level!r} is not known"
        raise FieldError("level", f"{problem} for list {ADMIN_UNIT}; valid: {' '.join(LEVELS)}")
    if coding is not None:
        problem = f"{coding!r} has no meaning for list {ADMIN_UNIT}, whose versions are dated"
        raise FieldError("coding", f"{problem}; valid: no coding, but recoded")
    if _cut_over(recoded) is None:
        problem = "is missing" if recoded is None else f"{recoded!r} is no day"
        raise FieldError("recoded", f"{problem} for list {ADMIN_UNIT}; valid: a date (2025-07-01) or {NEVER}")


def _level(level: str | None) -> Level | None:
    return next((one for one in LEVELS if one == level), None)


def _text(value: object) -> str | None:
    return None if value is None else tidy(value)


def _day_alike(units: Units, value: object, recoded: date | Never | None) -> date | None:
    day = _day(value)
    return None if day is None else alike(units, day, recoded)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _cut_over(value: object) -> date | Never | None:
    return NEVER if value == NEVER else _day(value)
