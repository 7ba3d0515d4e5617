"""How long a wrong link outlives its correction: from the commit at the source until the warehouse tells two persons.

    .venv/bin/python -m benchmarks.correction [--rows 20] [--persons 400]

Starts a stack of its own in an empty home with the civil status office alone. Some of its births are entered twice, so
each pair is one person; then one of each pair is corrected to be somebody else, one after the other. Measured from just
after COMMIT, with a reader that asks again and again.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

import psycopg

from benchmarks.path import CLOCK, LOAD_SECONDS, hotich
from demo.load import load
from demo.store import PostgreSQL
from embedded import stack
from ops import add, files
from ops.demonstration import administrator, prepare
from ops.up import WORKERS, wait_live
from suoi.clock import until
from suoi.settings import Settings
from suoi.warehouse import Warehouse

APART = 1_000_000
"""From the key of a birth to that of its second entry."""
AGAIN = b"""INSERT INTO khai_sinh
SELECT (jsonb_populate_record(k, jsonb_build_object('id', id + %(apart)s))).* FROM khai_sinh k
WHERE so_dinh_danh IS NOT NULL AND ngay_sinh IS NOT NULL ORDER BY id LIMIT %(rows)s RETURNING id"""
CORRECTED = b"""UPDATE khai_sinh SET ten = 'Khac', ho_chu_dem = 'Pham', ngay_sinh = ngay_sinh + 4000,
so_dinh_danh = NULL, me_ho_ten = NULL, cha_ho_ten = NULL WHERE id = %(id)s"""
PERSONS = """SELECT uniqExact(person), count() FROM identity.member_current
WHERE agency = 'hotich' AND `table` = 'khai_sinh' AND role = 'child' AND key[1] IN (%(one)s, %(other)s)"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--persons", type=int, default=400)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="suoi-bench-") as folder:
        home = Path(folder)
        stack.up(home, print, WORKERS, CLOCK)
        try:
            found = measure(Settings.load(home), wanted.persons, wanted.rows)
        finally:
            stack.down(home, print, CLOCK)
            stack.clean(home, print)
    median, worst = statistics.median(found) * 1000, max(found) * 1000
    print(f"{len(found)} corrections: two persons after {median:.0f} ms (median), {worst:.0f} ms (worst)")


def measure(settings: Settings, persons: int, rows: int) -> list[float]:
    """Seconds of each correction."""
    source = hotich(settings)
    prepare([source], settings, print)
    with administrator(settings, source.database) as connection:
        load({"hotich": PostgreSQL(connection)}, persons, 7)
        keys = [key for (key,) in connection.execute(AGAIN, {"apart": APART, "rows": rows}).fetchall()]
        connection.commit()
        add.add(next(path for path in files.shipped() if path.stem == "hotich"), settings, CLOCK, print)
        wait_live([source], settings, CLOCK, print)
        with Warehouse(settings) as warehouse:
            told(warehouse, keys, 1, LOAD_SECONDS)
            return [corrected(connection, warehouse, key) for key in keys]


def told(warehouse: Warehouse, keys: list[int], persons: int, seconds: float) -> None:
    """Back when the two rows of each key are so many persons."""

    def seen() -> bool:
        pairs = ({"one": str(key), "other": str(key - APART)} for key in keys)
        return all(warehouse.query(PERSONS, pair) == [(persons, 2)] for pair in pairs)

    if not until(seen, seconds, CLOCK, pause=0.005):
        raise SystemExit(f"the rows of {keys} are not {persons} persons after {seconds:.0f} s")


def corrected(connection: psycopg.Connection, warehouse: Warehouse, key: int) -> float:
    """Seconds from the commit until the link is gone."""
    connection.execute(CORRECTED, {"id": key})
    connection.commit()
    begun = perf_counter()
    told(warehouse, [key], 2, 60.0)
    return perf_counter() - begun


if __name__ == "__main__":
    main()
