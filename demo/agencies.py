"""The agencies of the demonstration that know persons: their tables, and what they hold of a family."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from demo import bhxh, cbcc, giaoduc, hotich, motcua, visits, yte
from demo.entry import Entry, Household
from demo.rows import Birth, Death


class Table(NamedTuple):
    """A table as its database calls it, and its columns, the primary key first."""

    name: str
    columns: tuple[str, ...]


class Agency(NamedTuple):
    """One agency: its tables by the name they have downstream, and every row it holds of one family."""

    number: int
    """Its own stream of decisions: never given to another agency."""
    tables: Mapping[str, Table]
    entries: Callable[[Household], Iterable[Entry]]


AGENCIES: Mapping[str, Agency] = {
    "hotich": Agency(
        4, {"khai_sinh": Table("khai_sinh", Birth._fields), "khai_tu": Table("khai_tu", Death._fields)}, hotich.register
    ),
    "yte": Agency(
        1,
        {
            "benh_nhan": Table("his.dm_benhnhan", yte.Patient._fields),
            "dot_kcb": Table("his.dot_kcb", visits.Visit._fields),
        },
        yte.patients,
    ),
    "motcua": Agency(2, {"ho_so": Table("ho_so", motcua.Dossier._fields)}, motcua.dossiers),
    "bhxh": Agency(3, {"nguoi_tham_gia": Table("nguoi_tham_gia", bhxh.Participant._fields)}, bhxh.participants),
    "giaoduc": Agency(5, {"hoc_sinh": Table("giaoduc.hoc_sinh", giaoduc.Pupil._fields)}, giaoduc.pupils),
    "cbcc": Agency(6, {"can_bo": Table("cbcc.can_bo", cbcc.Cadre._fields)}, cbcc.cadres),
}
"""In the order in which truth tells of them. Each agency decides by itself: a new one changes no row of another."""
