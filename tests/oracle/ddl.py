"""Tables that change their shape while changes flow.

PLAIN   the rows that are there stay what they are to a reader who knows only their events
ODD     rows change without an event (defaults of new columns, new names and types, partitions that go): such a table
        has to be loaded again, and says so until it is
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from oracle.actions import Hand
from oracle.model import FIRST_NEW, Column, Reshaped, renamed, retyped
from oracle.tables import Make, Table, identity

Reshape = Callable[[Hand, Table], None]
MOST_COLUMNS = 12


def add_column(hand: Hand, table: Table) -> None:
    """A column that may be NULL: it is, in every row that is there."""
    _add(hand, table, with_default=False)


def add_with_default(hand: Hand, table: Table) -> None:
    """A column whose value appears in every row without an event."""
    _add(hand, table, with_default=True)


def drop_column(hand: Hand, table: Table) -> None:
    """A column that is no part of the key goes away."""
    columns = hand.transaction.columns(table.name)
    if column := _any_column(hand.random, columns, table):
        hand.transaction.session.drop(table.name, column.name)
        _reshape(hand, table, tuple(kept for kept in columns if kept != column))


def set_default(hand: Hand, table: Table) -> None:
    """What a column is when it is left out; rows that are there keep what they have."""
    columns = hand.transaction.columns(table.name)
    known = [column for column in columns if column.name in {one.name for one in table.columns if one.default}]
    if known:
        column = hand.random.choice(known)
        value = _some(hand.makes[table.name, column.number], hand.random)
        hand.transaction.session.default(table.name, column.name, value)


def nullability(hand: Hand, table: Table) -> None:
    """A column must have a value, or need not any more."""
    columns = [column for column in hand.transaction.columns(table.name) if column.name not in table.key]
    column = hand.random.choice(columns)
    rows = [hand.transaction.row(table.name, key) for key in hand.transaction.keys(table.name)]
    may_be_null = any(row.get(column.number, column.missing) is None for row in rows if row is not None)
    may = may_be_null or hand.random.random() < 0.5
    hand.transaction.session.nullable(table.name, column.name, may)
    if not may:
        make = hand.makes[table.name, column.number]
        hand.makes[table.name, column.number] = lambda random: _some(make, random)


def widen_text(hand: Hand, table: Table) -> None:
    """varchar(n) becomes longer."""
    wider = [column for column in hand.transaction.columns(table.name) if column.type == "varchar"]
    for column in wider[:1]:
        hand.transaction.session.retype(table.name, column.name, f"varchar({hand.random.randint(200, 10_000)})")


def rename_column(hand: Hand, table: Table) -> None:
    """A column gets another name."""
    columns = hand.transaction.columns(table.name)
    if column := _any_column(hand.random, columns, table):
        new = _name(hand, column.number)
        hand.transaction.session.rename(table.name, column.name, new)
        _reshape(hand, table, renamed(columns, column.name, new))


def retype_column(hand: Hand, table: Table) -> None:
    """int becomes bigint, real becomes double precision."""
    columns = hand.transaction.columns(table.name)
    wider = hand.transaction.session.types.wider
    narrow = [column for column in columns if column.type in wider and column.name not in table.key]
    if narrow:
        column = hand.random.choice(narrow)
        declared, kind = wider[column.type]
        hand.transaction.session.retype(table.name, column.name, declared)
        _reshape(hand, table, retyped(columns, column.name, kind))


def add_with_values(hand: Hand, table: Table) -> None:
    """A column that gets another value in every row, without an event."""
    columns = hand.transaction.columns(table.name)
    if len(columns) < MOST_COLUMNS:
        number = hand.transaction.truth.new_number()
        name = _name(hand, number)
        kind = hand.transaction.session.add_identity(table.name, name)
        hand.makes[table.name, number] = identity
        _reshape(hand, table, (*columns, Column(number, name, kind)))
        hand.transaction.look_again(table.name)


def replace_column(hand: Hand, table: Table) -> None:
    """A column goes and another one of its name and type comes: what was in it is gone without an event."""
    columns = hand.transaction.columns(table.name)
    declared = {kind: text for text, kind, _ in hand.transaction.session.types.new}
    new = [column for column in columns if column.number >= FIRST_NEW and column.type in declared]
    for column in new[:1]:
        hand.transaction.session.replace(table.name, column.name, declared[column.type])
        number = hand.transaction.truth.new_number()
        hand.makes[table.name, number] = hand.makes[table.name, column.number]
        kept = tuple(one for one in columns if one != column)
        _reshape(hand, table, (*kept, Column(number, column.name, column.type)))


def drop_partition(hand: Hand, table: Table) -> None:
    """A partition goes with its rows; its part of the keys is the default partition's from then on."""
    if hand.transaction.session.drop_partition(table.name):
        hand.transaction.look_again(table.name)


def _add(hand: Hand, table: Table, with_default: bool) -> None:
    columns, random = hand.transaction.columns(table.name), hand.random
    if len(columns) >= MOST_COLUMNS:
        return
    session = hand.transaction.session
    declared, kind, make = random.choice(session.types.new)
    number = hand.transaction.truth.new_number()
    name = _name(hand, number)
    session.add(table.name, name, declared, _some(make, random) if with_default else None)
    hand.makes[table.name, number] = (lambda random: _some(make, random)) if with_default else make
    missing = session.sample(table.name, name) if with_default else None
    _reshape(hand, table, (*columns, Column(number, name, kind, missing)))


def _any_column(random: Random, columns: Sequence[Column], table: Table) -> Column | None:
    """One that can go, as long as two others like it stay: no part of the key, not named by the source file."""
    candidates = [column for column in columns if column.name not in table.key and column.name not in table.bound]
    return random.choice(candidates) if len(candidates) > 2 else None


def _some(make: Make, random: Random) -> str:
    while (value := make(random)) is None:
        pass
    return value


def _name(hand: Hand, number: int) -> str:
    return f"c{number}_{hand.random.randrange(1000)}"


def _reshape(hand: Hand, table: Table, columns: tuple[Column, ...]) -> None:
    hand.transaction.note(Reshaped(table.name, columns))


PLAIN: tuple[Reshape, ...] = (add_column, add_column, drop_column, set_default, nullability, widen_text)
ODD: tuple[Reshape, ...] = (
    add_with_default,
    add_with_values,
    rename_column,
    retype_column,
    replace_column,
    drop_partition,
)
RESHAPES: Mapping[str, Sequence[Reshape]] = {"none": (), "plain": PLAIN, "all": PLAIN + ODD}
"""What is done to the shape of tables, by the word for it."""
