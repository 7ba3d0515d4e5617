"""Births met by chance, read some dozens at a time: a busy database is asked once, not once per event."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Literal

import psycopg

from demo.draw import Draw
from demo.names import FEMALE
from demo.places import REFORM
from demo.rows import DIED, REPLACED, Birth

AT_ONCE = 24

Filter = Literal["loaded", "alive", "mother", "without number", "since the reform"]

_FILTERS: dict[Filter, str] = {
    "loaded": "TRUE",
    "alive": f"trang_thai NOT IN ({DIED}, {REPLACED})",
    "mother": f"gioi_tinh = ANY(%(female)s) AND ngay_sinh BETWEEN %(oldest)s AND %(youngest)s AND trang_thai <> {DIED}",
    "without number": f"so_dinh_danh IS NULL AND trang_thai <> {DIED} AND ngay_sinh > %(oldest_living)s",
    "since the reform": "ngay_dang_ky >= %(reform)s",
}
_FEMALE = [FEMALE, unicodedata.normalize("NFD", FEMALE)]


class ReadAhead:
    """Rows of `khai_sinh` waiting to be met; whoever changes a row, or rolls back, tells it to forget."""

    def __init__(self, connection: psycopg.Connection, draw: Draw) -> None:
        self._connection, self._draw = connection, draw
        self._waiting: defaultdict[tuple[Filter, int], list[Birth]] = defaultdict(list)

    def next(self, wanted: Filter, first: int, last: int, today: date) -> Birth | None:
        """A row that fits, the first one from a random key between `first` and `last`; None when there is none."""
        waiting = self._waiting[wanted, first]
        if not waiting:
            waiting.extend(self._read(wanted, first, last, today))
        return waiting.pop() if waiting else None

    def forget(self, keys: Iterable[int]) -> None:
        """Rows with these keys are no longer as they were read."""
        gone = set(keys)
        for waiting in self._waiting.values():
            waiting[:] = [row for row in waiting if row.id not in gone]

    def forget_all(self) -> None:
        """Nothing that was read can be relied on."""
        self._waiting.clear()

    def _read(self, wanted: Filter, first: int, last: int, today: date) -> list[Birth]:
        statement = f"""
            SELECT birth.* FROM unnest(%(keys)s::bigint[]) WITH ORDINALITY AS start (key, place), LATERAL (
                SELECT {", ".join(Birth._fields)} FROM khai_sinh
                WHERE id BETWEEN start.key AND %(last)s AND {_FILTERS[wanted]} ORDER BY id LIMIT 1
            ) AS birth ORDER BY start.place"""
        values = {
            "keys": [self._draw.between(first, last) for _ in range(AT_ONCE)],
            "last": last,
            "female": _FEMALE,
            "oldest": date(today.year - 40, 1, 1),
            "youngest": date(today.year - 18, 1, 1),
            "oldest_living": date(today.year - 60, 1, 1),
            "reform": REFORM,
        }
        return [Birth._make(row) for row in self._connection.execute(statement.encode(), values)]
