"""From a person and an act of registration to the row of `hotich` it leaves, faults included."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

from demo import dirt
from demo.acts import birth_registrations, death_registrations
from demo.draw import Draw
from demo.entry import Entry, Household
from demo.numbers import CARDS_WITH_NUMBER_FROM, ISSUED_FROM
from demo.places import REFORM, Home, spot
from demo.population import Parent, Person
from demo.rows import AGAIN, LATE, Birth, Death, Registration
from demo.words import date_in_words

_VIETNAM = timezone(timedelta(hours=7))
_CAUSES = ("Bệnh già", "Tai biến mạch máu não", "Ung thư phổi", "Ung thư gan", "Suy tim", "Nhồi máu cơ tim")
_CAUSES_YOUNG = ("Tai nạn giao thông", "Đuối nước", "Viêm phổi", "Bệnh tim bẩm sinh")
_OLD = 40
_HOSPITALS = {"052": "Bệnh viện Đa khoa tỉnh Bình Định", "064": "Bệnh viện Đa khoa tỉnh Gia Lai"}


def register(of: Household) -> Iterator[Entry]:
    """Every row the register holds of a family."""
    for person in of.persons:
        for act in birth_registrations(of.draw, person):
            yield birth(of.draw, person, act)
        for act in death_registrations(of.draw, person):
            yield death(of.draw, person, act)


def birth(draw: Draw, person: Person, act: Registration) -> Entry:
    """The row of `khai_sinh` that `act` leaves of `person`."""
    faults = _faults_of_kind(act.kind)
    code, text = _residence(draw, act, faults)
    row = Birth(
        id=act.key,
        so=str(draw.between(1, 400)),
        quyen_so=f"{draw.between(1, 3):02d}/{act.on.year}",
        ngay_dang_ky=act.on,
        loai_dk=act.kind,
        ma_xa_dk=code,
        ho_chu_dem=person.name.before_given,
        ten=person.name.given,
        gioi_tinh=person.sex,
        ngay_sinh=person.born,
        ngay_sinh_chu=date_in_words(person.born),
        noi_sinh=_place_of_birth(draw, person),
        ma_dan_toc=person.people,
        quoc_tich="VN",
        so_dinh_danh=_number_on(draw, person, act.on),
        me_ho_ten=person.mother.full_name,
        me_nam_sinh=person.mother.year,
        me_giay_to=_paper(draw, person.mother, act.on),
        cha_ho_ten=person.father.full_name if person.father else None,
        cha_giay_to=_paper(draw, person.father, act.on) if person.father else None,
        ma_xa_cu_tru=code,
        noi_cu_tru=text,
        trang_thai=act.state,
        updated_at=office_hour(draw, max(act.on, _digitised(draw))),
    )
    return Entry("khai_sinh", dirt.soiled_birth(draw, row, faults), _roles(person), tuple(faults), person.id)


def death(draw: Draw, person: Person, act: Registration) -> Entry:
    """The row of `khai_tu` that `act` leaves of `person`, who has died."""
    if person.died is None:
        raise ValueError(f"{person.key} is alive: no death can be registered")
    faults = _faults_of_kind(act.kind)
    code, text = _residence(draw, act, faults)
    in_hospital = draw.chance(0.4)
    row = Death(
        id=act.key,
        so=str(draw.between(1, 300)),
        quyen_so=f"{draw.between(1, 2):02d}/{act.on.year}",
        ngay_dang_ky=act.on,
        loai_dk=act.kind,
        ma_xa_dk=code,
        ho_ten=person.name.full,
        gioi_tinh=person.sex,
        ngay_sinh=person.born,
        ngay_sinh_chu=date_in_words(person.born),
        ma_dan_toc=person.people,
        quoc_tich="VN",
        so_dinh_danh=person.number if person.died >= ISSUED_FROM and draw.chance(0.9) else None,
        giay_to=_paper(draw, person.as_parent(), act.on),
        ma_xa_cu_tru=code,
        noi_cu_tru=text,
        ngay_chet=person.died,
        noi_chet=_hospital(act.home, person.died) if in_hospital else "Tại nhà",
        nguyen_nhan=draw.one(_CAUSES if person.died.year - person.born.year > _OLD else _CAUSES_YOUNG),
        trang_thai=act.state,
        updated_at=office_hour(draw, max(act.on, _digitised(draw))),
    )
    return Entry("khai_tu", dirt.soiled_death(draw, row, faults), {"deceased": person.key}, tuple(faults), person.id)


def office_hour(draw: Draw, day: date) -> datetime:
    """A moment of `day` between 8 and 17 o'clock, Vietnamese time."""
    second = draw.between(0, 9 * 3600 - 1)
    return datetime(day.year, day.month, day.day, 8 + second // 3600, second // 60 % 60, second % 60, tzinfo=_VIETNAM)


def _faults_of_kind(kind: int) -> list[str]:
    return [dirt.AGAIN] if kind == AGAIN else [dirt.LATE] if kind == LATE else []


def _residence(draw: Draw, act: Registration, faults: list[str]) -> tuple[str, str]:
    """Commune code and address of the list of that day; now and then a clerk still uses the one before the reform."""
    right, before = act.home.on(act.on), act.home.old
    code, text = right, right
    if act.on >= REFORM:
        chosen = draw.fraction()
        if chosen < dirt.RATES[dirt.OLD_CODE]:
            code, text = before, before
            faults.append(dirt.OLD_CODE)
        elif chosen < dirt.RATES[dirt.OLD_CODE] + dirt.RATES[dirt.MIXED_ERA]:
            code = before
            faults.append(dirt.MIXED_ERA)
    return code.code, f"{spot(draw, text)}, {text.tail}"


def _place_of_birth(draw: Draw, person: Person) -> str:
    commune = person.birth_home.on(person.born)
    if draw.chance(0.6):
        return _hospital(person.birth_home, person.born)
    return (
        f"Trạm Y tế {commune.tail[0].lower()}{commune.tail[1:]}"
        if person.born.year >= 1985 or draw.chance(0.5)
        else commune.tail
    )


def _hospital(home: Home, day: date) -> str:
    """The general hospital of the old province; its name outlived the reform."""
    return _HOSPITALS[home.id_province]


def _number_on(draw: Draw, person: Person, day: date) -> str | None:
    """The personal number where the register has it: newborns since 2016, others as their rows were completed."""
    if person.died and person.died < ISSUED_FROM:
        return None
    completed = 0.99 if day >= ISSUED_FROM else 0.55
    return person.number if draw.chance(completed) else None


def _paper(draw: Draw, parent: Parent, day: date) -> str | None:
    """The paper a parent showed that day: a card of nine digits, later the personal number."""
    share_of_numbers = 0.9 if day >= CARDS_WITH_NUMBER_FROM else 0.4 if day >= ISSUED_FROM else 0.0
    return parent.number if parent.number and draw.chance(share_of_numbers) else parent.card


def _digitised(draw: Draw) -> date:
    """The day on which an old book was typed in."""
    return date(draw.between(2016, 2019), draw.between(1, 12), draw.between(1, 28))


def _roles(person: Person) -> dict[str, str]:
    roles = {"child": person.key, "mother": person.mother.id}
    return roles | {"father": person.father.id} if person.father else roles
