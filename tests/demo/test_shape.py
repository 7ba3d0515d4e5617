"""The week: its mean is one, Monday morning is its peak, and it can be begun anywhere."""

from datetime import UTC, datetime, timedelta

import pytest
from builders.clock import ManualClock

from demo.pace import Pace
from demo.shape import VIETNAM, as_if, flat, week

MONDAY = datetime(2026, 11, 23, tzinfo=VIETNAM)


def at(days: int, hour: int) -> float:
    return week(MONDAY + timedelta(days=days, hours=hour))


def test_a_whole_week_has_the_mean_of_one() -> None:
    quarters = [week(MONDAY + timedelta(minutes=15 * number)) for number in range(7 * 24 * 4)]
    assert sum(quarters) / len(quarters) == pytest.approx(1)


def test_monday_morning_is_four_times_any_other_working_hour() -> None:
    assert at(0, 8) == pytest.approx(4 * at(1, 8))
    assert max(at(day, hour) for day in range(7) for hour in range(24)) == at(0, 8)


def test_nights_and_weekends_are_quiet() -> None:
    assert at(0, 3) < at(5, 10) < 0.2 * at(1, 10)


def test_the_hour_is_that_of_vietnam() -> None:
    assert week(datetime(2026, 11, 23, 1, 30, tzinfo=UTC)) == at(0, 8)


def test_a_week_can_begin_at_any_moment() -> None:
    now = datetime(2026, 12, 24, 20, 0, tzinfo=UTC)
    begun = as_if(MONDAY + timedelta(hours=7, minutes=59), now, week)
    assert begun(now) == at(0, 7)
    assert begun(now + timedelta(minutes=1)) == at(0, 8)


def changes_in(pace: Pace, clock: ManualClock, seconds: float) -> int:
    done, end = 0, clock.monotonic() + seconds
    while pace.wait_for(done, lambda: clock.monotonic() >= end):
        done += 1
    return done


def test_a_flat_pace_owes_its_rate() -> None:
    clock = ManualClock()
    assert changes_in(Pace(25, flat, clock), clock, 40) == pytest.approx(1000, abs=2)


def test_a_pace_follows_the_shape() -> None:
    clock = ManualClock()
    shape = as_if(MONDAY + timedelta(hours=8), clock.now(), week)
    assert changes_in(Pace(10, shape, clock), clock, 100) == pytest.approx(1000 * at(0, 8), rel=0.01)


def test_what_could_not_be_done_is_not_owed() -> None:
    clock = ManualClock()
    pace = Pace(10, flat, clock)
    clock.wait(1000)
    pace.rest(5)
    assert not pace.is_late(5)
