"""A verdict is one record per pair, whichever row is named first, and broken bytes are no verdict."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suoi import avro, verdicts
from suoi.errors import Poison
from suoi.verdicts import VerdictRecord, What, verdict

NOW = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=UTC)
A, B = "hotich.khai_sinh|[1]|con", "yte.benh_nhan|[7]|nguoi"
WHAT = st.sampled_from(get_args(What))


@given(WHAT, st.text(), st.text(), st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)))
def test_what_was_written_is_read(what: What, author: str, why: str, time: datetime) -> None:
    told = verdict(B, A, what, author, why, time)
    _, value = verdicts.encode(told, 7)
    assert verdicts.decode(value, lambda _: verdicts.schema()) == told


def test_a_pair_has_one_key_whichever_row_is_named_first() -> None:
    one, other = verdict(A, B, "same", "an", "x", NOW), verdict(B, A, "different", "bình", "y", NOW + timedelta(1))
    assert (one.x, one.y) == (other.x, other.y) == (A, B)
    assert verdicts.encode(one, 7)[0] == verdicts.encode(other, 7)[0]


@given(st.binary(max_size=40))
def test_bytes_that_are_no_verdict_are_poison(payload: bytes) -> None:
    with pytest.raises(Poison, match="no verdict"):
        verdicts.decode(avro.frame(7, payload), lambda _: verdicts.schema())


def test_a_pair_in_the_wrong_order_is_poison() -> None:
    _, value = verdicts.encode(VerdictRecord(B, A, "same", "an", "x", NOW), 7)
    with pytest.raises(Poison):
        verdicts.decode(value, lambda _: verdicts.schema())
