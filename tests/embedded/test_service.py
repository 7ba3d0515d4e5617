"""Services start in the order of their needs."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.service import Service, levels
from suoi.errors import Bug


def a_service(name: str, *after: str) -> Service:
    return Service(name=name, command=("true",), ready=lambda pid: True, log=Path("log"), after=after)


def test_what_needs_nothing_comes_first_and_side_by_side() -> None:
    groups = levels([a_service("connect", "kafka", "registry"), a_service("registry", "kafka"), a_service("kafka")])
    assert [[service.name for service in group] for group in groups] == [["kafka"], ["registry"], ["connect"]]


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_no_service_comes_before_what_it_needs(links: list[bool], rng: random.Random) -> None:
    services = [a_service(f"s{i}", *([f"s{i - 1}"] if i and linked else [])) for i, linked in enumerate(links)]
    rng.shuffle(services)
    seen: set[str] = set()
    for group in levels(services):
        assert all(seen.issuperset(service.after) for service in group)
        seen.update(service.name for service in group)
    assert len(seen) == len(services)


@pytest.mark.parametrize("after", ["nobody", "b"])
def test_a_need_that_is_never_met_is_a_bug(after: str) -> None:
    with pytest.raises(Bug, match=f"waits for {after}"):
        levels([a_service("a", after), a_service("b", "a")])
