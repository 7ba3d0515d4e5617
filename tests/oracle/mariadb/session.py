"""One connection to MariaDB, and how everything is said there."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pymysql
from oracle.engine import Lost, Row, Seen, Values
from oracle.mariadb import words
from oracle.mariadb.shapes import Reshaping
from oracle.mariadb.tables import JOURNAL
from oracle.model import Key

from suoi.sources.mariadb import identifier, text_literal

_DUPLICATE = 1062


@dataclass(eq=False)
class MariaDbSession(Reshaping):
    """See `oracle.engine.Session`."""

    def begin(self) -> None:
        """From here on nothing is asked twice."""
        self._free = False
        self.run("BEGIN")

    def rollback(self) -> None:
        """All of it."""
        self.run("ROLLBACK")

    def save(self) -> None:
        """A later one replaces an earlier one of the same name."""
        self.run("SAVEPOINT oracle")

    def back(self) -> None:
        """To the last one."""
        self.run("ROLLBACK TO SAVEPOINT oracle")

    def journal(self, number: int) -> None:
        """The log tells the statement."""
        self.run(self._journalled(number))

    def commit(self) -> int:
        """Only then the transaction has its number."""
        try:
            self.run("COMMIT")
            ((gtid,),) = self.run("SELECT @@last_gtid")
        except Lost:
            self.close()
            raise
        return int(str(gtid).rpartition("-")[2])

    def committed(self, number: int) -> int | None:
        """Its own entry would keep ours out, or make it wait until that transaction has ended."""
        try:
            self.run(self._journalled(number))
        except pymysql.IntegrityError as exc:
            if exc.args[0] != _DUPLICATE:
                raise
            found = self.logged(self._journalled(number))
            assert found is not None, f"transaction {number} is committed, and the log does not know it"
            return found
        return None

    def beat(self) -> int:
        """By the query of the connector."""
        self.run(self.beat_query)
        ((at,),) = self.run(f"SELECT ts FROM {identifier(self.schema)}.heartbeat WHERE id = 1")
        moment = datetime.fromisoformat(str(at)).replace(tzinfo=UTC)
        return round(moment.timestamp() * 1_000_000)

    def insert(self, seen: Seen, rows: Sequence[Row]) -> Sequence[Values]:
        """Told by RETURNING."""
        known = words.kinds(seen)
        names = ", ".join(map(identifier, rows[0]))
        one = f"({', '.join(words.given(known[name], '%s') for name in rows[0])})"
        every = ", ".join([one] * len(rows))
        query = f"INSERT INTO {self.named(seen.name)} ({names}) VALUES {every} RETURNING {words.printed(seen)}"
        return self.run(query, [row[name] for row in rows for name in rows[0]])

    def load(self, seen: Seen, rows: Sequence[Row]) -> Sequence[Values]:
        """LOAD DATA; then looked at."""
        known, names = words.kinds(seen), list(rows[0])
        places = ", ".join(f"@c{at}" for at in range(len(names)))
        values = (f"{identifier(name)} = {words.given(known[name], f'@c{at}')}" for at, name in enumerate(names))
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
            file.write(words.lines(rows))
            file.flush()
            self.run(
                f"LOAD DATA LOCAL INFILE {text_literal(file.name)} INTO TABLE {self.named(seen.name)} "
                f"CHARACTER SET utf8mb4 ({places}) SET {', '.join(values)}"
            )
        return self._these(seen, [tuple(row[name] or "" for name in seen.key) for row in rows])

    def update(self, seen: Seen, keys: Sequence[Key], values: Row) -> Sequence[Values]:
        """A row that stays what it was has no event."""
        before = words.columns_of(seen, self._these(seen, keys))
        self._update(seen, keys, values)
        after = words.columns_of(seen, self._these(seen, keys))
        return [row for key, row in after.items() if row != before.get(key)]

    def rekey(self, seen: Seen, old: Key, new: Key) -> Sequence[Values]:
        """An update of the key's columns."""
        self._update(seen, [old], dict(zip(seen.key, new, strict=True)))
        return self._these(seen, [new])

    def delete(self, seen: Seen, keys: Sequence[Key]) -> None:
        """The limit has it go by the index, however many: a walk over the table would wait for rows of others."""
        where, values = words.among(seen, keys)
        order = ", ".join(map(identifier, seen.key))
        self.run(f"DELETE FROM {self.named(seen.name)} WHERE {where} ORDER BY {order} LIMIT {len(keys)}", values)

    def truncate(self, seen: Seen) -> bool:
        """A server that dies over it may have emptied the table and not told its log."""
        try:
            self.settle(f"TRUNCATE TABLE {self.named(seen.name)}")
        except Lost:
            ((left,),) = self.run(f"SELECT count(*) FROM {self.named(seen.name)}")
            if left != "0":
                raise
            return False
        return True

    def rows(self, seen: Seen) -> Sequence[Values]:
        """As they are committed."""
        return self.run(f"SELECT {words.printed(seen)} FROM {self.named(seen.name)}")

    def _update(self, seen: Seen, keys: Sequence[Key], values: Row) -> None:
        known = words.kinds(seen)
        sets = ", ".join(f"{identifier(name)} = {words.given(known[name], '%s')}" for name in values)
        where, chosen = words.among(seen, keys)
        query = f"UPDATE {self.named(seen.name)} FORCE INDEX (PRIMARY) SET {sets} WHERE {where}"
        self.run(query, [*values.values(), *chosen])

    def _these(self, seen: Seen, keys: Sequence[Key]) -> list[tuple[Any, ...]]:
        where, values = words.among(seen, keys)
        name = self.named(seen.name)
        return self.run(f"SELECT {words.printed(seen)} FROM {name} FORCE INDEX (PRIMARY) WHERE {where}", values)

    def _journalled(self, number: int) -> str:
        return f"INSERT INTO {self.named(JOURNAL)} VALUES ({number})"
