"""One open transaction: what it did so far, as the database itself told it, over what is committed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from oracle.engine import Seen, Session, Values
from oracle.locks import Locks
from oracle.model import Change, Column, Key, Reshaped, Row, Step, Truth, What


@dataclass(eq=False)
class Transaction:
    """A transaction in its own session; `steps` go into the truth when it is committed."""

    session: Session
    truth: Truth
    locks: Locks
    steps: list[Step] = field(default_factory=list)
    _rows: dict[tuple[str, Key], Row | None] = field(default_factory=dict)
    _shapes: dict[str, tuple[Column, ...]] = field(default_factory=dict)

    def columns(self, table: str) -> tuple[Column, ...]:
        """The columns of a table as this transaction sees them."""
        return self._shapes.get(table) or self.truth.tables[table].columns

    def row(self, table: str, key: Key) -> Row | None:
        """A row as this transaction sees it; None when there is none."""
        if (table, key) in self._rows:
            return self._rows[table, key]
        return self.truth.tables[table].live.get(key)

    def keys(self, table: str) -> list[Key]:
        """Every key that this transaction sees."""
        base = list(self.truth.tables[table].live)
        own = [key for (name, key), row in self._rows.items() if name == table and row is not None]
        return [key for key in {**dict.fromkeys(base), **dict.fromkeys(own)} if self.row(table, key) is not None]

    def some(self, table: str, random: Random, most: int) -> list[Key]:
        """Up to `most` existing keys that no other transaction has; they are taken."""
        keys = self.keys(table)
        chosen = random.sample(keys, min(len(keys), most))
        return [key for key in chosen if self.locks.row(self, table, key)]

    def takes(self, table: str, key: Key) -> bool:
        """Take a key for a new row; False when it exists or another transaction has it."""
        return self.row(table, key) is None and self.locks.row(self, table, key)

    def note(self, step: Step) -> None:
        """Remember what was done."""
        self.steps.append(step)
        self._apply(step)

    def seen(self, table: str) -> Seen:
        """A table as this transaction sees it."""
        return Seen(table, self.truth.tables[table].key, self.columns(table))

    def told(self, table: str, rows: Sequence[Values]) -> Iterator[tuple[Key, Row]]:
        """Rows as the session tells them."""
        columns, key = self.columns(table), self.truth.tables[table].key
        places = [[column.name for column in columns].index(name) for name in key]
        for row in rows:
            values = {column.number: text for column, text in zip(columns, row, strict=True)}
            yield tuple(row[place] or "" for place in places), values

    def set_rows(self, table: str, rows: Sequence[Values]) -> None:
        """Note rows as told."""
        for key, row in self.told(table, rows):
            self.note(Change(table, key, What.SET, row))

    def look_again(self, table: str) -> None:
        """Note every row of a table that became another one, or went, without an event."""
        now = dict(self.told(table, self.session.rows(self.seen(table))))
        for key in self.keys(table):
            if self.row(table, key) != now.get(key):
                self.note(Change(table, key, What.SILENT, now.get(key)))

    def save(self) -> int:
        """SAVEPOINT; the place to go back to."""
        self.session.save()
        return len(self.steps)

    def back(self, place: int) -> None:
        """ROLLBACK TO SAVEPOINT: what was done since `place` was not; its keys stay taken."""
        self.session.back()
        kept = self.steps[:place]
        for done in (self.steps, self._rows, self._shapes):
            done.clear()
        for step in kept:
            self.note(step)

    def _apply(self, step: Step) -> None:
        if isinstance(step, Reshaped):
            self._shapes[step.table] = step.columns
        else:
            self._rows[step.table, step.key] = step.row

    def empty(self, table: str, what: What) -> None:
        """Note that a table was emptied."""
        for key in self.keys(table):
            self.note(Change(table, key, what))
