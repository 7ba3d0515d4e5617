"""The judge: what is right passes, and each way of being wrong is named."""

from dataclasses import replace

import pytest
from oracle import judge
from oracle.judge import Read
from oracle.log import RawChange
from oracle.model import Change, Key, What, truth_of
from oracle.served import Held, shape_ever

from suoi.position import pack

TX = {101: 1, 102: 2}
"""Transaction id → number of its commit."""


def raw(key: str, commit: int, event: int, offset: int, operation: str = "u", digest: bytes = b"") -> RawChange:
    tx = 100 + commit
    version = pack(1, commit, event, 0)
    return RawChange("t", (key,) if key else (), operation, version, tx, 0, offset, digest or bytes([offset]))


def held(key: str, commit: int, event: int, text: str | None, offset: int = 0) -> Held:
    row = None if text is None else (key, text)
    return Held((key,), pack(1, commit, event, 3), "u", 100 + commit, 0, offset, row)


@pytest.fixture
def right() -> Read:
    """Key 1 is inserted and changed in commit 1 and deleted in commit 2, which inserts key 2."""
    truth = truth_of({"t": (("id",), [("id", "int4"), ("ten", "text")])})
    one: Key = ("1",)
    truth.commit(
        [Change("t", one, What.SET, {0: "1", 1: "a"}), Change("t", one, What.SET, {0: "1", 1: "b"})], transaction=101
    )
    truth.commit([Change("t", one, What.DELETED), Change("t", ("2",), What.SET, {0: "2", 1: "c"})], transaction=102)
    return Read(
        "t",
        truth.tables["t"],
        truth.transactions,
        [raw("1", 1, 1, 0), raw("1", 1, 2, 1), raw("1", 2, 3, 2, "d"), raw("2", 2, 4, 3)],
        [held("1", 1, 1, "a"), held("1", 1, 2, "b"), held("1", 2, 3, None), held("2", 2, 4, "c")],
        set(),
        set(),
        shape_ever(truth.tables["t"]),
    )


def found(read: Read) -> str:
    return "\n".join(judge.findings(read, 1)[0])


def test_what_is_right_passes(right: Read) -> None:
    assert found(right) == ""
    assert judge.first_streamed([right]) == 1


def test_a_record_delivered_again_says_nothing_new(right: Read) -> None:
    assert found(replace(right, raw=[*right.raw, replace(right.raw[0], offset=9)])) == ""


def test_a_lost_version_is_named_by_log_and_truth(right: Read) -> None:
    told = found(replace(right, held=right.held[1:]))
    assert "t [1] lost: u 0001" in told
    assert "t [1] lost: commit 1 made 2 changes, the history has 1" in told


def test_a_dead_letter_is_not_a_loss(right: Read) -> None:
    assert found(replace(right, held=right.held[1:], dead={(0, 0)})) == ""


def test_a_change_that_never_reached_the_log_is_lost(right: Read) -> None:
    told = found(replace(right, raw=right.raw[:-1], held=right.held[:-1]))
    assert told == "t [2] lost: commit 2 made 1 changes, the history has 0"


def test_a_row_from_before_capture_has_to_come_by_a_snapshot(right: Read) -> None:
    later = replace(right, transactions={102: 2}, raw=right.raw[2:], held=right.held[2:])
    assert judge.first_streamed([later]) == 2
    assert judge.findings(later, 2) == ([], 0)
    only_before = replace(later, held=[], raw=[], transactions={103: 3})
    lines, lost = judge.findings(only_before, 3)
    assert (lines, lost) == (["t [2] lost: it was there before capture began and never came"], 1)
    read_then = [replace(held("2", 0, 9, "c"), operation="r")]
    assert judge.findings(replace(only_before, held=read_then, raw=[raw("2", 0, 9, 0, "r")]), 3) == ([], 0)


def test_a_truncation_without_its_position_is_lost(right: Read) -> None:
    truncation = raw("", 2, 5, 4, "t")
    assert "lost: t " in found(replace(right, raw=[*right.raw, truncation]))
    assert found(replace(right, raw=[*right.raw, truncation], truncations={pack(1, 2, 5, 3)})) == ""


def test_two_changes_under_one_version_are_found(right: Read) -> None:
    other = replace(right.raw[0], offset=9, digest=b"other")
    assert "t [1] one version for two changes" in found(replace(right, raw=[*right.raw, other]))


def test_a_version_below_that_of_an_older_change_is_inverted(right: Read) -> None:
    swapped = [replace(right.raw[0], offset=1), replace(right.raw[1], offset=0), *right.raw[2:]]
    assert "t [1] inverted: u" in found(replace(right, raw=swapped))


def test_transactions_whose_versions_are_the_other_way_round_are_inverted(right: Read) -> None:
    late = [replace(one, version=pack(1, 9, one.version >> 16 & 0xFF, 0)) if one.transaction == 101 else one
            for one in right.held]  # fmt: skip
    assert "t [1] inverted: by their versions the commits come as [2, 1, 1]" in found(replace(right, held=late))


def test_another_content_is_told_by_column(right: Read) -> None:
    wrong = [*right.held[:1], held("1", 1, 2, "x"), *right.held[2:]]
    assert "ten: 'b', held 'x'" in found(replace(right, held=wrong))


def test_a_version_from_nowhere_is_invented(right: Read) -> None:
    told = found(replace(right, held=[*right.held, held("3", 7, 1, "z")]))
    assert "t [3] invented" in told
    assert "t [3] extra" in told


def test_many_findings_are_counted_not_listed(right: Read) -> None:
    more = [raw("5", 2, event, event) for event in range(10, 30)]
    lines, lost = judge.findings(replace(right, raw=[*right.raw, *more]), 1)
    assert lost == 20
    assert len(lines) == judge.MOST_LINES + 1
    assert lines[-1] == "t: 15 more lost"
