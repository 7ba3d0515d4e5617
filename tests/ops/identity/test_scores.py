"""Scores from counts are those that comparing every two rows would give."""

from collections.abc import Mapping
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ops.identity.scores import scores

PARTITIONS = st.integers(1, 9).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 4), min_size=n, max_size=n) for _ in range(2)))
)


def by_name(of: list[int], prefix: str) -> dict[str, str]:
    return {f"row {number}": f"{prefix}{one}" for number, one in enumerate(of)}


def sets(of: Mapping[str, str]) -> set[frozenset[str]]:
    return {frozenset(row for row in of if of[row] == one) for one in of.values()}


@given(PARTITIONS)
def test_scores_are_what_counting_every_pair_gives(both: tuple[list[int], list[int]]) -> None:
    persons, clusters = by_name(both[0], "p"), by_name(both[1], "c")
    true, said = (
        {pair for pair in combinations(sorted(of), 2) if of[pair[0]] == of[pair[1]]} for of in (persons, clusters)
    )
    found = scores(persons, clusters)
    assert found.pairs.precision == (len(true & said) / len(said) if said else 1.0)
    assert found.pairs.recall == (len(true & said) / len(true) if true else 1.0)
    whole = len(sets(persons) & sets(clusters))
    assert found.clusters.precision == whole / len(sets(clusters))
    assert found.clusters.recall == whole / len(sets(persons))
    merged = {persons[x] for x in persons for y in persons if clusters[x] == clusters[y] and persons[x] != persons[y]}
    assert found.wrong_merge_persons == len(merged)
    assert found.wrong_merge_per_10000 == 10_000 * len(merged) / len(set(persons.values()))


def test_rows_whose_person_is_not_known_do_not_count() -> None:
    found = scores({"a": "p", "b": "p"}, {"a": "1", "b": "1", "stranger": "1"})
    assert found.pairs.f1 == found.clusters.f1 == 1.0
    assert found.wrong_merge_persons == 0


def test_f1_is_the_harmonic_mean() -> None:
    found = scores(dict.fromkeys("abc", "p") | {"d": "q"}, {"a": "1", "b": "1", "c": "2", "d": "2"})
    assert (found.pairs.precision, found.pairs.recall) == (1 / 2, 1 / 3)
    assert found.pairs.f1 == 2 * (1 / 2 * 1 / 3) / (1 / 2 + 1 / 3)
    assert found.wrong_merge_persons == 2
