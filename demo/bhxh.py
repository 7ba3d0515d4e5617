"""Insured persons: one number for life in law, a second one for whoever differed in one field when asked again."""

from datetime import date
from typing import NamedTuple

from demo.dirt import mistyped
from demo.draw import Draw, Weighted
from demo.entry import Entry, Household
from demo.names import FEMALE, MALE
from demo.numbers import ISSUED_FROM
from demo.papers import insurance_number
from demo.places import spot
from demo.population import LOADED_UNTIL, Person, partner
from demo.spelling import misspelt

CARD_OF_TEN = "card_of_ten"
DEATH_UNKNOWN = "death_not_propagated"
DUPLICATE = "second_number"
HEADS_NUMBER = "number_of_household_head"
MISTYPED_NUMBER = "mistyped_number"
SPELLING = "spelling"
YEAR_ONLY = "year_only"

RATES = {
    DUPLICATE: 0.04,  # of persons
    HEADS_NUMBER: 0.006,
    MISTYPED_NUMBER: 0.005,  # of rows with a personal number
    SPELLING: 0.03,
}
"""Share of rows that get the fault; the others follow age and death."""

NOT_YET, AGREES, DIFFERS, CLOSED = 0, 1, 2, 3
_KNOWN_SINCE = date(2010, 1, 1)
_STATE = Weighted([(AGREES, 97.0), (NOT_YET, 1.5), (DIFFERS, 1.5)])
_ADULT = Weighted([("GD", 62.0), ("DN", 16.0), ("HT", 8.0), ("CN", 6.0), ("HN", 5.0), ("HC", 3.0)])
_CHILD, _PUPIL = "TE", "HS"
_LEVEL = {"TE": "1", "CN": "3", "HT": "3", "HN": "2"}


class Participant(NamedTuple):
    """A row of `nguoi_tham_gia`, in the order of its columns."""

    ma_so_bhxh: str
    so_ddcn: str | None
    ma_the: str
    ho_ten: str
    ngay_sinh: str
    gioi_tinh: int
    ma_dan_toc: str
    ma_tinh_ks: str
    ma_xa_ks: str
    dia_chi_lh: str
    ma_doi_tuong: str
    muc_huong: str
    ma_kcb_bd: str
    tu_ngay: date
    den_ngay: date
    ma_ho: str
    quan_he_chu_ho: str
    trang_thai_xac_thuc: int


def participants(of: Household) -> list[Entry]:
    """What social insurance holds of a family: a row each, two for some."""
    found = []
    for person in of.persons:
        if (person.died and person.died < _KNOWN_SINCE) or not of.draw.chance(0.94):
            continue
        found.append(participant(of, person, again=False, today=LOADED_UNTIL))
        if of.draw.chance(RATES[DUPLICATE]):
            found.append(participant(of, person, again=True, today=LOADED_UNTIL))
    return found


def participant(of: Household, person: Person, again: bool, today: date) -> Entry:
    """The row of `person` as it is on the day `today`; `again` under the second number."""
    draw, faults = of.draw, [DUPLICATE] if again else []
    number = insurance_number(of.world.seed, person, again)
    kind = _kind(draw, today.year - person.born.year)
    name = person.name.full
    if again or draw.chance(RATES[SPELLING]):
        faults.append(SPELLING)
        name = misspelt(draw, name)[0]
    card, level = number, _LEVEL.get(kind, "4")
    if draw.chance(0.55):
        faults.append(CARD_OF_TEN)
    else:
        card = f"{kind}{level}{number[:2]}{number}"
    from_day, until = date(today.year, 1, 1), date(today.year, 12, 31)
    state = draw.of(_STATE)
    if person.died:
        from_day, until = date(person.died.year, 1, 1), date(person.died.year, 12, 31)
        state = CLOSED
        if draw.chance(0.3):
            faults.append(DEATH_UNKNOWN)
            from_day, until, state = date(today.year, 1, 1), date(today.year, 12, 31), AGREES
    row = Participant(
        ma_so_bhxh=number,
        so_ddcn=_number(draw, of, person, faults),
        ma_the=card,
        ho_ten=name,
        ngay_sinh=_birth(draw, person.born, faults),
        gioi_tinh=int(person.sex == MALE),
        ma_dan_toc=person.people,
        ma_tinh_ks=person.birth_home.id_province[1:],
        ma_xa_ks=person.birth_home.on(person.born).code,
        dia_chi_lh=f"{spot(draw, person.home.new)}, {person.home.new.tail}",
        ma_doi_tuong=kind,
        muc_huong=level,
        ma_kcb_bd=f"{person.home.id_province[1:]}{draw.between(1, 160):03d}",
        tu_ngay=from_day,
        den_ngay=until,
        ma_ho=f"52{of.head_of(person).id:08d}",
        quan_he_chu_ho=_relation(of, person),
        trang_thai_xac_thuc=state,
    )
    return Entry("nguoi_tham_gia", row, {"insured": person.key}, tuple(faults), person.id)


def _kind(draw: Draw, age: int) -> str:
    if age < 6:
        return _CHILD
    return _PUPIL if age < 18 else draw.of(_ADULT)


def _number(draw: Draw, of: Household, person: Person, faults: list[str]) -> str | None:
    chosen, head = draw.fraction(), of.head_of(person)
    if chosen < 0.03 or (person.died and person.died < ISSUED_FROM):
        return None
    if chosen < 0.03 + RATES[HEADS_NUMBER] and head is not person:
        faults.append(HEADS_NUMBER)
        return head.number
    if draw.chance(RATES[MISTYPED_NUMBER]):
        faults.append(MISTYPED_NUMBER)
        return mistyped(draw, person.number)
    return person.number


def _birth(draw: Draw, born: date, faults: list[str]) -> str:
    if born.year < 1975 and draw.chance(0.2):
        faults.append(YEAR_ONLY)
        return str(born.year)
    return f"{born:%d/%m/%Y}"


def _relation(of: Household, person: Person) -> str:
    head = of.head_of(person)
    if head is person:
        return "Chủ hộ"
    if partner(of.persons, head) is person:
        return "Vợ" if person.sex == FEMALE else "Chồng"
    return "Con"
