"""What the engine says of its reasons."""

from builders.persons import person

from streams.identity.engine import Engine
from streams.identity.explain import how, why, whynot
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
