"""Which records come again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from oracle.nemesis.replays import FURTHEST, rewound, sample

_BOUNDS = st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)).map(lambda pair: (pair[0], sum(pair)))


@given(st.dictionaries(st.tuples(st.just("t"), st.integers(0, 5)), _BOUNDS), st.integers())
def test_a_group_goes_back_never_forward_and_never_behind_the_log(
    standing: dict[tuple[str, int], tuple[int, int]], seed: int
) -> None:
    earlier = rewound(standing, Random(seed))
    assert earlier.keys() == standing.keys()
    for key, offset in earlier.items():
        oldest, committed = standing[key]
        assert max(oldest, committed - FURTHEST) <= offset <= committed


@given(st.dictionaries(st.integers(0, 5), _BOUNDS), st.integers(), st.integers(1, 1000))
def test_what_comes_again_was_there_before(ends: dict[int, tuple[int, int]], seed: int, count: int) -> None:
    found = sample(ends, Random(seed), count)
    assert found.keys() == {number for number, (first, last) in ends.items() if last > first}
    assert sum(map(len, found.values())) <= max(count, len(ends))
    for number, offsets in found.items():
        assert ends[number][0] <= offsets.start < offsets.stop <= ends[number][1]


def test_the_same_seed_repeats_the_same_records() -> None:
    ends = {0: (0, 1000), 1: (50, 60)}
    assert sample(ends, Random(7)) == sample(ends, Random(7))
