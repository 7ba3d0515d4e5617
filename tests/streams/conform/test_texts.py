"""What is published as text: nothing is rounded, cut or silently null."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.conform import texts
from streams.conform.faults import Fault


@pytest.mark.parametrize(
    ("written", "meant"), [("NAN", "NaN"), ("POSITIVE_INFINITY", "Infinity"), ("NEGATIVE_INFINITY", "-Infinity")]
)
def test_what_is_no_number_is_never_null_without_a_word(written: str, meant: str) -> None:
    assert texts.number_text(written) == meant
    with pytest.raises(Fault, match=f"not_a_number: {meant}"):
        texts.unscaled(written, scale=2)


@given(st.integers(-(10**70), 10**70), st.integers(0, 30))
def test_a_decimal_loses_nothing(digits: int, scale: int) -> None:
    text = format(Decimal(digits).scaleb(-scale, Context(prec=80)), "f")
    assert int.from_bytes(texts.unscaled(text, scale), "big", signed=True) == digits


def test_a_number_rounded_before_its_point_has_no_zeros_behind_it() -> None:
    assert texts.hundreds("1234600." + "0" * 2046) == "1234600"
    assert texts.hundreds("NAN") == "NaN"


@given(st.integers(1, 70).flatmap(lambda size: st.text("01", min_size=size, max_size=size)))
def test_bits_come_back_in_their_order_and_length(written: str) -> None:
    number = int(written, 2)
    wire = number.to_bytes((number.bit_length() + 7) // 8, "little")
    assert texts.bits(wire, len(written)) == written


@pytest.mark.parametrize(
    ("element", "printed", "json"),
    [
        ("INT4", "{1,NULL,-2}", "[1,null,-2]"),
        ("INT4", "{}", "[]"),
        ("INT8", "{9223372036854775807}", "[9223372036854775807]"),
        ("INT4", "{{1,2},{3,4}}", "[[1,2],[3,4]]"),
        ("FLOAT8", "{0.1,NaN,-Infinity,1e+308}", '[0.1,"NaN","-Infinity",1e+308]'),
        ("BOOL", "{t,f,NULL}", "[true,false,null]"),
        ("NUMERIC", "{1.50,NaN}", '["1.50","NaN"]'),
        ("TEXT", '{a,NULL,"NULL","x, y","\\"\\\\",""}', '["a",null,"NULL","x, y","\\"\\\\",""]'),
        ("DATE", '{2025-07-01,"0044-03-15 BC",infinity}', '["2025-07-01","0044-03-15 BC","infinity"]'),
        ("BYTEA", '{"\\\\x00ff",NULL}', '["AP8=",null]'),
    ],
)
def test_an_array_becomes_json_without_losing_an_element(element: str, printed: str, json: str) -> None:
    assert texts.array_json(printed, element) == json


@pytest.mark.parametrize("printed", ["[0:1]={1,2}", "", "{", "1,2"])
def test_an_array_that_json_cannot_tell_is_kept_as_its_text(printed: str) -> None:
    with pytest.raises(Fault) as fault:
        texts.array_json(printed, "INT4")
    assert str(fault.value) == f"no_list: {printed}"


def test_bytes_are_base64_and_what_debezium_does_not_know_is_its_text() -> None:
    assert texts.as_base64(b"\x00\xff") == "AP8="
    assert texts.printed("(109.2,Quy Nhơn)".encode()) == "(109.2,Quy Nhơn)"
