"""Capture goes on only on the source that we know, with the log that it needs, within what the source allows."""

from dataclasses import replace

import pytest

from ops.databases.postgresql import place as words
from ops.databases.values import Kept, Sight
from ops.guard.judgement import Halt, Known
from ops.guard.judgement import judge as judged

KEPT = Kept(bytes=1_000)
KNOWN = Known(identity="77/1/16384", reached=5_000, bound=10_000)
SIGHT = Sight(identity="77/1/16384", end=6_000, kept=KEPT)


def judge(known: Known, sight: Sight) -> Halt | None:
    return judged(known, sight, words)


def test_a_source_as_it_was_goes_on() -> None:
    assert judge(KNOWN, SIGHT) is None


@pytest.mark.parametrize(
    ("identity", "says"),
    [
        ("78/1/16384", "another database cluster: system identifier 78, known is 77"),
        ("77/2/16384", "its timeline is 2, known is 1"),
        ("77/1/20000", "created anew: its oid is 20000, known is 16384"),
    ],
)
def test_another_database_halts_capture_until_somebody_decides(identity: str, says: str) -> None:
    halt = judge(KNOWN, replace(SIGHT, identity=identity))
    assert halt is not None
    assert says in halt.reason
    assert not halt.returns


def test_a_log_that_ends_before_what_was_read_is_of_a_restored_database() -> None:
    halt = judge(KNOWN, replace(SIGHT, end=4_999))
    assert halt is not None
    assert "went back" in halt.reason
    assert not halt.returns


def test_a_slot_that_somebody_dropped_halts_until_somebody_decides() -> None:
    halt = judge(KNOWN, replace(SIGHT, kept=None))
    assert halt is not None
    assert "somebody dropped it" in halt.reason
    assert not halt.returns


def test_a_slot_that_we_dropped_ourselves_is_remembered_by_our_note() -> None:
    assert judge(KNOWN, replace(SIGHT, kept=None, let_go="log bound")) == Halt("log bound", returns=True)


def test_a_source_that_was_never_streamed_needs_no_slot_yet() -> None:
    assert judge(replace(KNOWN, reached=0), replace(SIGHT, kept=None)) is None


def test_a_source_that_nobody_asked_yet_may_be_any() -> None:
    assert judge(replace(KNOWN, identity=""), SIGHT) is None


@pytest.mark.parametrize("kept", [Kept(lost=True), Kept(bytes=10_001)])
def test_log_beyond_the_bound_is_given_back_and_capture_returns_by_itself(kept: Kept) -> None:
    halt = judge(KNOWN, replace(SIGHT, kept=kept))
    assert halt is not None
    assert halt.returns
