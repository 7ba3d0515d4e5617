"""The rows of `hotich` as values, in the order of the columns of `demo/schemas/hotich.sql`.

The primary key carries the person: key = 2 x person, + 1 for the second registration. That lets truth be told of any
row without an index; nothing downstream may use it.
"""

from datetime import date, datetime
from typing import NamedTuple

from demo.places import Home

NEW, AGAIN, LATE = 1, 2, 3
IN_FORCE, CORRECTED, REPLACED, DIED = 1, 2, 3, 4


class Birth(NamedTuple):
    """A row of `khai_sinh`, in the order of its columns."""

    id: int
    so: str
    quyen_so: str
    ngay_dang_ky: date
    loai_dk: int
    ma_xa_dk: str
    ho_chu_dem: str
    ten: str
    gioi_tinh: str
    ngay_sinh: date
    ngay_sinh_chu: str
    noi_sinh: str
    ma_dan_toc: str
    quoc_tich: str
    so_dinh_danh: str | None
    me_ho_ten: str
    me_nam_sinh: int
    me_giay_to: str | None
    cha_ho_ten: str | None
    cha_giay_to: str | None
    ma_xa_cu_tru: str
    noi_cu_tru: str
    trang_thai: int
    updated_at: datetime


class Death(NamedTuple):
    """A row of `khai_tu`, in the order of its columns."""

    id: int
    so: str
    quyen_so: str
    ngay_dang_ky: date
    loai_dk: int
    ma_xa_dk: str
    ho_ten: str
    gioi_tinh: str
    ngay_sinh: date
    ngay_sinh_chu: str
    ma_dan_toc: str
    quoc_tich: str
    so_dinh_danh: str | None
    giay_to: str | None
    ma_xa_cu_tru: str
    noi_cu_tru: str
    ngay_chet: date
    noi_chet: str
    nguyen_nhan: str
    trang_thai: int
    updated_at: datetime


class Registration(NamedTuple):
    """The act of registering: primary key, kind (1 new, 2 again, 3 late), day, place, and what became of it."""

    key: int
    kind: int
    on: date
    home: Home
    state: int = IN_FORCE


def key_of(person: int, again: bool = False) -> int:
    """The primary key of a person's (second) registration."""
    return 2 * person + again


def person_of(key: int) -> int:
    """The person a primary key belongs to."""
    return key // 2
