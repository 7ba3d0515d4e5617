"""One-stop dossiers: what people typed themselves, or what a clerk typed for them, procedure by procedure."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from demo.dirt import PLACEHOLDER_NUMBER, mistyped
from demo.draw import Draw, Weighted, working_day
from demo.entry import Entry, Household
from demo.legacy import tcvn3
from demo.papers import phone
from demo.places import REFORM, Home, spot
from demo.population import LOADED_UNTIL, Person
from demo.spelling import misspelt, without_marks

BORROWED_NUMBER = "number_of_household_head"
DATE_AS_TYPED = "date_as_typed"
GONE_DISTRICT = "abolished_district"
LEGACY = "tcvn3"
MISTYPED_NUMBER = "mistyped_number"
MIXED_ERA = "text_of_one_era_code_of_another"
OLD_PAPER = "old_identity_card"
PLACEHOLDER = "placeholder_number"
SPELLING = "spelling"
TWO_PHONES = "two_phones"
YEAR_ONLY = "year_only"

RATES = {
    BORROWED_NUMBER: 0.015,
    DATE_AS_TYPED: 0.15,
    GONE_DISTRICT: 0.05,  # of dossiers taken in since the reform
    LEGACY: 0.008,
    MISTYPED_NUMBER: 0.01,
    MIXED_ERA: 0.12,  # of dossiers taken in since the reform
    PLACEHOLDER: 0.004,
    SPELLING: 0.06,
    TWO_PHONES: 0.05,
}
"""Share of dossiers that get the fault."""

KEPT_FROM = date(2024, 1, 1)
_OF_AGE, _OLD_PAPERS_UNTIL = 16, date(2024, 12, 31)
_PER_YEAR = 0.55
PROCEDURES = (
    ("1.001193", "Đăng ký khai sinh", 1, 0),
    ("1.000894", "Đăng ký kết hôn", 1, 0),
    ("2.000635", "Cấp bản sao trích lục hộ tịch", 1, 8000),
    ("2.000815", "Chứng thực bản sao từ bản chính", 1, 2000),
    ("1.004222", "Đăng ký thường trú", 7, 20000),
    ("1.012753", "Đăng ký, cấp Giấy chứng nhận quyền sử dụng đất lần đầu", 20, 100000),
    ("2.001610", "Đăng ký thành lập doanh nghiệp tư nhân", 3, 50000),
    ("1.001776", "Thực hiện, điều chỉnh trợ cấp xã hội hằng tháng", 22, 0),
    ("1.004227", "Cấp đổi giấy phép lái xe", 5, 135000),
)
"""Code, title, days it may take, fee in đồng."""
RECEIVED, AT_WORK, WAITING, DONE, RETURNED, REFUSED = 1, 4, 5, 9, 10, 6
_CHANNEL = Weighted([(1, 45.0), (2, 52.0), (3, 3.0)])
_SHORT = {"Thành phố ": "TP. ", "Thị xã ": "TX ", "Thị trấn ": "TT ", "Phường ": "P.", "Huyện ": "H.", "Tỉnh ": ""}
_CLERKS = ("Lê Thị Hạnh", "Nguyễn Văn Tâm", "Trần Thị Mai", "Phạm Quốc Bảo", "Đỗ Thị Lan", "Võ Minh Tuấn")


class Dossier(NamedTuple):
    """A row of `ho_so`, in the order of its columns."""

    ma_ho_so: str
    ma_tthc: str
    ten_tthc: str
    ma_don_vi: str
    kenh: int
    loai_giay_to: int
    so_giay_to: str
    ho_ten: str
    ngay_sinh: str
    gioi_tinh: str
    dien_thoai: str
    email: str | None
    dia_chi: str
    ma_xa: str
    ngay_tiep_nhan: datetime
    ngay_hen_tra: datetime
    ngay_tra: datetime | None
    trang_thai: int
    can_bo: str
    le_phi: Decimal
    phien_ban: int


def dossier_key(unit: str, day: date, person: int, number: int) -> str:
    """The dossier's number as QĐ 20/2020 writes it; its tail carries the person, which nothing downstream may use."""
    return f"{unit}-{day:%y%m%d}-{person:08d}{number:02d}"


def person_of_dossier(key: str) -> int:
    """The person a dossier number belongs to."""
    return int(key.rpartition("-")[2][:-2])


def dossiers(of: Household) -> list[Entry]:
    """Every dossier a family handed in since 2024."""
    found = []
    for person in of.persons:
        first = max(KEPT_FROM, person.born.replace(year=person.born.year + _OF_AGE, day=1))
        last = min(person.died or LOADED_UNTIL, LOADED_UNTIL)
        if first < last:
            expected = _PER_YEAR * (last - first).days / 365
            for number in range(int(expected * 2 * of.draw.fraction() + of.draw.fraction())):
                day = working_day(of.draw.day(first, last))
                if day <= last:
                    found.append(dossier(of, person, day, number, over=(LOADED_UNTIL - day).days > 30))
    return found


def dossier(of: Household, person: Person, day: date, number: int, over: bool) -> Entry:
    """The dossier that `person` handed in on `day`, its `number`-th; one that is not `over` has just been taken in."""
    draw, faults, home = of.draw, list[str](), person.home
    code, title, days, fee = draw.one(PROCEDURES)
    unit = _unit(draw, home, day, faults)
    taken_in = datetime(day.year, day.month, day.day, draw.between(7, 16), draw.between(0, 59), draw.between(0, 59))
    due = taken_in + timedelta(days=days)
    kind, paper = _paper(draw, of, person, day, faults)
    row = Dossier(
        ma_ho_so=dossier_key(unit, day, person.id, number),
        ma_tthc=code,
        ten_tthc=title,
        ma_don_vi=unit,
        kenh=draw.of(_CHANNEL),
        loai_giay_to=kind,
        so_giay_to=paper,
        ho_ten=_name(draw, person, faults),
        ngay_sinh=_birth(draw, person.born, faults),
        gioi_tinh=person.sex if draw.chance(0.9) else without_marks(person.sex).lower(),
        dien_thoai=_phones(draw, of, person, faults),
        email=_email(draw, person) if draw.chance(0.25) else None,
        **_address(draw, home, day, faults),
        ngay_tiep_nhan=taken_in,
        ngay_hen_tra=due,
        ngay_tra=None,
        trang_thai=RECEIVED,
        can_bo=draw.one(_CLERKS),
        le_phi=Decimal(fee),
        phien_ban=1,
    )
    if over:
        returned = due + timedelta(days=draw.between(-days, 3), minutes=draw.between(0, 300))
        state = REFUSED if draw.chance(0.04) else RETURNED
        row = row._replace(ngay_tra=max(returned, taken_in), trang_thai=state, phien_ban=draw.between(4, 9))
    return Entry("ho_so", row, {"applicant": person.key}, tuple(faults), person.id)


def _unit(draw: Draw, home: Home, day: date, faults: list[str]) -> str:
    """The office: of the district until the reform, of the commune since, now and then of a district that is gone."""
    if day < REFORM:
        return f"H08.{home.old.district}"
    if draw.chance(RATES[GONE_DISTRICT]):
        faults.append(GONE_DISTRICT)
        return f"H08.{home.old.district}"
    return f"H08.{home.new.code}"


def _paper(draw: Draw, of: Household, person: Person, day: date, faults: list[str]) -> tuple[int, str]:
    if draw.chance(RATES[PLACEHOLDER]):
        faults.append(PLACEHOLDER)
        return 1, PLACEHOLDER_NUMBER
    head = of.head_of(person)
    if head is not person and draw.chance(RATES[BORROWED_NUMBER]):
        faults.append(BORROWED_NUMBER)
        return 1, head.number
    if person.card and day <= _OLD_PAPERS_UNTIL and draw.chance(0.12):
        faults.append(OLD_PAPER)
        return 2, person.card
    if draw.chance(RATES[MISTYPED_NUMBER]):
        faults.append(MISTYPED_NUMBER)
        return 1, mistyped(draw, person.number)
    return 1, person.number


def _name(draw: Draw, person: Person, faults: list[str]) -> str:
    name = person.name.full
    if draw.chance(RATES[SPELLING]):
        faults.append(SPELLING)
        name = misspelt(draw, name)[0]
    if draw.chance(RATES[LEGACY]):
        faults.append(LEGACY)
        name = tcvn3(name)
    return name


def _birth(draw: Draw, born: date, faults: list[str]) -> str:
    if born.year < 1975 and draw.chance(0.2):
        faults.append(YEAR_ONLY)
        return draw.one((f"{born.year}", f"00/00/{born.year}", f"01/01/{born.year}"))
    if draw.chance(RATES[DATE_AS_TYPED]):
        faults.append(DATE_AS_TYPED)
        return draw.one(
            (f"{born.day}/{born.month}/{born.year}", f"{born:%d-%m-%Y}", f"{born:%Y-%m-%d}", f"{born:%d.%m.%Y}")
        )
    return f"{born:%d/%m/%Y}"


def _phones(draw: Draw, of: Household, person: Person, faults: list[str]) -> str:
    own = phone(of.world.seed, person)
    if draw.chance(RATES[TWO_PHONES]):
        faults.append(TWO_PHONES)
        return f"{own}{draw.one(('/', '/', ' - '))}{phone(of.world.seed, of.head_of(person), later=1)}"
    return own if draw.chance(0.8) else f"+84{own[1:]}" if draw.chance(0.3) else f"{own[:4]}.{own[4:7]}.{own[7:]}"


def _email(draw: Draw, person: Person) -> str:
    plain = without_marks(person.name.given).lower()
    return f"{plain}{person.born.year}.{draw.between(1, 999)}@example.vn"


def _address(draw: Draw, home: Home, day: date, faults: list[str]) -> dict[str, str]:
    """Commune code of that day's list, and the address as somebody typed it."""
    right, old = home.on(day), home.old
    text = right
    if day >= REFORM and draw.chance(RATES[MIXED_ERA]):
        faults.append(MIXED_ERA)
        text = old
    address = f"{spot(draw, text)}, {text.tail}"
    return {"dia_chi": _shortened(address) if draw.chance(0.3) else address, "ma_xa": right.code}


def _shortened(address: str) -> str:
    """An address as people write it."""
    for long, short in _SHORT.items():
        address = address.replace(long, short)
    return address
