"""What workers ask of everything that is decided."""

from builders.control import AGENCY, RAW_TOPIC, TABLE, a_load, a_shape, an_epoch, an_order, decided
from hypothesis import given
from hypothesis import strategies as st

from suoi.control import Stage, Why
from suoi.ids import Epoch, Topic


def test_without_any_decision_everything_is_of_the_first_epoch_and_nothing_rests() -> None:
    nothing = decided()
    assert nothing.epoch(AGENCY) == nothing.epoch_at(RAW_TOPIC, 0, 10**9) == 1
    assert not nothing.paused(AGENCY, TABLE)
    assert nothing.withheld(AGENCY, TABLE) is None
    assert nothing.shape(AGENCY, TABLE) is None
    assert nothing.capture(AGENCY) is None


def test_an_epoch_begins_at_its_offset_in_each_partition() -> None:
    state = decided(an_epoch(1), an_epoch(2, {0: 10, 1: 0}), an_epoch(3, {0: 25, 1: 7}))
    at = [state.epoch_at(RAW_TOPIC, 0, offset) for offset in (0, 9, 10, 24, 25, 1000)]
    assert at == [1, 1, 2, 2, 3, 3]
    assert [state.epoch_at(RAW_TOPIC, 1, offset) for offset in (0, 6, 7)] == [2, 2, 3]
    assert state.epoch_at(Topic("yte.public.x"), 0, 1000) == 1
    assert state.epoch(AGENCY) == 3


@given(st.lists(st.integers(0, 50), min_size=1, max_size=4), st.lists(st.integers(0, 60), min_size=2, max_size=20))
def test_the_epoch_never_falls_along_a_partition(starts: list[int], offsets: list[int]) -> None:
    epochs = [an_epoch(number, {0: start}) for number, start in enumerate(sorted(starts), 2)]
    state = decided(*epochs)
    found = [state.epoch_at(RAW_TOPIC, 0, offset) for offset in sorted(offsets)]
    assert found == sorted(found)


def test_the_identity_belongs_to_a_history() -> None:
    state = decided(an_epoch(1, identity="a/1/5"), an_epoch(2, {0: 1}, identity="a/2/5"))
    assert [state.identity(AGENCY, Epoch(number)) for number in (1, 2, 3)] == ["a/1/5", "a/2/5", ""]


def test_a_newer_decision_takes_the_place_of_an_older_one() -> None:
    assert not decided(an_order(paused=True), an_order(paused=False)).paused(AGENCY, TABLE)
    assert decided(an_order(paused=False), an_order(paused=True)).paused(AGENCY, TABLE)


def test_a_table_lacks_something_until_such_a_load_is_done() -> None:
    shape = a_load(why=Why.SHAPE, stage=Stage.ARRIVING)
    assert decided(shape).withheld(AGENCY, TABLE) == shape
    assert decided(shape, a_load(why=Why.SHAPE, stage=Stage.DONE)).withheld(AGENCY, TABLE) is None
    assert decided(a_load(why=Why.RELOAD)).withheld(AGENCY, TABLE) is None


def test_the_load_that_made_a_table_whole_is_the_last_of_those_it_was_withheld_for() -> None:
    whys = (Why.SHAPE, Why.JOINED, Why.RELOAD)
    first, second, repair = (a_load(number, why=why, stage=Stage.DONE) for number, why in enumerate(whys))
    assert decided(first, second, a_load(3), repair).made_whole(AGENCY, TABLE) == second
    assert decided(a_load(1), a_load(2, stage=Stage.FAILED)).made_whole(AGENCY, TABLE) is None


def test_loads_come_in_the_order_in_which_they_were_requested() -> None:
    state = decided(a_load(5), a_load(1), a_shape(), a_load(3))
    assert [load.id for load in state.loads(AGENCY)] == ["load1", "load3", "load5"]
