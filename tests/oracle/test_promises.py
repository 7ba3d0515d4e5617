"""Which moments a table's watermarks promise."""

from oracle.promises import Promise, promise

from suoi.change import TableState

LIVE, LOADING, STOPPED = TableState.LIVE, TableState.LOADING, TableState.STOPPED


def test_everything_up_to_the_newest_watermark_is_promised() -> None:
    kept = promise([(0, LOADING), (10, LIVE), (20, LIVE)])
    assert kept == Promise(20)
    assert kept.holds(5)
    assert kept.holds(20)
    assert not kept.holds(21)


def test_a_load_leaves_a_gap_from_the_last_word_before_it_to_the_first_after_it() -> None:
    kept = promise([(10, LIVE), (10, LOADING), (12, LOADING), (30, LIVE), (40, LIVE)])
    assert [position for position in (10, 11, 29, 30, 35) if not kept.holds(position)] == [11, 29]
    assert kept.withholds(11)


def test_while_it_loads_nothing_later_is_promised() -> None:
    kept = promise([(10, LIVE), (10, LOADING)])
    assert kept.holds(10)
    assert kept.withholds(11)


def test_a_stopped_table_keeps_what_it_promised() -> None:
    assert promise([(10, LIVE), (10, STOPPED), (20, LIVE)]) == Promise(20)
