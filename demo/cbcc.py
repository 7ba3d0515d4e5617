"""Cadres and civil servants: the other coding of peoples, two papers in one row, and spreadsheet dates."""

from datetime import date
from functools import cache
from typing import NamedTuple

from demo.codelist import rows
from demo.dirt import mistyped
from demo.draw import Draw, Weighted
from demo.entry import Entry, Household
from demo.names import MALE
from demo.population import LOADED_UNTIL, Person
from demo.spelling import misspelt

MANGLED = "spreadsheet_date"
MISTYPED_NUMBER = "mistyped_number"
NEW_CODE = "new_code_in_old_system"
SPELLING = "spelling"
YEAR_ONLY = "year_only"

RATES = {MANGLED: 0.2, MISTYPED_NUMBER: 0.008, NEW_CODE: 0.04, SPELLING: 0.02}
"""Share of rows that get the fault."""

AT_WORK, RETIRED, GONE = 1, 2, 3
_SHARE, _FIRST_AGE, _RETIRED_AGE, _LAST_AGE = 0.035, 24, 61, 66
_SCHOOLING = Weighted([("12/12", 90.0), ("10/10", 8.0), ("9/12", 2.0)])
AS_DATE = {"12/12": "12-Dec", "10/10": "10-Oct", "9/12": "12-Sep"}
_DEGREES = Weighted([("Đại học", 70.0), ("Thạc sĩ", 14.0), ("Cao đẳng", 8.0), ("Trung cấp", 7.0), ("Tiến sĩ", 1.0)])
RANKS = (("01.003", "Chuyên viên"), ("01.002", "Chuyên viên chính"), ("01.004", "Cán sự"), ("V.07.03.29", "Giáo viên"))
_RELIGION = Weighted([("99", 90.0), ("01", 6.0), ("02", 4.0)])
_UNITS = 90


class Cadre(NamedTuple):
    """A row of `can_bo`, in the order of its columns."""

    ma_cb: str
    ho_ten: str
    ngay_sinh: date
    gioi_tinh: int
    ma_dan_toc: str
    ma_ton_giao: str
    que_quan_text: str
    ma_xa_thuong_tru: str
    cccd: str | None
    cmnd_cu: str | None
    trinh_do_pt: str
    trinh_do_cm: str
    ma_ngach: str
    chuc_vu: str
    ma_don_vi: str
    ngay_vao_nganh: date
    trang_thai: int


def cadre_key(person: int) -> str:
    """The cadre's number; it carries the person, which nothing downstream may use."""
    return f"CB{person:010d}"


def person_of_cadre(key: str) -> int:
    """The person a cadre's number belongs to."""
    return int(key[2:])


def cadres(of: Household) -> list[Entry]:
    """What the personnel system holds of a family."""
    found = []
    for person in of.persons:
        age = LOADED_UNTIL.year - person.born.year
        if not person.died and _FIRST_AGE <= age <= _LAST_AGE and of.draw.chance(_SHARE):
            found.append(cadre(of.draw, person, RETIRED if age >= _RETIRED_AGE else AT_WORK))
    return found


def cadre(draw: Draw, person: Person, state: int) -> Entry:
    """The row of `person`."""
    faults: list[str] = []
    name, number = person.name.full, person.number
    if draw.chance(RATES[SPELLING]):
        faults.append(SPELLING)
        name = misspelt(draw, name)[0]
    if draw.chance(RATES[MISTYPED_NUMBER]):
        faults.append(MISTYPED_NUMBER)
        number = mistyped(draw, number)
    schooling = draw.of(_SCHOOLING)
    if draw.chance(RATES[MANGLED]):
        faults.append(MANGLED)
        schooling = AS_DATE[schooling]
    commune = person.home.old.code
    if draw.chance(RATES[NEW_CODE]):
        faults.append(NEW_CODE)
        commune = person.home.new.code
    rank, title = draw.one(RANKS)
    row = Cadre(
        ma_cb=cadre_key(person.id),
        ho_ten=name,
        ngay_sinh=person.born,
        gioi_tinh=1 if person.sex == MALE else 2,
        ma_dan_toc=_hr_codes()[person.people],
        ma_ton_giao=draw.of(_RELIGION),
        que_quan_text=person.birth_home.on(person.born).tail,
        ma_xa_thuong_tru=commune,
        cccd=number,
        cmnd_cu=person.card if draw.chance(0.7) else None,
        trinh_do_pt=schooling,
        trinh_do_cm=draw.of(_DEGREES),
        ma_ngach=rank,
        chuc_vu=title,
        ma_don_vi=f"H08.{draw.between(1, _UNITS)}",
        ngay_vao_nganh=draw.day(date(person.born.year + 22, 1, 1), date(person.born.year + 23, 12, 31)),
        trang_thai=state,
    )
    return Entry("can_bo", row, {"cadre": person.key}, tuple(faults), person.id)


@cache
def _hr_codes() -> dict[str, str]:
    """Code of 1979 → code of 2008."""
    return {row["code_statistics"]: row["code_hr"] for row in rows("ethnicity.csv")}
