"""Failed connectors are restarted with growing pauses."""

from ops.guard.nurse import Nurse
from suoi.clock import SystemClock


class StoppedClock(SystemClock):
    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def test_a_failed_connector_is_restarted_with_growing_pauses() -> None:
    clock, moments = StoppedClock(), list[int]()
    nurse = Nurse(clock)
    for second in range(40):
        clock.seconds = float(second)
        moments += [second] if nurse.failed("hotich") else []
    assert moments == [0, 5, 15, 35]


def test_a_connector_that_stayed_well_starts_anew_with_a_short_pause() -> None:
    clock, restarts = StoppedClock(), 0
    nurse = Nurse(clock)
    for second, well in ((0, False), (10, False), (1000, True), (1001, False), (1007, False)):
        clock.seconds = float(second)
        if well:
            nurse.well("hotich")
        else:
            restarts += nurse.failed("hotich")
    assert restarts == 4


def test_one_that_fails_keeps_no_other_waiting() -> None:
    nurse = Nurse(StoppedClock())
    assert nurse.failed("hotich")
    assert nurse.failed("danhmuc")
    assert not nurse.failed("hotich")
