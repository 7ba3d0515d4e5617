"""Which number a release runs under."""

import json
from dataclasses import replace
from typing import Any

import pytest
from builders.decisions import NOW, REFORM, a_decision

from streams import revisions
from streams.revision_records import decode, encode, schema
from streams.revisions import Declared
from suoi import avro
from suoi.errors import Contract, UserError
from suoi.ids import Revision


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


def decided(declared: list[Declared], **given: Any) -> list[Declared]:
    """One more decision in force."""
    return [*declared, revisions.deciding(declared, 1, "abc", a_decision(**given))]


def test_a_decision_is_a_revision_of_its_own_and_bears_its_number() -> None:
    declared = decided(declared_after((1, "abc")))
    assert (declared[-1].number, [one.id for one in revisions.decisions(declared)]) == (2, ["2"])
    assert revisions.mine(declared, 1, "abc") == 2
    assert declared[-1].content != declared[0].content


def test_new_lists_leave_decisions_in_force() -> None:
    declared = decided(declared_after((1, "abc")))
    declared.append(revisions.following(declared, 1, "def", NOW, "lan", "new lists"))
    assert [one.raw for one in revisions.decisions(declared)] == ["B12"]


def test_a_revoked_decision_leaves_what_was_before_it() -> None:
    declared = decided(declared_after((1, "abc")))
    declared.append(revisions.revoking(declared, 1, "abc", "2", NOW, "lan", "wrong"))
    assert revisions.decisions(declared) == ()
    assert (declared[-1].number, declared[-1].content) == (3, declared[0].content)
    with pytest.raises(UserError, match="no decision '2' is in force; valid: none"):
        revisions.revoking(declared, 1, "abc", "2", NOW, "lan", "again")


def test_what_contradicts_or_repeats_a_decision_is_refused_with_the_way_out() -> None:
    declared = decided(declared_after((1, "abc")))
    with pytest.raises(UserError, match="revoke 2 first"):
        revisions.deciding(declared, 1, "abc", a_decision(unit="00008"))
    with pytest.raises(UserError, match="decision 2 says so already"):
        revisions.deciding(declared, 1, "abc", a_decision())
    assert revisions.deciding(declared, 1, "abc", a_decision(unit="00008", raw="B13")).number == 3


def test_a_release_that_is_not_active_decides_nothing() -> None:
    with pytest.raises(Contract, match="active is 1"):
        revisions.deciding(declared_after((1, "abc")), 1, "def", a_decision())


def test_behind_the_last_number_nothing_is_declared() -> None:
    last = replace(declared_after((1, "abc"))[0], number=Revision(revisions.LAST))
    with pytest.raises(UserError, match="revision 65536 does not fit"):
        revisions.following([last], 1, "def", NOW, "lan", "one too many")


def test_a_decision_survives_its_journey_and_an_older_release_told_less() -> None:
    declared = decided(declared_after((1, "abc")), since=REFORM, text="Xã A", place="yte")
    declared.append(revisions.revoking(declared, 1, "abc", "2", NOW, "lan", "wrong"))
    assert [decode(encode(one, 5)[1], lambda schema_id: schema()) for one in declared] == declared
    older = json.loads(schema())
    older["fields"] = [one for one in older["fields"] if one["name"] not in ("decided", "revoked")]
    first = {"number": 1, "content": "c", "rules": 1, "lists": "abc", "time": 0, "author": "lan", "reason": "first"}
    value = avro.frame(4, avro.encoder(json.dumps(older))(first))
    read = decode(value, {4: json.dumps(older)}.__getitem__)
    assert (read.number, read.decided, read.revoked) == (1, (), ())
