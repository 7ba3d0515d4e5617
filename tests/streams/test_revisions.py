"""Which number a release runs under."""

from datetime import UTC, datetime

import pytest

from streams import revisions
from streams.revision_records import decode, encode, schema
from streams.revisions import Declared
from suoi.errors import Contract

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def declared_after(*contents: tuple[int, str]) -> list[Declared]:
    declared: list[Declared] = []
    for rules, lists in contents:
        declared.append(revisions.following(declared, rules, lists, NOW, "lan", "new lists"))
    return declared


def test_the_first_declared_revision_is_number_one() -> None:
    assert revisions.mine(declared_after((1, "abc")), 1, "abc") == 1


def test_going_back_to_old_content_is_a_new_number() -> None:
    declared = declared_after((1, "abc"), (2, "abc"), (1, "abc"))
    assert revisions.mine(declared, 1, "abc") == 3


def test_an_older_release_than_the_active_one_is_refused() -> None:
    with pytest.raises(Contract, match="active is 2 with rules 2"):
        revisions.mine(declared_after((1, "abc"), (2, "abc")), 1, "abc")


def test_without_any_declared_revision_nothing_runs() -> None:
    with pytest.raises(Contract, match="none is declared"):
        revisions.mine([], 1, "abc")


def test_a_revision_survives_its_journey_through_the_topic() -> None:
    declared = declared_after((1, "abc"), (2, "déf"))
    values = [encode(revision, 5)[1] for revision in declared]
    assert [decode(value, lambda schema_id: schema()) for value in values] == declared
