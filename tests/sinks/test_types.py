"""What may be widened in place: only what holds every value of before, as the source itself converts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.types import holds, roomy

WIDER = [
    ("Int64", "Int32"),
    ("Float64", "Float32"),
    ("Float64", "Int32"),
    ("Decimal(12, 4)", "Decimal(10, 2)"),
    ("Decimal(12, 2)", "Decimal(10, 2)"),
    ("String", "UUID"),
]
OTHER = [
    ("Int32", "Int64"),
    ("Float32", "Float64"),
    ("Float64", "Int64"),
    ("Float32", "Int32"),
    ("Decimal(10, 4)", "Decimal(10, 2)"),
    ("Decimal(10, 2)", "Decimal(12, 4)"),
    ("DateTime64(6, 'UTC')", "Date32"),
    ("Date32", "Int32"),
    ("String", "Int32"),
    ("String", "Decimal(10, 2)"),
    ("Int64", "String"),
    ("UUID", "String"),
    ("Bool", "Int32"),
]
DECIMALS = st.integers(1, 76).flatmap(lambda digits: st.tuples(st.just(digits), st.integers(0, digits)))


@pytest.mark.parametrize(("wide", "narrow"), WIDER)
def test_a_wider_type_holds_what_the_narrow_one_held_null_included(wide: str, narrow: str) -> None:
    assert holds(wide, narrow)
    assert holds(f"Nullable({wide})", f"Nullable({narrow})")
    assert holds(f"Nullable({wide})", narrow)
    assert not holds(wide, f"Nullable({narrow})")


@pytest.mark.parametrize(("wide", "narrow"), OTHER)
def test_what_could_lose_or_restate_a_value_is_no_widening(wide: str, narrow: str) -> None:
    assert not holds(wide, narrow)
    assert not holds(f"Nullable({wide})", f"Nullable({narrow})")


@given(DECIMALS, DECIMALS)
def test_a_decimal_holds_another_one_when_it_has_its_digits_on_both_sides_of_the_point(
    wide: tuple[int, int], narrow: tuple[int, int]
) -> None:
    enough = wide[1] >= narrow[1] and wide[0] - wide[1] >= narrow[0] - narrow[1]

    assert holds("Decimal({}, {})".format(*wide), "Decimal({}, {})".format(*narrow)) == enough


def test_a_key_of_small_integers_is_made_with_room() -> None:
    assert [roomy(kind) for kind in ("Int32", "Int64", "String")] == ["Int64", "Int64", "String"]
