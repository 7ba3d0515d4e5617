"""What no row waits for takes the time that the chunks leave."""

from builders.clock import ManualClock

from streams.identity.spare import BUSY, IDLE, LEAST_SECONDS, Spare


def test_while_little_is_done_the_pause_is_short() -> None:
    clock = ManualClock()
    spare = Spare(clock)
    clock.wait(1.0)
    spare.worked(0.4)
    assert spare.pause(0.1) == 0.1 * IDLE


def test_while_chunks_take_most_of_the_time_it_is_long() -> None:
    clock = ManualClock()
    spare = Spare(clock)
    clock.wait(1.0)
    spare.worked(0.4)
    spare.worked(0.2)
    assert spare.pause(0.1) == 0.1 * BUSY
    clock.wait(1.0)
    assert spare.pause(0.1) == 0.1 * IDLE


def test_where_nothing_waits_one_does_not_look_all_the_time() -> None:
    assert Spare(ManualClock()).pause(0.0) == LEAST_SECONDS
