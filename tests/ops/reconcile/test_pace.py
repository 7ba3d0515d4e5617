"""A source is never read faster than it was promised."""

from hypothesis import given
from hypothesis import strategies as st

from ops.reconcile.pace import Pace


@given(rate=st.integers(1, 100_000), rows=st.lists(st.integers(1, 20_000), min_size=1, max_size=20))
def test_however_eager_the_reader_the_rate_holds(rate: int, rows: list[int]) -> None:
    pace, now, read = Pace(rate), 0.0, 0
    for count in rows:
        while not pace.ready(now):
            now += 0.5
        assert read <= rate * now + 1e-6
        pace.charge(now, count)
        read += count


@given(rate=st.integers(1, 100_000))
def test_a_window_is_never_more_than_its_seconds_allow(rate: int) -> None:
    assert 1 <= Pace(rate).window(4.0, 20_000) <= max(1, min(20_000, rate * 4))


def test_a_pause_saves_nothing_up() -> None:
    pace = Pace(10)
    pace.charge(100.0, 10)
    assert not pace.ready(100.9)
    assert pace.ready(101.0)
