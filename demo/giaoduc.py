"""Pupils of the school year, as their schools typed them: numbers without zeros, 1 for girls, peoples as words."""

from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from demo.codelist import rows
from demo.dirt import mistyped
from demo.draw import Draw, Weighted
from demo.entry import Entry, Household
from demo.names import FEMALE
from demo.papers import phone
from demo.places import Home, spot
from demo.population import LOADED_UNTIL, Person
from demo.spelling import misspelt

LOST_ZEROS = "lost_zeros"
MISTYPED_NUMBER = "mistyped_number"
NO_NUMBER = "no_number"
PEOPLE_AS_TYPED = "people_as_typed"
SCHOOL_BEFORE = "left_for_another_school"
SPELLING = "spelling"

RATES = {
    MISTYPED_NUMBER: 0.01,  # of pupils with a number
    NO_NUMBER: 0.06,
    PEOPLE_AS_TYPED: 0.15,
    SCHOOL_BEFORE: 0.03,
    SPELLING: 0.04,
}
"""Share of rows that get the fault; zeros are lost wherever a code begins with one."""

YEAR = "2026-2027"
AT_SCHOOL, MOVED, LEFT = 1, 2, 3
_FIRST_AGE, _LAST_AGE = 6, 17
_UPDATED = (date(2026, 8, 15), date(2026, 9, 30))
_RELIGION = Weighted([("Không", 70.0), ("", 12.0), ("Phật giáo", 6.0), ("Công giáo", 4.0), ("Thiên Chúa", 2.0)])
_VARIANTS = ("{0} ", "Dân tộc {0}", "DT {0}", "{0}.")


class Pupil(NamedTuple):
    """A row of `hoc_sinh`, in the order of its columns."""

    ma_hs: str
    ma_dinh_danh: str | None
    ho_dem: str
    ten: str
    ngay_sinh: date
    gioi_tinh: int
    dan_toc: str
    ton_giao: str | None
    ma_tinh: int
    ma_huyen: int
    ma_xa: int
    dia_chi: str
    ho_ten_cha: str | None
    ho_ten_me: str
    sdt: str | None
    ma_truong: str
    lop: str
    nam_hoc: str
    trang_thai: int
    ngay_cap_nhat: datetime


def pupil_key(person: int, school: int = 0) -> str:
    """The pupil's number at the first or second school; it carries the person, which nothing downstream may use."""
    return f"{person:09d}{school}"


def pupils(of: Household) -> list[Entry]:
    """What the schools hold of a family: a row per child at school, two for one that changed schools."""
    found = []
    for person in of.persons:
        if _is_of_age(person) and of.draw.chance(0.96):
            moved = of.draw.chance(RATES[SCHOOL_BEFORE])
            if moved:
                found.append(pupil(of, person, 0, MOVED))
            found.append(pupil(of, person, int(moved), AT_SCHOOL))
    return found


def pupil(of: Household, person: Person, school: int, state: int) -> Entry:
    """The row of `person` at a school."""
    draw, faults = of.draw, [SCHOOL_BEFORE] if state == MOVED else []
    before, given = person.name.before_given, person.name.given
    if draw.chance(RATES[SPELLING]):
        faults.append(SPELLING)
        before, given = misspelt(draw, before, given)
    when = draw.day(*_UPDATED)
    row = Pupil(
        ma_hs=pupil_key(person.id, school),
        ma_dinh_danh=_number(draw, person, faults),
        ho_dem=before,
        ten=given,
        ngay_sinh=person.born,
        gioi_tinh=int(person.sex == FEMALE),
        dan_toc=_people(draw, person, faults),
        ton_giao=draw.of(_RELIGION) or None,
        **address(draw, person.home),
        ho_ten_cha=person.father.full_name if person.father else None,
        ho_ten_me=person.mother.full_name,
        sdt=phone(of.world.seed, of.head_of(person)) if draw.chance(0.95) else None,
        ma_truong=f"52{person.home.old.district}{draw.between(1, 40):03d}",
        lop=class_of(draw, 2026 - person.born.year),
        nam_hoc=YEAR,
        trang_thai=state,
        ngay_cap_nhat=datetime(when.year, when.month, when.day, draw.between(7, 20), draw.between(0, 59)),
    )
    if str(row.ma_xa) != person.home.old.code:
        faults.append(LOST_ZEROS)
    return Entry("hoc_sinh", row, {"pupil": person.key}, tuple(faults), person.id)


def class_of(draw: Draw, age: int) -> str:
    """The class of a child of that age."""
    return f"{max(1, age - 5)}{draw.one('ABCDE')}"


def address(draw: Draw, home: Home) -> dict[str, Any]:
    """Where a pupil lives, in the units of before the reform, as numbers."""
    old = home.old
    return {
        "ma_tinh": int(home.id_province),
        "ma_huyen": int(old.district),
        "ma_xa": int(old.code),
        "dia_chi": f"{spot(draw, old)}, {old.tail}",
    }


def _is_of_age(person: Person) -> bool:
    return not person.died and _FIRST_AGE <= LOADED_UNTIL.year - person.born.year <= _LAST_AGE


def _number(draw: Draw, person: Person, faults: list[str]) -> str | None:
    if draw.chance(RATES[NO_NUMBER]):
        faults.append(NO_NUMBER)
        return None
    if draw.chance(RATES[MISTYPED_NUMBER]):
        faults.append(MISTYPED_NUMBER)
        return mistyped(draw, person.number)
    return person.number


def _people(draw: Draw, person: Person, faults: list[str]) -> str:
    """The people in words, now and then as somebody says it."""
    names = _names()[person.people]
    if not draw.chance(RATES[PEOPLE_AS_TYPED]):
        return names[0]
    faults.append(PEOPLE_AS_TYPED)
    return draw.one(names[1:]) if len(names) > 1 and draw.chance(0.5) else draw.one(_VARIANTS).format(names[0])


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Code of 1979 → the name of the people and what else it is called."""
    return {
        row["code_statistics"]: (row["name"], *(one for one in row["variants"].split(";") if one and len(one) <= 40))
        for row in rows("ethnicity.csv")
    }
