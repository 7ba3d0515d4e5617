"""How far two values of a field agree, read as people would read them."""

import pytest

from streams.identity.kinds import LEVELS, FullName, Kind, Where


def level(kind: Kind, a: object, b: object) -> str:
    levels = LEVELS[kind]
    return levels.names[levels.of(a, b)]


def called(text: str, given: str, surname: str) -> FullName:
    return FullName(text, text, " ".join(sorted(text.split())), surname, given, given.split()[0])


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (Where("21550", ""), Where("21550", ""), "same unit"),
        (Where("", "", frozenset({"21550", "21553"})), Where("21553", ""), "maybe the same unit"),
        (Where("", "", frozenset({"21550"})), Where("", "", frozenset({"21550"})), "maybe the same unit"),
        (Where("", "", frozenset({"21550"})), Where("21553", ""), "different"),
        (Where("", "12 high street leeds"), Where("", "12 high street leads"), "most words"),
    ],
)
def test_a_unit_that_is_not_certain_may_be_the_other_s(one: Where, other: Where, said: str) -> None:
    assert level(Kind.PLACE, one, other) == level(Kind.PLACE, other, one) == said


def test_names_that_two_sources_cut_at_other_words_are_one_name() -> None:
    whole = called("maria isabel garcia lopez", "maria isabel", "garcia lopez")
    assert level(Kind.NAME, whole, called("maria garcia lopez", "maria", "lopez")) == "reordered or middle name missing"
    assert level(Kind.NAME, whole, called("maria garcia", "maria", "garcia")) == "reordered or middle name missing"
    assert level(Kind.NAME, whole, called("isabel garcia", "isabel", "garcia")) != "reordered or middle name missing"
