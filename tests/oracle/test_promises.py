"""Which moments a table's watermarks promise."""

from oracle.promises import Promise, promise

from suoi.change import TableState

LIVE, LOADING, STOPPED = TableState.LIVE, TableState.LOADING, TableState.STOPPED


def test_everything_from_the_first_watermark_to_the_newest_is_promised() -> None:
    kept = promise([(0, LOADING), (10, LIVE), (20, LIVE)])
    assert kept == Promise(20, ((0, 10),))
    assert [position for position in (9, 10, 15, 20, 21) if not kept.holds(position)] == [9, 21]
    assert kept.withholds(9)
    assert not kept.withholds(21)


def test_nothing_is_promised_before_the_first_word() -> None:
    assert not promise([]).holds(1)
    assert not promise([(0, LOADING)]).holds(1)


def test_a_load_leaves_a_gap_from_the_last_word_before_it_to_the_first_after_it() -> None:
    kept = promise([(10, LIVE), (10, LOADING), (12, LOADING), (30, LIVE), (40, LIVE)])
    assert [position for position in (10, 11, 29, 30, 35) if not kept.holds(position)] == [11, 29]
    assert kept.withholds(11)


def test_while_it_loads_nothing_later_is_promised() -> None:
    kept = promise([(10, LIVE), (10, LOADING)])
    assert kept.holds(10)
    assert kept.withholds(11)


def test_a_stopped_table_keeps_what_it_promised() -> None:
    assert promise([(10, LIVE), (10, STOPPED), (20, LIVE)]) == Promise(20, ((0, 10),))
