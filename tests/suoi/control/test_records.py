"""Decisions on the wire: what is read is what was written, and what cannot be read says where."""

import pytest
from builders.control import AGENCY, RAW_TOPIC, a_load, a_shape, an_epoch, an_order

from suoi.control import Capture, Record
from suoi.control.records import decode, encode
from suoi.errors import Contract


@pytest.mark.parametrize(
    "record",
    [
        an_epoch(2, {0: 17, 5: 0}, identity="7391/1/16384", author="an", reason="restored"),
        an_order(paused=True, skipped=((3, 99),), gap_accepted=True),
        a_shape(columns=("1 id int8",)),
        a_load(keys=('["a",1]',), floor="f" * 32),
        Capture(agency=AGENCY, time=an_order().time, halted=True, reason="log bound"),
    ],
)
def test_what_is_read_is_what_was_written(record: Record) -> None:
    assert decode(*encode(record)) == record


def test_one_key_holds_one_decision() -> None:
    keys = [an_epoch(2).key, an_order().key, a_load().key]
    assert keys == ["epoch/hotich/2", "order/hotich/khai_sinh", "load/hotich/khai_sinh/load0"]


def test_a_decision_of_a_newer_release_is_left_alone() -> None:
    key, value = encode(an_order())
    assert decode(b"quota/hotich", b"{}") is None
    assert decode(key, value[:-1] + b',"new_field":1}') == an_order()


def test_what_cannot_be_read_names_the_key_and_the_field() -> None:
    with pytest.raises(Contract, match=r"order/hotich/khai_sinh.*paused"):
        decode(b"order/hotich/khai_sinh", encode(an_order())[1].replace(b'"paused":false', b'"paused":[]'))


def test_offsets_keep_their_partitions() -> None:
    read = decode(*encode(an_epoch(2, {0: 17})))
    assert getattr(read, "starts", None) == {RAW_TOPIC: {0: 17}}
