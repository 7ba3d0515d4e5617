"""Lists without dates: gender, ethnicity and nationality, each written in a coding that its source declares.

A value is only ever read in the declared coding: two official codings may give one code to different things.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from suoi.codelists.clean import Key, is_missing, key, tidy
from suoi.codelists.clean import code as read_code
from suoi.codelists.resolution import Resolution, Rule, found, refused
from suoi.codelists.table import Folder

TEXT = "text"
"""The coding of a column that holds names."""


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

    @property
    def valid_codings(self) -> tuple[str, ...]:
        """What a source may declare."""
        return (*sorted(self.codings), TEXT)

    def resolve(self, raw: object, coding: str | None, text: str | None = None) -> Resolution:
        """The unit a raw value stands for in its declared coding; text beside it must agree. Never raises."""
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


def load_ethnicity(folder: Folder) -> CodedList:
    """54 peoples by the statistics code of 1979; the second official coding is `hr_2008`."""
    titles: dict[str, str] = {}
    second: dict[str, str] = {}
    names: list[tuple[str, str]] = []
    for row in folder.rows("ethnicity.csv", ("code_statistics", "code_hr", "name", "variants")):
        unit, other = row["code_statistics"], row["code_hr"]
        if unit in titles or other in second:
            raise row.error(f"code {unit!r} or {other!r} stands twice in its coding")
        titles[unit], second[other] = row["name"], unit
        names += [(name, unit) for name in (row["name"], *row["variants"].split(";")) if name]
    unofficial = {row["code"]: row["name"] for row in folder.rows("ethnicity_extra_codes.csv", ("code", "name"))}
    codings = {"statistics_1979": {unit: unit for unit in titles}, "hr_2008": second}
    return CodedList("ethnicity", "statistics_1979", titles, codings, *_named(names, titles), unofficial)


def load_gender(folder: Folder) -> CodedList:
    """ISO 5218 (1 male, 2 female, 9 undetermined) out of the values each known system writes."""
    titles = {"1": "nam", "2": "nữ", "9": "không xác định"}
    codings: defaultdict[str, dict[str, str]] = defaultdict(dict)
    names: list[tuple[str, str]] = []
    for row in folder.rows("gender.csv", ("system", "value", "canonical")):
        system, value, unit = row["system"], row["value"], row["canonical"]
        if unit not in titles:
            raise row.error(f"canonical {unit!r}: valid are {', '.join(titles)}")
        if system.startswith(TEXT):
            names += [(value, unit)] if value else []
        elif value:
            codings[system][value] = unit
    return CodedList("gender", "iso5218", titles, dict(codings), *_named(names, {}))


def load_nationality(folder: Folder) -> CodedList:
    """ISO 3166-1 alpha-2 codes; the police code of the health data standard is `police`."""
    columns = ("code_police", "iso_alpha2", "iso_alpha3", "name_vi")
    titles: dict[str, str] = {}
    codings: dict[str, dict[str, str]] = {"iso_alpha2": {}, "iso_alpha3": {}, "police": {}}
    names: list[tuple[str, str]] = []
    for row in folder.rows("nationality.csv", columns):
        unit = row["iso_alpha2"]
        if len(unit) != 2 or not unit.isalpha():
            raise row.error(f"iso_alpha2 {unit!r} must be two letters")
        titles.setdefault(unit, row["name_vi"])
        codings["iso_alpha2"][unit] = codings["iso_alpha3"][row["iso_alpha3"]] = unit
        codings["police"] |= {row["code_police"]: unit} if row["code_police"] else {}
        names += [(name, unit) for name in (row["iso_alpha3"], row["name_vi"], *_both_names(row["name_vi"]))]
    return CodedList("nationality", "iso_alpha2", titles, codings, *_named(names, titles))


def _both_names(title: str) -> Iterable[str]:
    """`Ý (I-ta-li-a)` goes by either name."""
    before, bracket, inside = title.partition("(")
    return (before.strip(), inside.rstrip(") ").strip()) if bracket else ()


def _named(
    names: Iterable[tuple[str, str]], titles: Mapping[str, str]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Units by comparable name; a name that is one unit's own title is nobody else's variant."""
    marked: defaultdict[str, set[str]] = defaultdict(set)
    plain: defaultdict[str, set[str]] = defaultdict(set)
    own: dict[Key, str] = {key(title): unit for unit, title in titles.items()}
    for name, unit in names:
        comparable = key(name)
        if own.get(comparable, unit) == unit:
            marked[comparable.marked].add(unit)
        plain[comparable.plain].add(unit)
    return {n: frozenset(u) for n, u in marked.items()}, {n: frozenset(u) for n, u in plain.items()}
