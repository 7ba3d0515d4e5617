"""The week of a province: how much happens at a moment, against the mean of the whole week."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from demo.draw import WEEKEND

Shape = Callable[[datetime], float]
"""Moment (with zone) → the multiple of the mean rate."""

VIETNAM = timezone(timedelta(hours=7))
_NIGHT, _WORKING, _WEEKEND_DAY = 0.12, 4.0, 0.4
_MONDAY_MORNING = 4.0
"""What the first working hour of the week is above other working hours."""
_OPENS, _CLOSES, _NOON = 8, 17, 12
_DAY = range(6, 22)


def flat(_moment: datetime) -> float:
    """The same at every moment."""
    return 1.0


def week(moment: datetime) -> float:
    """Offices from 8 to 17 without noon, Monday from 8 to 9 four times that, little at night; 1 on the mean."""
    return _relative(moment) / _MEAN


def _relative(moment: datetime) -> float:
    local = moment.astimezone(VIETNAM)
    if local.weekday() >= WEEKEND:
        return _WEEKEND_DAY if local.hour in _DAY else _NIGHT
    if not _OPENS <= local.hour < _CLOSES or local.hour == _NOON:
        return _WEEKEND_DAY if local.hour in _DAY else _NIGHT
    return _WORKING * (_MONDAY_MORNING if local.weekday() == 0 and local.hour == _OPENS else 1)


_MONDAY = datetime(2026, 11, 23, tzinfo=VIETNAM)
_MEAN = sum(_relative(_MONDAY + timedelta(hours=hour)) for hour in range(7 * 24)) / (7 * 24)


def as_if(begin: datetime, now: datetime, shape: Shape) -> Shape:
    """`shape`, as if the moment `now` were `begin`."""
    return lambda moment: shape(begin + (moment - now))
