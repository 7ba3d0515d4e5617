"""The communes of Gia Lai before and after 1 July 2025, and the addresses written with them.

A *home* is one place through time: the commune it lay in under the list of 2024-06-11, of 2025-06-30 and of 2025-07-01.
Old Gia Lai (64) and Bình Định (52) became the new Gia Lai (52): the same code, two provinces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from demo.codelist import rows
from demo.draw import Draw, Weighted

REFORM = date(2025, 7, 1)
SECOND_LIST = date(2025, 1, 4)
PROVINCE = "52"
OLD_PROVINCES = ("52", "64")

_KIND_WEIGHT = {"phuong": 3.0, "thi_tran": 2.0, "xa": 1.0}
_STREETS = ("Trần Hưng Đạo", "Lê Lợi", "Nguyễn Huệ", "Quang Trung", "Hùng Vương", "Phan Bội Châu", "Lê Hồng Phong")


class Commune(NamedTuple):
    """A commune of one list version; `tail` is how an address goes on after street or hamlet."""

    code: str
    full_name: str
    tail: str
    district: str
    kind: str


class Home(NamedTuple):
    """One place through time: under the lists of 2024-06-11, 2025-06-30 and 2025-07-01."""

    first: Commune
    old: Commune
    new: Commune
    id_province: str  # three digits that personal numbers registered here began with before the reform

    def on(self, day: date) -> Commune:
        """The commune of this place on `day`; days before the first list are read with the first list."""
        if day >= REFORM:
            return self.new
        return self.old if day >= SECOND_LIST else self.first

    @property
    def highland(self) -> bool:
        """Whether it lies in what was Gia Lai before the reform."""
        return self.id_province == "064"


@dataclass(frozen=True, slots=True)
class Places:
    """All homes of the province, and those of an old or new commune code."""

    homes: Weighted[Home]
    by_old: dict[str, list[Home]]
    by_new: dict[str, list[Home]]

    def find(self, code: str | None, day: date) -> Home | None:
        """A home whose commune had `code` on `day`; None for a code that no commune of the province had then."""
        found = (self.by_new if day >= REFORM else self.by_old).get(code or "")
        return found[0] if found else None


def spot(draw: Draw, commune: Commune) -> str:
    """Street or hamlet, as written before the commune."""
    if commune.kind == "phuong":
        return f"{draw.between(1, 300)} {draw.one(_STREETS)}, Tổ {draw.between(1, 20)}"
    return f"Thôn {draw.between(1, 12)}"


@cache
def places() -> Places:
    """The homes of the official crosswalk, read once."""
    homes = list(_homes())
    by_old: dict[str, list[Home]] = {}
    by_new: dict[str, list[Home]] = {}
    for home in homes:
        for code in {home.first.code, home.old.code}:
            by_old.setdefault(code, []).append(home)
        by_new.setdefault(home.new.code, []).append(home)
    return Places(Weighted((home, _KIND_WEIGHT[home.old.kind]) for home in homes), by_old, by_new)


def _homes() -> Iterator[Home]:
    first, old, new = _communes("2024-06-11"), _communes("2025-06-30"), _communes("2025-07-01")
    for link in rows("admin_unit", "crosswalk_2025-07-01.csv"):
        if link["new_province_code"] == PROVINCE:
            code = link["old_commune_code"]
            yield Home(first[code], old[code], new[link["new_commune_code"]], "0" + link["old_province_code"])
    yield from _homes_of_communes_gone_before(first, old, new)


def _homes_of_communes_gone_before(
    first: dict[str, Commune], old: dict[str, Commune], new: dict[str, Commune]
) -> Iterator[Home]:
    """Homes in communes abolished in 2024: no official link is known, so a neighbour in the district stands in."""
    heirs = {
        old[link["old_commune_code"]].district: link
        for link in rows("admin_unit", "crosswalk_2025-07-01.csv")
        if link["old_commune_code"] in old
    }
    for code in sorted(first.keys() - old.keys()):
        heir = heirs[first[code].district]
        province = "0" + heir["old_province_code"]
        yield Home(first[code], old[heir["old_commune_code"]], new[heir["new_commune_code"]], province)


def _communes(version: str) -> dict[str, Commune]:
    """The province's communes in one list, by code; three levels until the reform, two since."""
    provinces = {PROVINCE} if date.fromisoformat(version) >= REFORM else set(OLD_PROVINCES)
    units = {unit["code"]: unit for unit in rows("admin_unit", f"{version}.csv")}
    found = {}
    for code, unit in units.items():
        above = list(_above(units, unit["parent_code"]))
        if unit["level"] == "commune" and above[-1]["code"] in provinces:
            tail = ", ".join(one["full_name"] for one in (unit, *above))
            found[code] = Commune(code, unit["full_name"], tail, above[0]["code"], unit["kind"])
    return found


def _above(units: dict[str, dict[str, str]], code: str) -> Iterator[dict[str, str]]:
    while code:
        yield units[code]
        code = units[code]["parent_code"]
