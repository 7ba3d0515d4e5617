"""A heartbeat counts when it was streamed, and stands where its source says."""

from typing import Any

import pytest

from ops.heartbeats import beat_of, produced_up_to
from suoi.position import FIRST_EPOCH, pack


def an_envelope(op: str = "u", snapshot: str = "false", sequence: str = '["100","120"]') -> dict[str, Any]:
    return {
        "op": op,
        "after": {"id": 1},
        "source": {"snapshot": snapshot, "sequence": sequence, "ts_us": 1_700_000_000_000_001},
    }


def test_a_streamed_heartbeat_stands_below_every_later_row_whatever_its_revision() -> None:
    beat = beat_of("postgresql", an_envelope())
    assert beat is not None
    assert beat.position == pack(FIRST_EPOCH, 100, 120, 0)
    assert beat.time.microsecond == 1


@pytest.mark.parametrize("envelope", [None, an_envelope(op="r", snapshot="first"), an_envelope(op="d"), {"op": "m"}])
def test_what_was_not_streamed_as_a_write_is_no_heartbeat(envelope: Any) -> None:
    assert beat_of("postgresql", envelope) is None


def test_a_row_read_by_a_snapshot_is_no_heartbeat_even_when_called_an_update() -> None:
    assert beat_of("postgresql", an_envelope(snapshot="incremental")) is None


def test_a_streamed_record_without_a_position_is_an_error() -> None:
    with pytest.raises(ValueError, match="sequence"):
        beat_of("postgresql", an_envelope(sequence="[]"))


def test_a_connector_that_stored_the_heartbeat_itself_has_produced_it() -> None:
    beat = beat_of("postgresql", an_envelope())
    assert beat is not None
    assert produced_up_to("postgresql", {"lsn": 120, "lsn_proc": 120, "lsn_commit": 100}) == beat.position


def test_a_transaction_with_a_higher_record_but_an_earlier_commit_is_not_past_the_heartbeat() -> None:
    beat = beat_of("postgresql", an_envelope(sequence='["150","90"]'))
    produced = produced_up_to("postgresql", {"lsn": 100, "lsn_commit": 80})
    assert beat is not None
    assert produced is not None
    assert produced < beat.position


@pytest.mark.parametrize("offset", [None, {}, {"lsn": 5, "snapshot": "INITIAL"}, {"lsn_proc": None}])
def test_a_connector_before_its_first_streamed_change_has_produced_nothing_that_counts(offset: Any) -> None:
    assert produced_up_to("postgresql", offset) is None


def test_a_heartbeat_says_who_the_source_is_and_what_its_tables_look_like() -> None:
    row = {"id": 1, "identity": "7391/1/16384", "shapes": '{"public.t": "abc"}'}
    beat = beat_of("postgresql", {**an_envelope(), "after": row})
    assert beat is not None
    assert (beat.identity, beat.shapes) == ("7391/1/16384", {"public.t": "abc"})
