"""A load moves on by what is seen of it, and begins anew rather than miss a row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders.control import AGENCY, NOON, TABLE, a_load, decided

from ops.guard import loads
from ops.guard.loads import LOST_SECONDS, Move, Situation, begun_anew, in_turn, next_move, started
from ops.guard.notices import Progress, heard
from ops.marks import Beat
from suoi.control import Load, Stage, Why
from suoi.ids import Epoch, Version
from suoi.position import pack, to_hex

KEY = "public.khai_sinh"
BEAT = Beat(Version(pack(2, 500, 600, 0)), NOON, "77/1/16384", {KEY: "new"})
QUIET = Situation(
    epoch=Epoch(2),
    beat=BEAT,
    running=True,
    progress=Progress(),
    silent=0.0,
    elapsed=1.0,
    rows_per_second=1_000,
    chunk=50,
)


def a_running(**fields: Any) -> Load:
    return started(a_load(**fields), KEY, BEAT, NOON)


def test_a_load_waits_for_a_running_connector_and_a_heartbeat() -> None:
    assert next_move(a_load(), QUIET) is Move.START
    assert next_move(a_load(), replace(QUIET, running=False)) is Move.WAIT
    assert next_move(a_load(), replace(QUIET, beat=None)) is Move.WAIT


def test_its_floor_is_a_heartbeat_that_came_before_it_and_its_shape_is_what_that_told() -> None:
    load = a_running()
    assert (load.floor, load.shape, load.stage) == (to_hex(BEAT.position), "new", Stage.RUNNING)


def test_the_floor_of_a_new_history_is_below_all_of_it() -> None:
    assert a_running(why=Why.EPOCH).floor == to_hex(pack(2, 0, 0, 0))


def test_a_load_has_left_the_source_when_its_scan_ended_well() -> None:
    for status in ("SUCCEEDED", "EMPTY"):
        assert next_move(a_running(), replace(QUIET, progress=Progress(True, scan=status, ended=True))) is Move.ARRIVE


def test_a_scan_that_failed_is_tried_again_where_the_table_is_not_whole_without_it() -> None:
    failed = replace(QUIET, progress=Progress(True, scan="SQL_EXCEPTION", ended=True))
    assert next_move(a_running(why=Why.EPOCH), failed) is Move.BEGIN_ANEW
    assert next_move(a_running(why=Why.RELOAD), failed) is Move.FAIL


def test_a_signal_that_the_connector_read_past_and_knows_nothing_of_is_sent_again() -> None:
    assert next_move(a_running(), replace(QUIET, silent=LOST_SECONDS)) is Move.ASK_AGAIN


def test_a_load_of_a_history_that_is_over_begins_anew_at_any_stage() -> None:
    for stage in (Stage.RUNNING, Stage.ARRIVING):
        load = a_running().model_copy(update={"stage": stage})
        assert next_move(load, replace(QUIET, epoch=Epoch(3))) is Move.BEGIN_ANEW
    assert begun_anew(a_running(), "why", NOON).stage is Stage.REQUESTED


@pytest.mark.parametrize(
    ("chunks", "elapsed", "resting", "move"),
    [
        (60, 1.0, False, Move.WAIT),
        (61, 1.0, False, Move.PAUSE),
        (61, 1.0, True, Move.WAIT),
        (61, 1.1, True, Move.RESUME),
    ],
)
def test_no_more_rows_are_read_than_the_source_allows(chunks: int, elapsed: float, resting: bool, move: Move) -> None:
    progress = Progress(started=True, chunks=chunks, resting=resting)
    assert next_move(a_running(), replace(QUIET, progress=progress, elapsed=elapsed)) is move


def test_one_load_at_a_time_and_the_oldest_first() -> None:
    first, second = a_load(1), a_load(2)
    assert in_turn(decided(second, first).loads(AGENCY), NOON) == first
    running = started(second, KEY, BEAT, NOON)
    assert in_turn(decided(first, running).loads(AGENCY), NOON) == running


def test_while_one_load_arrives_the_next_one_is_read() -> None:
    arriving, next_one = a_load(1, stage=Stage.ARRIVING), a_load(2)
    assert in_turn(decided(arriving, next_one).loads(AGENCY), NOON) == next_one
    assert in_turn(decided(arriving).loads(AGENCY), NOON) is None


def test_a_load_that_failed_lets_others_pass_for_a_while() -> None:
    failed, other = begun_anew(a_load(1), "away", NOON), a_load(2)
    assert in_turn(decided(failed, other).loads(AGENCY), NOON) == other
    later = NOON + timedelta(seconds=loads.RETRY_SECONDS)
    assert in_turn(decided(failed, other).loads(AGENCY), later) == failed


def test_a_load_that_goes_on_failing_is_tried_less_and_less_often() -> None:
    hour, minutes = timedelta(hours=1), timedelta(minutes=4)
    failing = begun_anew(a_load(), "cannot be read", NOON + minutes)
    assert in_turn(decided(failing).loads(AGENCY), NOON + 1.4 * minutes) is None
    assert in_turn(decided(failing).loads(AGENCY), NOON + 1.5 * minutes) == failing
    for_long = begun_anew(a_load(), "cannot be read", NOON + hour)
    assert (
        in_turn(decided(for_long).loads(AGENCY), NOON + hour + timedelta(seconds=loads.MOST_RETRY_SECONDS)) == for_long
    )


def test_a_load_that_makes_its_table_whole_waits_for_the_table_to_be_captured() -> None:
    asked, running = a_load(why=Why.JOINED), a_running(why=Why.JOINED)
    assert loads.of_uncaptured(asked, NOON) == asked
    assert loads.of_uncaptured(running, NOON) == asked
    assert loads.of_uncaptured(running.model_copy(update={"stage": Stage.ARRIVING}), NOON) == asked


def test_any_other_load_of_a_table_that_is_not_captured_has_failed() -> None:
    found = loads.of_uncaptured(a_load(why=Why.RELOAD), NOON)
    assert (found.stage, found.detail) == (Stage.FAILED, "its table is not captured")


def test_a_load_is_forgotten_when_it_has_been_finished_for_long() -> None:
    done, failed = a_load(1, stage=Stage.DONE), a_load(2, stage=Stage.FAILED)
    known, after = decided(done, failed, a_load(3)), timedelta(minutes=1, seconds=1)
    assert loads.long_finished(known, AGENCY, NOON + loads.REMEMBERED) == []
    assert loads.long_finished(known, AGENCY, NOON + loads.REMEMBERED + after) == [done]
    assert loads.long_finished(known, AGENCY, NOON + 2 * loads.REMEMBERED) == [done, failed]


def test_the_id_of_a_load_fits_the_signal_table_with_its_pauses() -> None:
    longest = loads.a_load(AGENCY, TABLE, Why.RESNAPSHOT, datetime(2026, 11, 22, 1, 2, 3, 456789, UTC), "x")
    assert len(f"{longest.id}-p") <= 42


def test_notices_add_up_to_progress() -> None:
    said = [
        ("STARTED", {}),
        ("IN_PROGRESS", {"last_processed_key": "50"}),
        ("PAUSED", {}),
        ("RESUMED", {}),
        ("IN_PROGRESS", {"last_processed_key": "80"}),
        ("TABLE_SCAN_COMPLETED", {"status": "SUCCEEDED", "total_rows_scanned": "80"}),
        ("COMPLETED", None),
    ]
    progress = Progress()
    for kind, more in said:
        progress = heard(progress, {"type": kind, "additional_data": more})
    assert progress == Progress(True, 2, False, "SUCCEEDED", 80, True)
    assert progress.good
