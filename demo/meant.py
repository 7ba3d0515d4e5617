"""What every code that an agency of the demo writes stands for: told by who the row is about, not by what was typed.

Where somebody lives, or was born, is a place through time: the code of its commune, district or province in each list.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from demo import bhxh, cbcc, dirt, giaoduc, motcua, yte
from demo.entry import Entry
from demo.names import MALE
from demo.places import PROVINCE, Home
from demo.population import Person
from demo.rows import AGAIN

Place = Mapping[str, str]
"""Version of the administrative units → code in it; a list that has no unit of that level is left out."""
Meaning = Place | str | None
"""A place; or the unit of a list without dates; None where nothing was filled in."""
_Meant = Callable[[Entry, Person], Meaning]

FIRST, BEFORE, SINCE = "2024-06-11", ("2025-01-04", "2025-06-30"), ("2025-07-01", "2026-04-30")
_RELIGION = {"": None, "Không": "99", "Phật giáo": "01", "Công giáo": "02", "Thiên Chúa": "02"}
_SCHOOLING = {"12/12": "12/12", "10/10": "10/10", "9/12": "09/12"}
_RELATION = {"Chủ hộ": "01", "Vợ": "02", "Chồng": "03", "Con": "04"}


def meant(agency: str, entry: Entry, person: Person) -> dict[str, Meaning]:
    """Column → what it stands for, of every bound column of a row about `person`."""
    return {column: of(entry, person) for column, of in MEANT.get((agency, entry.table), {}).items()}


def commune(home: Home) -> Place:
    """The commune of a home in every list."""
    return _through_time(home.first.code, home.old.code, home.new.code)


def _through_time(first: str, before: str, since: str | None) -> Place:
    place = {FIRST: first} | dict.fromkeys(BEFORE, before)
    return place if since is None else place | dict.fromkeys(SINCE, since)


def _district(home: Home) -> Place:
    return _through_time(home.first.district, home.old.district, None)


def _province(home: Home) -> Place:
    old = home.id_province[1:]
    return _through_time(old, old, PROVINCE)


def _registered_at(entry: Entry, person: Person) -> Home:
    """A lost book is written anew where somebody lives by then."""
    return person.home if entry.table == "khai_tu" or entry.row.loai_dk == AGAIN else person.birth_home


def _patient_home(entry: Entry, person: Person) -> Home:
    return person.birth_home if yte.NEWBORN in entry.dirt else person.home


def _sex(_entry: Entry, person: Person) -> str:
    return "1" if person.sex == MALE else "2"


def _people(_entry: Entry, person: Person) -> str:
    return person.people


def _nationality(_entry: Entry, _person: Person) -> str:
    return "VN"


def _religion_coded(entry: Entry, _person: Person) -> str:
    return str(entry.row.ma_ton_giao)


def _schooling(entry: Entry, _person: Person) -> str:
    typed = {date: years for years, date in cbcc.AS_DATE.items()}
    return _SCHOOLING[typed.get(entry.row.trinh_do_pt, entry.row.trinh_do_pt)]


_REGISTER: Mapping[str, _Meant] = {
    "ma_xa_dk": lambda entry, person: commune(_registered_at(entry, person)),
    "ma_xa_cu_tru": lambda entry, person: commune(_registered_at(entry, person)),
    "ma_dan_toc": _people,
    "quoc_tich": _nationality,
    "gioi_tinh": _sex,
}
MEANT: Mapping[tuple[str, str], Mapping[str, _Meant]] = MappingProxyType(
    {
        ("hotich", "khai_sinh"): _REGISTER,
        ("hotich", "khai_tu"): _REGISTER,
        ("yte", "benh_nhan"): {
            "matinh_cu_tru": lambda entry, person: _province(_patient_home(entry, person)),
            "mahuyen_cu_tru": lambda entry, person: _district(_patient_home(entry, person)),
            "maxa_cu_tru": lambda entry, person: commune(_patient_home(entry, person)),
            "ma_dantoc": _people,
            "ma_quoctich": _nationality,
            "gioi_tinh": _sex,
        },
        ("motcua", "ho_so"): {"ma_xa": lambda _, person: commune(person.home), "gioi_tinh": _sex},
        ("bhxh", "nguoi_tham_gia"): {
            "ma_tinh_ks": lambda _, person: _province(person.birth_home),
            "ma_xa_ks": lambda _, person: commune(person.birth_home),
            "ma_dan_toc": _people,
            "gioi_tinh": _sex,
            "quan_he_chu_ho": lambda entry, _: _RELATION[entry.row.quan_he_chu_ho],
        },
        ("giaoduc", "hoc_sinh"): {
            "ma_tinh": lambda _, person: _province(person.home),
            "ma_huyen": lambda _, person: _district(person.home),
            "ma_xa": lambda _, person: commune(person.home),
            "dan_toc": _people,
            "gioi_tinh": _sex,
            "ton_giao": lambda entry, _: _RELIGION[entry.row.ton_giao or ""],
        },
        ("cbcc", "can_bo"): {
            "ma_xa_thuong_tru": lambda _, person: commune(person.home),
            "ma_dan_toc": _people,
            "gioi_tinh": _sex,
            "ma_ton_giao": _religion_coded,
            "trinh_do_pt": _schooling,
        },
    }
)
"""Agency and table → column → its meaning: every column that the shipped source files bind."""

_REGISTERED = ("ma_xa_dk", "ma_xa_cu_tru")
SOILED: Mapping[tuple[str, str], Collection[str]] = MappingProxyType(
    {
        ("hotich", dirt.OLD_CODE): _REGISTERED,
        ("hotich", dirt.MIXED_ERA): _REGISTERED,
        ("hotich", dirt.NFD): ("ma_xa_cu_tru", "gioi_tinh"),
        ("yte", yte.NEW_CODE): ("maxa_cu_tru",),
        ("motcua", motcua.MIXED_ERA): ("ma_xa",),
        ("bhxh", bhxh.YEAR_ONLY): ("ma_xa_ks",),
        ("giaoduc", giaoduc.LOST_ZEROS): ("ma_tinh", "ma_huyen", "ma_xa"),
        ("giaoduc", giaoduc.PEOPLE_AS_TYPED): ("dan_toc",),
        ("cbcc", cbcc.NEW_CODE): ("ma_xa_thuong_tru",),
        ("cbcc", cbcc.MANGLED): ("trinh_do_pt",),
    }
)
"""Agency and fault → the codes of the row that it concerns, by what is written there or by what they are read with."""
