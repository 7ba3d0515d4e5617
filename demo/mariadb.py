"""A MariaDB database as the demo works at it. Tables are written `<database>.<table>`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pymysql

from demo.store import PROVINCE, Work, taken_by_another

_ROWS_AT_ONCE = 1000


class MariaDB:
    """One MariaDB connection in autocommit mode that may send several statements at once."""

    kind = "mariadb"

    def __init__(self, connection: "pymysql.Connection[Any]", name: str) -> None:
        self.connection, self.name = connection, name

    def aside(self, agency: str, table: str) -> str:
        return f"demo_{agency}.{table}"

    def has(self, agency: str, table: str) -> bool:
        query = "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
        return bool(self.fetch(query, [f"demo_{agency}", table]))

    def begin_province(self, agency: str) -> None:
        self.execute(f"CREATE DATABASE IF NOT EXISTS demo_{agency}")
        self.execute(f"CREATE TABLE IF NOT EXISTS demo_{agency}.province {PROVINCE}")

    def has_province(self, agency: str) -> bool:
        persons = f"SELECT 1 FROM demo_{agency}.province WHERE persons > 0"
        return self.has(agency, "province") and bool(self.fetch(persons))

    def script(self, text: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            while cursor.nextset():
                pass

    def execute(self, statement: str, values: Sequence[object] = ()) -> int:
        with self.connection.cursor() as cursor:
            return int(cursor.execute(statement, tuple(values) or None))

    def fetch(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)
            return list(cursor.fetchall())

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Iterable[object]]) -> None:
        """As statements of many rows each."""
        one = f"({', '.join(['%s'] * len(columns))})"
        with self.connection.cursor() as cursor:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                some = rows[start : start + _ROWS_AT_ONCE]
                values = ", ".join(cursor.mogrify(one, tuple(row)) for row in some)
                cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}")

    @contextmanager
    def transaction(self, keep: bool = True) -> Iterator[None]:
        self.connection.begin()
        try:
            yield
        except BaseException:
            self._back()
            raise
        if keep:
            self.connection.commit()
        else:
            self.connection.rollback()

    @contextmanager
    def alone(self, work: Work) -> Iterator[None]:
        lock = f"demo {work} {self.name}"
        if self.fetch("SELECT GET_LOCK(%s, 0)", [lock]) != [(1,)]:
            raise taken_by_another(work, self.name)
        try:
            yield
        finally:
            if self.connection.open:
                self.fetch("SELECT RELEASE_LOCK(%s)", [lock])

    def close(self) -> None:
        if self.connection.open:
            self.connection.close()

    def _back(self) -> None:
        if self.connection.open:
            self.connection.rollback()
