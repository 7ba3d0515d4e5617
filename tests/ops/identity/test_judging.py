"""What a clerk decides is told in pairs of rows: as many as it takes, tried before anything is published."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from builders.looked_at import BEARER, CHILD, CLINIC, DESK, STRANGER, a_store
from builders.persons import person

from ops.cli import execute
from ops.exits import INPUT, OK
from ops.identity.judging import effect, pairs, standing
from ops.identity.looking import find
from streams.identity.engine import Engine
from streams.identity.model import Model
from suoi.errors import UserError
from suoi.verdicts import What


@pytest.fixture
def engine() -> Engine:
    """Two rows of one person, one of another with the same number, and a stranger."""
    engine = Engine(Model.default("vietnam"))
    for record in (
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": "052085000123"}),
        person("b", "Nguyen Van Hung", "1985-03-12", "male", {"personal": "052085000123"}),
        person("c", "Trần Thị Mai", "1999-11-30", "female"),
        person("d", "Lê Quốc Bảo", "1970-01-05", "male"),
    ):
        engine.put(record.rid, 1, record)
    engine.flush()
    return engine


def judged(engine: Engine, what: What, a: str, b: str, version: int = 1) -> set[frozenset[str]]:
    found = pairs(engine, what, find(engine, a), find(engine, b))
    would = effect(engine, what, found)
    concerned = {row for one in found for row in one}
    for x, y in found:
        engine.decide(x, y, version, what, "clerk", "seen")
    engine.flush()
    after = {engine.state.members[row] for row in concerned}
    assert would.after == len(after)
    return set(engine.groups().values())


def test_two_persons_told_to_be_one_are_one_with_all_their_rows(engine: Engine) -> None:
    one = engine.state.members["a"]
    assert judged(engine, "same", one, "c") == {frozenset("abc"), frozenset("d")}


def test_two_rows_of_one_person_told_to_be_two_are_apart(engine: Engine) -> None:
    assert judged(engine, "different", "a", "b") == {frozenset(row) for row in "abcd"}


def test_a_revoked_verdict_leaves_what_the_evidence_says(engine: Engine) -> None:
    before = set(engine.groups().values())
    assert judged(engine, "same", "c", "d") != before
    (merged,) = {engine.state.members[row] for row in "cd"}
    assert standing(engine) == [("c", "d")]
    assert judged(engine, "revoked", f"{merged}#1", f"{merged}#2", 2) == before
    assert standing(engine) == []


def test_a_person_is_not_told_to_be_itself(engine: Engine) -> None:
    with pytest.raises(UserError, match="share 1 rows; valid: two persons"):
        pairs(engine, "same", find(engine, "a"), find(engine, engine.state.members["b"]))


def test_where_no_verdict_holds_there_is_none_to_revoke(engine: Engine) -> None:
    with pytest.raises(UserError, match="no verdict holds on a and c; valid: a pair of suoi person verdicts"):
        pairs(engine, "revoked", find(engine, "a"), find(engine, "c"))


def types(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert execute(["--home", str(home), "person", *words, "--json"]) == OK
    return orjson.loads(capsys.readouterr().out)


def test_a_verdict_is_tried_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_store(tmp_path)
    told = types(tmp_path, capsys, "different", CHILD, DESK, "--why", "two brothers", "--try")
    assert told == {"decided": False, "pairs": [[CHILD, DESK]], "persons": {"before": 1, "after": 2}}
    told = types(tmp_path, capsys, "same", CLINIC, STRANGER, "--why", "married name", "--try")
    assert told["persons"] == {"before": 2, "after": 1}


def test_a_verdict_needs_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--home", str(tmp_path), "person", "same", CHILD, DESK, "--why", " "]) == INPUT
    assert "--why is empty" in capsys.readouterr().err


def test_contradictions_and_doubts_wait_for_a_clerk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_store(tmp_path)
    found = types(tmp_path, capsys, "review")
    assert {frozenset(one["rows"]) for one in found["conflicts"]} >= {frozenset((CHILD, STRANGER))}
    assert all(BEARER not in one["rows"] or one["persons"] for one in found["doubts"])
    assert found["more"] == 0
    fewer = types(tmp_path, capsys, "review", "--most", "1")
    assert len(fewer["conflicts"]) == 1
    assert fewer["more"] == len(found["conflicts"]) + len(found["doubts"]) - len(fewer["conflicts"]) - len(
        fewer["doubts"]
    )
