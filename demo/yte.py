"""The hospitals' patients: what their counters typed of a person, once, twice, or before it had a name."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from demo.dirt import mistyped
from demo.draw import Draw, Weighted
from demo.entry import Entry, Household
from demo.legacy import question_marks
from demo.names import MALE
from demo.papers import insurance_number, phone
from demo.places import REFORM, SECOND_LIST, Home, spot
from demo.population import LOADED_UNTIL, Person
from demo.spelling import misspelt
from demo.visits import visits

BORROWED_CARD = "borrowed_card"
DUPLICATE = "duplicate_patient"
HOUSEHOLD_PHONE = "household_phone"
MISTYPED_NUMBER = "mistyped_number"
NEW_CODE = "new_code_in_old_system"
NEWBORN = "newborn_under_mothers_name"
OLD_PAPER = "old_identity_card"
SPELLING = "spelling"
YEAR_ONLY = "year_only"

RATES = {
    BORROWED_CARD: 0.01,  # of rows with a card
    DUPLICATE: 0.06,  # of patients
    MISTYPED_NUMBER: 0.008,  # of rows with a personal number
    NEW_CODE: 0.08,  # of rows made since the reform
    SPELLING: 0.06,
}
"""Share of rows that get the fault; the others follow age and household."""

_KNOWN_SINCE = date(2018, 1, 1)
_ADULT, _OLD_PAPERS_FROM = 14, 22
_NEWBORN_SHARE, _YEAR_ONLY_BEFORE = 0.6, 1975
_BLOOD = Weighted([("O+", 42), ("A+", 21), ("B+", 30), ("AB+", 6), ("", 60)])
_JOBS = Weighted([("00000", 40), ("61110", 30), ("52100", 10), ("93130", 8), ("23410", 4), ("Nôngd", 1)])
_PATIENT, _SECOND, _BORN = "0", "1", "9"


class Patient(NamedTuple):
    """A row of `his.dm_benhnhan`, in the order of its columns."""

    mabn: str
    ho_ten: str
    ngay_sinh: str
    gioi_tinh: int
    so_cccd: str | None
    ma_quoctich: str
    ma_dantoc: str
    ma_nghe_nghiep: str
    dia_chi: str
    matinh_cu_tru: str
    mahuyen_cu_tru: str
    maxa_cu_tru: str
    dien_thoai: str | None
    ma_the_bhyt: str | None
    ma_dkbd: str
    gt_the_tu: str | None
    gt_the_den: str | None
    nhom_mau: str | None
    ngay_tao: datetime
    ngay_sua: datetime


def patient_key(person: int, which: str = _PATIENT) -> str:
    """The patient number; it carries the person, which nothing downstream may use."""
    return f"BN{person:010d}{which}"


def person_of_patient(key: str) -> int:
    """The person a patient number belongs to."""
    return int(key[2:12])


def patients(of: Household) -> list[Entry]:
    """What the hospitals hold of a family: patients, some of them twice, and every visit of each."""
    found: list[Entry] = []
    for person in of.persons:
        for row in _patients_of(of, person):
            found.append(row)
            found.extend(visits(of.draw, person, row.row))
    return found


def _patients_of(of: Household, person: Person) -> list[Entry]:
    draw, last = of.draw, min(person.died or LOADED_UNTIL, LOADED_UNTIL)
    first = max(person.born, _KNOWN_SINCE)
    if first >= last:
        return []
    found = []
    if person.born >= _KNOWN_SINCE and draw.chance(_NEWBORN_SHARE):
        found.append(newborn(draw, person, of.world.seed, phone(of.world.seed, of.head_of(person)), person.born))
    if draw.chance(0.86):
        seen = draw.day(first, last)
        found.append(patient(of, person, _PATIENT, seen))
        if draw.chance(RATES[DUPLICATE]):
            found.append(patient(of, person, _SECOND, draw.day(seen, last)))
    return found


def patient(of: Household, person: Person, which: str, seen: date) -> Entry:
    """The row that a counter made of `person` on the day `seen`."""
    draw, seed, faults = of.draw, of.world.seed, [DUPLICATE] if which == _SECOND else []
    head, child = of.head_of(person), seen.year - person.born.year < _ADULT
    name, number = person.name.full.upper(), _paper(draw, person, seen, child, faults)
    if draw.chance(RATES[SPELLING]):
        name = question_marks(name) if draw.chance(0.2) else misspelt(draw, name)[0]
        faults.append(SPELLING)
    telephone = phone(seed, head if child else person)
    if child or draw.chance(0.25):
        telephone = phone(seed, head)
        if head is not person:
            faults.append(HOUSEHOLD_PHONE)
    row = Patient(
        mabn=patient_key(person.id, which),
        ho_ten=name,
        ngay_sinh=_birth(draw, person.born, faults),
        gioi_tinh=int(person.sex == MALE),
        so_cccd=number,
        ma_quoctich="000",
        ma_dantoc=person.people,
        ma_nghe_nghiep="00000" if child else draw.of(_JOBS),
        **address(draw, person.home, seen, faults),
        dien_thoai=telephone if draw.chance(0.9) else None,
        **_cards(draw, of, person, seen, faults),
        ma_dkbd=f"{person.home.id_province[1:]}{draw.between(1, 160):03d}",
        nhom_mau=draw.of(_BLOOD) or None,
        ngay_tao=at_the_counter(draw, seen),
        ngay_sua=at_the_counter(draw, seen),
    )
    return Entry("benh_nhan", row._replace(ngay_sua=row.ngay_tao), {"patient": person.key}, tuple(faults), person.id)


def newborn(draw: Draw, child: Person, seed: int, telephone: str, seen: date) -> Entry:
    """The row of a child before it has a name: under its mother's, without any number."""
    faults = [NEWBORN]
    row = Patient(
        mabn=patient_key(child.id, _BORN),
        ho_ten=child.mother.full_name.upper(),
        ngay_sinh=f"{child.born:%Y%m%d}{draw.between(0, 23):02d}{draw.between(0, 59):02d}",
        gioi_tinh=int(child.sex == MALE),
        so_cccd=None,
        ma_quoctich="000",
        ma_dantoc=child.people,
        ma_nghe_nghiep="00000",
        **address(draw, child.birth_home, seen, faults),
        dien_thoai=telephone,
        ma_the_bhyt=f"TE1{insurance_number(seed, child)[:2]}{insurance_number(seed, child)}",
        ma_dkbd=f"{child.birth_home.id_province[1:]}001",
        gt_the_tu=f"{child.born:%Y%m%d}0000",
        gt_the_den=f"{child.born + timedelta(days=6 * 365):%Y%m%d}0000",
        nhom_mau=None,
        ngay_tao=at_the_counter(draw, seen),
        ngay_sua=datetime.min,
    )
    roles = {"patient": child.key, "named": child.mother.id}
    return Entry("benh_nhan", row._replace(ngay_sua=row.ngay_tao), roles, tuple(faults), child.id)


def address(draw: Draw, home: Home, day: date, faults: list[str]) -> dict[str, str]:
    """Where the system said on `day` that somebody lives: by the list before the reform, now and then one of after."""
    old = home.first if day < SECOND_LIST else home.old
    columns = {
        "dia_chi": f"{spot(draw, old)}, {old.tail}",
        "matinh_cu_tru": home.id_province[1:],
        "mahuyen_cu_tru": old.district,
        "maxa_cu_tru": old.code,
    }
    if day >= REFORM and draw.chance(RATES[NEW_CODE]):
        faults.append(NEW_CODE)
        columns |= {"dia_chi": f"{spot(draw, home.new)}, {home.new.tail}", "maxa_cu_tru": home.new.code}
    return columns


def at_the_counter(draw: Draw, day: date) -> datetime:
    """A moment of `day` at which a counter is open, local time."""
    return datetime(day.year, day.month, day.day, draw.between(6, 17), draw.between(0, 59), draw.between(0, 59))


def _paper(draw: Draw, person: Person, seen: date, child: bool, faults: list[str]) -> str | None:
    if child or draw.chance(0.12):
        return None
    old = 0.9 if seen.year < 2021 else 0.15
    if person.card and seen.year - person.born.year >= _OLD_PAPERS_FROM and draw.chance(old):
        faults.append(OLD_PAPER)
        return person.card
    if draw.chance(RATES[MISTYPED_NUMBER]):
        faults.append(MISTYPED_NUMBER)
        return mistyped(draw, person.number)
    return person.number


def _birth(draw: Draw, born: date, faults: list[str]) -> str:
    if born.year < _YEAR_ONLY_BEFORE and draw.chance(0.3):
        faults.append(YEAR_ONLY)
        return f"{born.year}00000000"
    return f"{born:%Y%m%d}0000"


def _cards(draw: Draw, of: Household, person: Person, seen: date, faults: list[str]) -> dict[str, Any]:
    if not draw.chance(0.93):
        return {"ma_the_bhyt": None, "gt_the_tu": None, "gt_the_den": None}
    holder = person
    if draw.chance(RATES[BORROWED_CARD]):
        others = [one for one in of.persons if one is not person and one.sex == person.sex and not one.died]
        if others:
            holder = draw.one(others)
            faults.append(BORROWED_CARD)
    number = insurance_number(of.world.seed, holder)
    long = f"{draw.one(('GD4', 'HT2', 'DN4', 'HN1', 'DT2'))}{number[:2]}{number}"
    cards = number if seen.year > 2021 and draw.chance(0.5) else long
    if draw.chance(0.12):
        cards = f"{long};{number}"
    return {
        "ma_the_bhyt": cards,
        "gt_the_tu": f"{seen.year}01010000",
        "gt_the_den": f"{seen.year}12310000",
    }
