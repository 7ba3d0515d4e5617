"""What is held is tried again in time, once for every time that it was held."""

from builders.clock import ManualClock

from streams.transport import Again


def test_a_held_topic_is_due_once_after_its_rest() -> None:
    clock = ManualClock()
    again = Again(clock, 30.0)
    again.note("a")
    clock.wait(20)
    again.note("b")
    assert again.due() == []
    clock.wait(10)
    assert again.due() == ["a"]
    assert again.due() == []
    again.note("a")
    clock.wait(30)
    assert again.due() == ["b", "a"]
