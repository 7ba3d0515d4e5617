"""What was ordered for tables, as a worker understands it."""

from builders.control import RAW_TOPIC, an_order, decided
from builders.sources import a_source_file

from streams.directions import Directions, directions
from streams.topology import topology
from suoi.change import Coordinates
from suoi.control import Order
from suoi.errors import Reason

NONE = Directions({})


def directed(*orders: Order) -> Directions:
    return directions(topology([a_source_file()]).values(), decided(*orders))


def test_without_an_order_nothing_rests_and_nothing_is_given_up() -> None:
    nothing = directed()
    assert (nothing.resting(), nothing.given_up(), list(nothing.retried(NONE))) == ({}, frozenset(), [])


def test_a_paused_table_rests_and_says_who_wanted_it() -> None:
    cause = directed(an_order(paused=True, author="an", reason="index is built")).resting()[RAW_TOPIC]
    assert cause.reason is Reason.PAUSED
    assert "paused by an: index is built" in str(cause)


def test_a_record_is_given_up_by_its_coordinates() -> None:
    assert directed(an_order(skipped=((3, 99),))).given_up() == {Coordinates(RAW_TOPIC, 3, 99)}


def test_only_a_new_order_lets_a_table_try_again() -> None:
    resumed = an_order(paused=False, gap_accepted=True)
    assert list(directed(resumed).retried(NONE)) == [(RAW_TOPIC, resumed)]
    assert list(directed(resumed).retried(directed(resumed))) == []
    assert list(directed(an_order(paused=True)).retried(NONE)) == []
