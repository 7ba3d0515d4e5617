"""Open transactions of one thread never wait for each other."""

from oracle.locks import Locks


def test_a_row_belongs_to_one_until_its_end() -> None:
    locks = Locks()
    assert locks.row("a", "t", ("1",))
    assert locks.row("a", "t", ("1",))
    assert not locks.row("b", "t", ("1",))
    assert locks.row("b", "t", ("2",))
    locks.release("a")
    assert locks.row("b", "t", ("1",))


def test_a_table_is_had_alone_or_not_at_all() -> None:
    locks = Locks()
    assert locks.row("a", "t", ("1",))
    assert not locks.table("b", "t")
    assert locks.table("b", "u")
    assert not locks.is_open("a", "u")
    assert not locks.row("a", "u", ("1",))
    locks.release("b")
    assert locks.row("a", "u", ("1",))
    assert locks.table("a", "t")


def test_who_has_touched_a_table_keeps_others_from_taking_it_until_its_end() -> None:
    locks = Locks()
    assert locks.row("a", "t", ("1",))
    locks.release("a")
    assert locks.table("b", "t")
