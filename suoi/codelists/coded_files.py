"""The lists without dates as they ship, read and checked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from suoi.codelists.clean import Key, key
from suoi.codelists.coded import TEXT, CodedList
from suoi.codelists.table import Folder


@dataclass(frozen=True, slots=True)
class Plain:
    """A list in `<name>.csv` that has one coding."""

    name: str
    coding: str
    unverified: bool = False


PLAIN = (
    Plain("religion", "census_2008"),
    Plain("education_general", "suoi", unverified=True),
    Plain("marital_status", "suoi", unverified=True),
    Plain("relationship_to_head", "suoi", unverified=True),
)

_PEOPLE_WORDS = ("dân tộc ", "DT ", "người ")
"""What people write before the name of a people."""


def load_coded(folder: Folder) -> dict[str, CodedList]:
    """Every list without dates, by name. UserError with file and line if one is not sound."""
    own = (load_ethnicity(folder), load_gender(folder), load_nationality(folder))
    return {one.name: one for one in (*own, *(load_plain(folder, plain) for plain in PLAIN))}


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
        called = [name for name in (row["name"], *row["variants"].split(";")) if name]
        names += [(f"{before}{name}", unit) for name in called for before in ("", *_PEOPLE_WORDS)]
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


def load_plain(folder: Folder, plain: Plain) -> CodedList:
    """A list of codes with a name and its variants each."""
    codes: dict[str, str] = {}
    names: list[tuple[str, str]] = []
    for row in folder.rows(f"{plain.name}.csv", ("code", "variants")):
        code = row["code"]
        if not code or code in codes:
            raise row.error(f"code {code!r} stands twice" if code else "no code")
        codes[code] = row.cells.get("name", code)
        names += [(name, code) for name in (codes[code], *row["variants"].split(";")) if name]
    codings = {plain.coding: {code: code for code in codes}}
    return CodedList(plain.name, plain.coding, codes, codings, *_named(names, codes), unverified=plain.unverified)


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
