"""Visits to a hospital or station, as the health insurance wants them reported (XML1)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from demo.draw import Draw, Weighted
from demo.entry import Entry
from demo.population import LOADED_UNTIL, Person

NO_DOT = "icd_without_dot"
PAID_LATE = "paid_late"
GONE_STATION = "merged_station"

RATES = {NO_DOT: 0.05, GONE_STATION: 0.03, PAID_LATE: 0.1}
"""Share of visits that get the fault."""

KEPT_FROM = date(2024, 1, 1)
_MOST = 40
_DISEASES = (
    ("J00", "Viêm mũi họng cấp"),
    ("J02.9", "Viêm họng cấp"),
    ("J06.9", "Nhiễm trùng hô hấp trên cấp"),
    ("J18.9", "Viêm phổi"),
    ("J20.9", "Viêm phế quản cấp"),
    ("J45.9", "Hen phế quản"),
    ("A09", "Tiêu chảy nhiễm trùng"),
    ("A90", "Sốt xuất huyết Dengue"),
    ("B18.1", "Viêm gan B mạn"),
    ("E11.9", "Đái tháo đường típ 2"),
    ("E78.5", "Tăng lipid máu"),
    ("G44.2", "Đau đầu căng thẳng"),
    ("H10.9", "Viêm kết mạc"),
    ("I10", "Tăng huyết áp"),
    ("I25.9", "Bệnh tim thiếu máu cục bộ"),
    ("I63.9", "Nhồi máu não"),
    ("K21.9", "Trào ngược dạ dày thực quản"),
    ("K29.7", "Viêm dạ dày"),
    ("K35.8", "Viêm ruột thừa cấp"),
    ("M17.9", "Thoái hóa khớp gối"),
    ("M54.5", "Đau thắt lưng"),
    ("N39.0", "Nhiễm trùng đường tiểu"),
    ("O80.9", "Đẻ thường"),
    ("S06.0", "Chấn động não"),
    ("Z00.0", "Khám sức khỏe"),
)
_KIND = Weighted([("01", 76.0), ("02", 4.0), ("03", 14.0), ("05", 3.0), ("07", 3.0)])
_INPATIENT = "03"
_DEPARTMENTS = ("K01", "K02", "K03", "K18", "K19", "K27", "K31")
_REASONS = ("Sốt", "Ho", "Đau bụng", "Đau đầu", "Khó thở", "Đau lưng", "Tái khám", "Tai nạn", "Khám định kỳ")


class Visit(NamedTuple):
    """A row of `his.dot_kcb`, in the order of its columns."""

    ma_lk: str
    mabn: str
    ly_do_vv: str
    chan_doan_vao: str
    chan_doan_rv: str | None
    ma_benh_chinh: str
    ma_benh_kt: str | None
    ma_doituong_kcb: str
    ma_noi_di: str | None
    ngay_vao: str
    ngay_ra: str | None
    ket_qua_dtri: int | None
    ma_loai_rv: int | None
    ma_loai_kcb: str
    ma_khoa: str
    ma_cskcb: str
    t_tongchi_bv: Decimal | None
    t_bhtt: Decimal | None
    ngay_ttoan: str | None


def visits(draw: Draw, person: Person, patient: Any) -> Iterator[Entry]:
    """Every visit the system keeps of one patient row: more of them the older the person is."""
    first, last = max(patient.ngay_tao.date(), KEPT_FROM), min(person.died or LOADED_UNTIL, LOADED_UNTIL)
    if first > last:
        return
    years = (last - first).days / 365
    expected = years * (2.2 + max(0, last.year - person.born.year - 40) * 0.08)
    count = min(_MOST, int(expected * 2 * draw.fraction() + draw.fraction()))
    for number in range(count):
        day = draw.day(first, last)
        yield visit(draw, person, patient.mabn, f"{patient.mabn}{number:03d}", day, over=True)


def visit(draw: Draw, person: Person, patient: str, key: str, day: date, over: bool) -> Entry:
    """One visit that began on `day`; one that is not `over` has neither end nor bill yet."""
    faults: list[str] = []
    code, name = draw.one(_DISEASES)
    kind, place = draw.of(_KIND), person.home.id_province[1:]
    begin = datetime(day.year, day.month, day.day, draw.between(6, 21), draw.between(0, 59))
    if draw.chance(RATES[NO_DOT]) and "." in code:
        faults.append(NO_DOT)
        code = code.replace(".", "")
    station = draw.chance(RATES[GONE_STATION])
    if station:
        faults.append(GONE_STATION)
    row = Visit(
        ma_lk=key,
        mabn=patient,
        ly_do_vv=draw.one(_REASONS),
        chan_doan_vao=name,
        chan_doan_rv=None,
        ma_benh_chinh=code,
        ma_benh_kt=_others(draw),
        ma_doituong_kcb="1.1" if draw.chance(0.8) else "2",
        ma_noi_di=f"{place}{draw.between(1, 30):03d}" if draw.chance(0.08) else None,
        ngay_vao=f"{begin:%Y%m%d%H%M}",
        ngay_ra=None,
        ket_qua_dtri=None,
        ma_loai_rv=None,
        ma_loai_kcb=kind,
        ma_khoa=draw.one(_DEPARTMENTS),
        ma_cskcb=f"{place}{draw.between(161, 220) if station else draw.between(1, 160):03d}",
        t_tongchi_bv=None,
        t_bhtt=None,
        ngay_ttoan=None,
    )
    if over:
        row = row._replace(**ended(draw, kind, begin, name))
        if draw.chance(RATES[PAID_LATE]):
            faults.append(PAID_LATE)
        else:
            row = row._replace(ngay_ttoan=row.ngay_ra)
    return Entry("dot_kcb", row, {"patient": person.key}, tuple(faults), person.id)


def ended(draw: Draw, kind: str, begin: datetime, diagnosis: str) -> dict[str, Any]:
    """The columns that are filled when the patient leaves."""
    days = draw.between(2, 9) if kind == _INPATIENT else 0
    left = begin + timedelta(days=days, minutes=draw.between(30, 120))
    cost = draw.between(40, 900) * (1 + 3 * days)
    return {
        "chan_doan_rv": diagnosis,
        "ngay_ra": f"{left:%Y%m%d%H%M}",
        "ket_qua_dtri": draw.between(1, 3),
        "ma_loai_rv": 1,
        "t_tongchi_bv": Decimal(cost * 1000),
        "t_bhtt": Decimal(cost * 800),
    }


def _others(draw: Draw) -> str | None:
    count = int(draw.fraction() ** 3 * 5)
    return ";".join(draw.one(_DISEASES)[0] for _ in range(count)) or None
