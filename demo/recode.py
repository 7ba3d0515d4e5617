"""The 1 July night: an agency that never followed the reform writes every address anew, in one night.

Communes are mapped by the official links alone, as such scripts do it: the few that were split go to their first heir,
whoever lives there, and a row that had a new code among the old ones is mapped a second time, into a wrong commune.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from demo.agencies import AGENCIES
from demo.places import PROVINCE, places
from demo.progress import Report, silent
from demo.store import Store
from suoi.clock import Clock
from suoi.errors import UserError

ROWS_PER_TRANSACTION = 1000
_NIGHT = "(reached varchar(40) NOT NULL, finished int NOT NULL)"
_MAPPING = "(ma_cu varchar(5) PRIMARY KEY, ma_moi varchar(5) NOT NULL)"


class Recode(NamedTuple):
    """Which columns of which table say where somebody lives."""

    table: str
    commune: str
    district: str | None
    province: str | None
    saved: str | None
    numbers: bool
    """Whether codes are numbers there."""

    def value(self, code: str) -> object:
        """A code as this agency writes it."""
        return int(code) if self.numbers else code


RECODES: Mapping[str, Recode] = {
    "yte": Recode("benh_nhan", "maxa_cu_tru", "mahuyen_cu_tru", "matinh_cu_tru", "ngay_sua", False),
    "giaoduc": Recode("hoc_sinh", "ma_xa", "ma_huyen", "ma_tinh", "ngay_cap_nhat", True),
    "cbcc": Recode("can_bo", "ma_xa_thuong_tru", None, None, None, False),
}
"""The agencies that still write the codes of before the reform."""


def july_night(
    store: Store,
    agency: str,
    clock: Clock,
    stop: Callable[[], bool],
    rows_per_second: float | None = None,
    at_once: bool = False,
    report: Report = silent,
) -> int:
    """Recode every row of `agency` in the order of its keys; returns how many rows were changed.

    `at_once` in one transaction; otherwise some at a time, at most `rows_per_second` where that is given, and a night
    that was broken off goes on where it stopped. Raises UserError for an agency that has nothing to recode, or where
    the night is over.
    """
    if agency not in RECODES:
        raise UserError(f"agency {agency!r} has nothing to recode; valid: {' '.join(RECODES)}")
    with store.alone("recode"):
        night = _Night(store, agency, clock.now())
        total, changed, begin = night.count(), 0, clock.monotonic()
        while not stop():
            rows = night.go_on(total if at_once else ROWS_PER_TRANSACTION)
            if rows is None:
                break
            changed += rows
            report(min(changed, total), total)
            if rows_per_second:
                clock.wait(max(0.0, begin + changed / rows_per_second - clock.monotonic()))
    return changed


def is_recoded(store: Store, agency: str) -> bool:
    """Whether the night of this agency is over."""
    if agency not in RECODES or not store.has(agency, "july_night"):
        return False
    return bool(store.fetch(f"SELECT 1 FROM {store.aside(agency, 'july_night')} WHERE finished = 1"))


def renewed(agency: str, values: Mapping[str, object]) -> dict[str, object]:
    """Columns of a row as the agency writes them after its night."""
    columns = RECODES[agency]
    if columns.commune not in values:
        return dict(values)
    code = values[columns.commune]
    new = {columns.commune: columns.value(_heirs().get(str(code).zfill(5), str(code)))}
    return {**values, **new, **_rest(columns)}


class _Night:
    """The night of one agency, as far as it has come."""

    def __init__(self, store: Store, agency: str, now: datetime) -> None:
        self.store, self.columns = store, RECODES[agency]
        self.table = AGENCIES[agency].tables[self.columns.table]
        self.now = now.replace(tzinfo=None, microsecond=0)
        self.state, self.mapping = store.aside(agency, "july_night"), store.aside(agency, "recode")
        self._begin(agency)

    def count(self) -> int:
        """Rows of the table."""
        return int(self.store.fetch(f"SELECT count(*) FROM {self.table.name}")[0][0])

    def go_on(self, most: int) -> int | None:
        """Recode the next `most` rows in one transaction; None when there are none."""
        key = self.table.columns[0]
        reached = self.store.fetch(f"SELECT reached FROM {self.state}")[0][0]
        after = f"SELECT {key} FROM {self.table.name} WHERE {key} > %s ORDER BY {key} LIMIT {most}"
        last = self.store.fetch(f"SELECT max({key}) FROM ({after}) AS next", [reached])[0][0]
        if last is None:
            self.store.execute(f"UPDATE {self.state} SET finished = 1")
            return None
        with self.store.transaction():
            rows = self.store.execute(*self._statement(reached, last))
            self.store.execute(f"UPDATE {self.state} SET reached = %s", [last])
        return rows

    def _statement(self, after: str, last: str) -> tuple[str, list[object]]:
        columns, key = self.columns, self.table.columns[0]
        rest = _rest(columns) | ({columns.saved: self.now} if columns.saved else {})
        heir = f"(SELECT ma_moi FROM {self.mapping} WHERE ma_cu = {_text(columns)})"
        changes = [f"{columns.commune} = {'CAST(' + heir + ' AS int)' if columns.numbers else heir}"]
        changes += [f"{column} = %s" for column in rest]
        where = f"{key} > %s AND {key} <= %s AND {_text(columns)} IN (SELECT ma_cu FROM {self.mapping})"
        return f"UPDATE {self.table.name} SET {', '.join(changes)} WHERE {where}", [*rest.values(), after, last]

    def _begin(self, agency: str) -> None:
        if is_recoded(self.store, agency):
            raise UserError(f"agency {agency!r} was recoded already; valid: once for each loaded province")
        if not self.store.has_province(agency):
            raise UserError(f"database {self.store.name!r} holds no demo province: run `suoi demo load` first")
        self.store.execute(f"CREATE TABLE IF NOT EXISTS {self.state} {_NIGHT}")
        self.store.execute(f"CREATE TABLE IF NOT EXISTS {self.mapping} {_MAPPING}")
        if not self.store.fetch(f"SELECT 1 FROM {self.state}"):
            with self.store.transaction():
                self.store.execute(f"INSERT INTO {self.state} VALUES ('', 0)")
                self.store.execute(f"DELETE FROM {self.mapping}")
                self.store.copy(self.mapping, ("ma_cu", "ma_moi"), list(_heirs().items()))


def _text(columns: Recode) -> str:
    """The commune's code as text with its zeros."""
    return f"lpad(CAST({columns.commune} AS char(5)), 5, '0')" if columns.numbers else columns.commune


def _rest(columns: Recode) -> dict[str, object]:
    """What else of an address is not as before: no district, one province."""
    new: dict[str, object] = {}
    if columns.district:
        new[columns.district] = None
    if columns.province:
        new[columns.province] = columns.value(PROVINCE)
    return new


@cache
def _heirs() -> Mapping[str, str]:
    """Old commune of the province → the one that took it over, or its first part."""
    return {code: homes[0].new.code for code, homes in places().by_old.items()}
