"""What a transaction does to rows. Every action tells the transaction what the database said that it did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from oracle.model import Change, Key, Text, What
from oracle.tables import Make, Table
from oracle.transaction import Transaction

_MOST_TRIES = 20


@dataclass
class Hand:
    """What an action needs: the transaction, chance, and how the values of each column come about."""

    transaction: Transaction
    random: Random
    makes: dict[tuple[str, int], Make] = field(default_factory=dict)

    def value(self, table: str, number: int) -> Text:
        """A new value for a column, by its number."""
        return self.makes[table, number](self.random)


Action = Callable[[Hand, Table], None]


def insert(hand: Hand, table: Table) -> None:
    """One or several rows in one statement; columns with a default are left out now and then."""
    keys = fresh(hand, table, hand.random.choice((1, 1, 1, 2, 5 if table.wide else 15)))
    spared = {column.name for column in table.columns if column.default and hand.random.random() < 0.3}
    rows = [_row(hand, table, key, spared) for key in keys]
    if rows:
        _insert(hand, table, rows)


def copy(hand: Hand, table: Table) -> None:
    """Many rows in the way meant for many."""
    _copy(hand, table, hand.random.randint(2, 10 if table.wide else 60))


def update(hand: Hand, table: Table) -> None:
    """Some columns of one row or several."""
    keys = hand.transaction.some(table.name, hand.random, hand.random.choice((1, 1, 2, 10)))
    if keys:
        _update(hand, table, keys)


def rekey(hand: Hand, table: Table) -> None:
    """A row gets another key."""
    new = fresh(hand, table, 1)
    for old in hand.transaction.some(table.name, hand.random, 1):
        if new:
            _rekey(hand, table, old, new[0])


def swap(hand: Hand, table: Table) -> None:
    """Two rows exchange their keys, by way of a third."""
    pair, between = hand.transaction.some(table.name, hand.random, 2), fresh(hand, table, 1)
    if len(pair) == 2 and between:
        for old, new in ((pair[0], between[0]), (pair[1], pair[0]), (between[0], pair[1])):
            _rekey(hand, table, old, new)


def delete(hand: Hand, table: Table) -> None:
    """One row or several."""
    _delete(hand, table, hand.transaction.some(table.name, hand.random, hand.random.choice((1, 1, 2, 8))))


def churn(hand: Hand, table: Table) -> None:
    """Insert, delete, insert, update and delete of one key in one transaction."""
    for key in fresh(hand, table, 1):
        for turn in range(hand.random.randint(2, 3)):
            if turn:
                _delete(hand, table, [key])
            _insert(hand, table, [_row(hand, table, key, set())])
        if hand.random.random() < 0.5:
            _update(hand, table, [key])


def recreate(hand: Hand, table: Table) -> None:
    """An existing row is deleted and comes again under its key."""
    for key in hand.transaction.some(table.name, hand.random, 2):
        _delete(hand, table, [key])
        _insert(hand, table, [_row(hand, table, key, set())])


def truncate(hand: Hand, table: Table) -> None:
    """Every row is gone without a word about each."""
    if hand.transaction.locks.table(hand.transaction, table.name):
        told = hand.transaction.session.truncate(hand.transaction.seen(table.name))
        hand.transaction.empty(table.name, What.TRUNCATED if told else What.SILENT)


def fill(hand: Hand, table: Table, rows: int) -> None:
    """The first rows of a table."""
    _copy(hand, table, rows)


def flood(hand: Hand, table: Table) -> None:
    """Thousands of rows at once: new, changed or gone."""
    full = len(hand.transaction.truth.tables[table.name].live) > table.most
    what = _delete_much if full else hand.random.choice((_copy_much, _update_much, _delete_much))
    what(hand, table)


def _copy_much(hand: Hand, table: Table) -> None:
    _copy(hand, table, hand.random.randint(10, 40) if table.wide else hand.random.randint(1000, 3000))


def _update_much(hand: Hand, table: Table) -> None:
    if keys := hand.transaction.some(table.name, hand.random, 40 if table.wide else 3000):
        _update(hand, table, keys)


def _delete_much(hand: Hand, table: Table) -> None:
    _delete(hand, table, hand.transaction.some(table.name, hand.random, 3000))


def fresh(hand: Hand, table: Table, most: int) -> list[Key]:
    """Up to `most` keys for new rows, taken."""
    found: list[Key] = []
    for _ in range(most * _MOST_TRIES):
        if len(found) == most:
            break
        key = tuple(_key_part(hand, table, name) for name in table.key)
        if key not in found and hand.transaction.takes(table.name, key):
            found.append(key)
    return found


def _key_part(hand: Hand, table: Table, name: str) -> str:
    (column,) = [column for column in table.columns if column.name == name]
    return column.make(hand.random) or ""


def _row(hand: Hand, table: Table, key: Key, spared: set[str]) -> dict[str, Text]:
    given = dict(zip(table.key, key, strict=True))
    return {
        column.name: given[column.name] if column.name in given else hand.value(table.name, column.number)
        for column in hand.transaction.columns(table.name)
        if column.name not in spared
    }


def _insert(hand: Hand, table: Table, rows: Sequence[dict[str, Text]]) -> None:
    session, seen = hand.transaction.session, hand.transaction.seen(table.name)
    hand.transaction.set_rows(table.name, session.insert(seen, rows))


def _copy(hand: Hand, table: Table, most: int) -> None:
    keys = fresh(hand, table, most)
    rows = [_row(hand, table, key, set()) for key in keys]
    if rows:
        session, seen = hand.transaction.session, hand.transaction.seen(table.name)
        hand.transaction.set_rows(table.name, session.load(seen, rows))


def _update(hand: Hand, table: Table, keys: Sequence[Key]) -> None:
    columns = [column for column in hand.transaction.columns(table.name) if column.name not in table.key]
    chosen = hand.random.sample(columns, hand.random.randint(1, len(columns)))
    values = {column.name: hand.value(table.name, column.number) for column in chosen}
    session, seen = hand.transaction.session, hand.transaction.seen(table.name)
    hand.transaction.set_rows(table.name, session.update(seen, keys, values))


def _rekey(hand: Hand, table: Table, old: Key, new: Key) -> None:
    told = hand.transaction.session.rekey(hand.transaction.seen(table.name), old, new)
    hand.transaction.note(Change(table.name, old, What.DELETED))
    hand.transaction.set_rows(table.name, told)


def _delete(hand: Hand, table: Table, keys: Sequence[Key]) -> None:
    if keys:
        hand.transaction.session.delete(hand.transaction.seen(table.name), keys)
        for key in keys:
            hand.transaction.note(Change(table.name, key, What.DELETED))


COMMON: tuple[tuple[Action, int], ...] = (
    (insert, 30),
    (update, 30),
    (delete, 10),
    (copy, 3),
    (rekey, 6),
    (swap, 5),
    (churn, 6),
    (recreate, 5),
)
"""What an ordinary transaction is made of, with weights."""


def makes_of(known: Sequence[Table]) -> dict[tuple[str, int], Make]:
    """How values come about in tables as they begin: columns are numbered from 0."""
    return {(table.name, at): column.make for table in known for at, column in enumerate(table.columns)}
