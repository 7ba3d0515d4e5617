"""Lists without dates, such as gender and ethnicity, each written in a coding that its source declares.

A value is only ever read in the declared coding: two official codings may give one code to different things.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from suoi.codelists.clean import code as read_code
from suoi.codelists.clean import is_missing, key, tidy
from suoi.codelists.resolution import Resolution, Rule, found, refused

TEXT = "text"
"""The coding of a column that holds names."""
UNVERIFIED = "this list is unverified"


@dataclass(frozen=True, slots=True)
class CodedList:
    """One list: its units, and what each coding calls them."""

    name: str
    version: str
    """The coding that units are written in."""
    titles: Mapping[str, str]
    """Unit -> what people call it."""
    codings: Mapping[str, Mapping[str, str]]
    """Coding -> code -> unit; without `text`."""
    names: Mapping[str, frozenset[str]]
    """Name with its marks -> units."""
    plain_names: Mapping[str, frozenset[str]]
    unofficial: Mapping[str, str] = field(default_factory=dict)
    """Codes met in the wild that no official coding has."""
    unverified: bool = False
    """No official text was at hand: every answer says so."""

    @property
    def valid_codings(self) -> tuple[str, ...]:
        """What a source may declare."""
        return (*sorted(self.codings), TEXT)

    def resolve(self, raw: object, coding: str | None, text: str | None = None) -> Resolution:
        """The unit a raw value stands for in its declared coding; text beside it must agree. Never raises."""
        answer = self._resolve(raw, coding, text)
        return replace(answer, reason=f"{answer.reason} ({UNVERIFIED})") if self.unverified else answer

    def _resolve(self, raw: object, coding: str | None, text: str | None) -> Resolution:
        if coding is None or coding not in self.valid_codings:
            return refused(
                Rule.UNKNOWN, f"{self.name} has no coding {coding!r}; valid are {', '.join(self.valid_codings)}"
            )
        value = "" if raw is None else tidy(raw)
        if coding == TEXT:
            return self._by_name(value) or (self._by_name(tidy(text or "")) or self._missing(value))
        if unit := self._unit(value, coding):
            return self._checked(value, unit, coding, text)
        if is_missing(value) and not self._elsewhere(value, coding):
            return self._by_name(tidy(text or "")) or self._missing("")
        return self._by_name(value, letters=True) or self._unknown(value, coding)

    def written(self, unit: str, coding: str) -> tuple[str, ...]:
        """The codes that `coding` has for a unit, sorted."""
        return tuple(sorted(code for code, meant in self.codings.get(coding, {}).items() if meant == unit))

    def _unit(self, value: str, coding: str) -> str | None:
        """The unit of a code, repaired like any number that lost its zeros."""
        codes = self.codings[coding]
        if value.upper() in codes:
            return codes[value.upper()]
        widths = {len(code) for code in codes if code.isdecimal()}
        digits = (read_code(value, width) or "" for width in sorted(widths))
        return next((codes[code] for code in digits if code in codes), None)

    def _checked(self, value: str, unit: str, coding: str, text: str | None) -> Resolution:
        named = self._units_named(tidy(text or ""))
        if not named or unit in named:
            return found(Rule.EXACT, unit, self.version, f"{value} is {self.titles[unit]} in {coding}")
        reason = f"{value} is {self.titles[unit]} in {coding}, the text says {text!r}"
        fits = [other for other in self.codings if self._unit(value, other) in named]
        reason += f"; {', '.join(fits)} would fit, but the source declares {coding}" if fits else ""
        return refused(Rule.ERA_CONFLICT, reason, named | {unit}, self.version)

    def _by_name(self, text: str, letters: bool = False) -> Resolution | None:
        """The unit of a name; None if the text names none. With `letters`, numbers name nothing."""
        if letters and not any(letter.isalpha() for letter in text):
            return None
        units = self._units_named(text)
        if len(units) == 1:
            unit = next(iter(units))
            return found(Rule.FROM_TEXT, unit, self.version, f"{text!r} is {self.titles[unit]}")
        if units:
            return refused(Rule.AMBIGUOUS_TEXT, f"{len(units)} entries are called {text!r}", units, self.version)
        return None

    def _units_named(self, text: str) -> frozenset[str]:
        name = key(text)
        if not name.plain:
            return frozenset()
        return self.names.get(name.marked) or (self.plain_names.get(name.plain, frozenset()))

    def _missing(self, value: str) -> Resolution:
        if is_missing(value):
            return refused(Rule.MISSING, "neither code nor text")
        return refused(Rule.UNKNOWN, f"{value!r} names nothing in {self.name}")

    def _unknown(self, value: str, coding: str) -> Resolution:
        if value in self.unofficial:
            return refused(
                Rule.UNKNOWN, f"{value} is used for {self.unofficial[value]!r} here and there, but is not official"
            )
        if others := self._elsewhere(value, coding):
            return refused(
                Rule.OUT_OF_VERSION, f"{coding} has no {value!r}; {', '.join(others)} has, but is not declared"
            )
        return refused(Rule.UNKNOWN, f"{coding} of {self.name} has no {value!r}")

    def _elsewhere(self, value: str, coding: str) -> list[str]:
        """Other codings that have this very code."""
        return [other for other in self.codings if other != coding and value.upper() in self.codings[other]]
