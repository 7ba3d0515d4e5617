"""What the engine says of its reasons."""

from dataclasses import replace

from builders.persons import name, person

from streams.identity.engine import Engine
from streams.identity.explain import apart, how, strongest, way, why, whynot
from streams.identity.keys import meaning
from streams.identity.model import Model
from streams.identity.review import conflicts, doubts

NUMBER = "052085000123"


def an_engine() -> Engine:
    engine = Engine(Model.default("vietnam"))
    for record in (
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}, home="21550"),
        person("b", "Nguyen Van Hung", "1985", "male", {"personal": NUMBER}),
        person("c", "Nguyễn Văn Hùng", "1985-03-12", "male"),
        person("d", "Trần Thị Mai", "1999-11-30", "female", {"personal": NUMBER}),
        person("e", "Phạm Thị Yến", "1970-01-09", "female"),
    ):
        engine.put(record.rid, 1, record)
    engine.flush()
    return engine


def test_why_names_field_level_and_bits_and_the_keys_that_brought_the_pair_together() -> None:
    found = why(an_engine(), "b", "a")
    lines = {line.field: (line.level, line.bits) for line in found.lines}
    assert lines["name"] == ("equal, one without marks", 10600)
    assert lines["birth"] == ("year only, same year", 6000)
    assert lines["number.personal"] == ("equal", 16000)
    assert sum(line.bits for line in found.lines) == found.weight.bits
    assert f"n.personal:{NUMBER}" in found.keys


def test_how_tells_the_steps_of_a_person_and_the_weakest() -> None:
    engine = an_engine()
    told = how(engine, engine.state.members["a"])
    assert [(union.left, union.right) for union in told.unions] == [(("a",), ("b",))]
    assert told.weakest == told.unions[0]
    assert not told.against


def test_whynot_tells_rule_evidence_verdict_or_that_they_are_one() -> None:
    engine = an_engine()
    assert whynot(engine, "a", "b") == "nothing: they are one person"
    assert whynot(engine, "a", "c") == "a rule: name, date and sex alone never link"
    assert whynot(engine, "d", "a") == "a rule: right number with another name and date"
    assert whynot(engine, "a", "e").startswith(("too little evidence", "a rule"))
    engine.decide("a", "b", 1, "different", "clerk 7", "two cousins")
    engine.flush()
    assert whynot(engine, "a", "b") == "a verdict of clerk 7"


def test_the_strongest_pair_of_two_persons_and_the_way_between_two_rows_of_one() -> None:
    engine = Engine(Model.default("vietnam"))
    for record in (
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}),
        person("b", "Nguyễn Văn Hùng", "1985", "male", {"personal": NUMBER, "old_card": "215123457"}, ["0912345678"]),
        person("c", "Nguyễn Văn Hùng", "", None, {"old_card": "215123457"}, ["0912345678"]),
    ):
        engine.put(record.rid, 1, record)
    engine.flush()
    assert len(engine.state.persons) == 1
    assert strongest(engine, ["a"], ["b", "c"]) == ("a", "b")
    assert why(engine, "a", "c").weight.bits < engine.model.limits.link
    assert way(engine, "c", "a") == [
        ("c", "b", engine.linker.weigh("b", "c").bits),
        ("b", "a", engine.linker.weigh("a", "b").bits),
    ]


def test_what_keeps_persons_apart_names_every_forbidden_pair() -> None:
    engine = an_engine()
    engine.decide("a", "e", 1, "different", "clerk 7")
    engine.flush()
    found = apart(engine, "d", "b")
    assert found.reason == "a rule: right number with another name and date"
    assert found.forbidden == [
        ("a", "d", "a rule: right number with another name and date"),
        ("b", "d", "a rule: right number with another name and date"),
    ]
    assert found.mean == found.pair.weight.bits
    assert apart(engine, "a", "e").forbidden[0] == ("a", "e", "a verdict of clerk 7")
    enough = apart(engine, "a", "c")
    assert not enough.forbidden
    assert enough.mean == (engine.linker.weigh("a", "c").bits + engine.linker.weigh("b", "c").bits) / 2


def test_a_key_that_too_many_rows_hold_is_told_with_their_number() -> None:
    engine = Engine(Model.default("vietnam").capped(2))
    for at in range(4):
        record = person(
            f"r{at}", f"Trần {'Thị' * (at > 1)} Mai", "1999-11-30", None, None, ["0912345678"], home="21550"
        )
        engine.put(record.rid, 1, record)
    engine.flush()
    found = why(engine, "r0", "r2")
    assert {(dead.rows, dead.cap) for dead in found.dead} == {(4, 2)}
    assert "phone, given name" in {meaning(dead.key) for dead in found.dead}
    assert not set(found.keys) & {dead.key for dead in found.dead}
    assert whynot(engine, "r0", "r2").startswith("they were never compared: too many rows hold")
    assert "phone, given name: 4 rows, at most 2" in whynot(engine, "r0", "r2")


def test_every_key_says_what_its_rows_have_in_common() -> None:
    engine = Engine(Model.default("general"))
    record = replace(
        person("a", "Trần Mai", "1999-11-30", "female", {"other": "215123457"}, ["0912345678"], "Lê Lan", "21550"),
        father=name("Trần Ba"),
        other=(("email", "mai@example.vn"),),
    )
    engine.put("a", 1, record)
    told = {key: meaning(key) for key in engine.state.rows["a"].keys}
    assert told["n.other:215123457"] == "number.other"
    assert all(told.values())
    assert not any("215123457" in what or "mai@" in what for what in told.values())


def test_the_review_queue_begins_with_the_decision_that_changes_most_persons() -> None:
    engine = an_engine()
    queue = doubts(engine, ["a", "b", "c", "d", "e"])
    assert [(doubt.x, doubt.y, doubt.persons, doubt.together) for doubt in queue] == [
        ("a", "c", 2, False),
        ("b", "c", 2, False),
    ]
    engine.decide("a", "c", 1, "different", "clerk")
    engine.decide("b", "c", 2, "different", "clerk")
    engine.flush()
    assert not doubts(engine, ["a", "b", "c"])


def test_conflicts_are_a_number_of_somebody_else_and_verdicts_against_the_evidence() -> None:
    engine = an_engine()
    engine.decide("a", "b", 1, "different", "clerk")
    engine.decide("a", "e", 1, "same", "clerk")
    engine.flush()
    told = {(found.x, found.y, found.what) for found in conflicts(engine, ["a", "d"])}
    assert told == {
        ("a", "b", "told to be two persons, a number says one"),
        ("a", "d", "right number with another name and date"),
        ("a", "e", "told to be one person, evidence says two"),
        ("b", "d", "right number with another name and date"),
    }
