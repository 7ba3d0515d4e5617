"""Whom the engine takes for one person, told as people would tell it."""

import pytest
from builders.persons import person

from streams.identity.engine import Engine
from streams.identity.model import Model
from suoi.person import PersonRecord

NUMBER, TYPO, OTHER = "052085000123", "052085000132", "052085777888"


def persons(*records: PersonRecord) -> set[frozenset[str]]:
    return set(an_engine(*records).groups().values())


def an_engine(*records: PersonRecord) -> Engine:
    engine = Engine(Model.default("vietnam"))
    for record in records:
        engine.put(record.rid, 1, record)
    engine.flush()
    return engine


def one(*rids: str) -> set[frozenset[str]]:
    return {frozenset(rids)}


def apart(*rids: str) -> set[frozenset[str]]:
    return {frozenset({rid}) for rid in rids}


def test_one_number_and_one_name_are_one_person_and_certified() -> None:
    engine = an_engine(
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}),
        person("b", "Nguyen Van Hung", "1985", None, {"personal": NUMBER}),
    )
    assert set(engine.groups().values()) == one("a", "b")
    assert set(engine.groups(certified=True).values()) == one("a", "b")


def test_a_slip_in_the_number_is_forgiven_but_certifies_nothing() -> None:
    engine = an_engine(
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}),
        person("b", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": TYPO}),
    )
    assert set(engine.groups().values()) == one("a", "b")
    assert set(engine.groups(certified=True).values()) == apart("a", "b")


def test_same_name_same_birthday_strangers_stay_apart_and_are_asked_about() -> None:
    assert persons(
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male"),
        person("b", "Nguyễn Văn Hùng", "1985-03-12", "male"),
    ) == apart("a", "b")


def test_twins_stay_apart_though_a_row_called_by_their_mother_s_name_could_be_either() -> None:
    mother, home = "Vũ Thị Hằng", "21550"
    rows = (
        person("a", "Nguyễn Thu Anh", "2025-08-12", "female", mother=mother, home=home),
        person("b", "Nguyễn Ngọc Lan", "2025-08-12", "female", mother=mother, home=home),
        person("c", "", "2025-08-12", "female", mother=mother, home=home),
    )
    members = an_engine(*rows).state.members
    assert members["a"] != members["b"]


def test_two_namesakes_in_one_commune_with_a_number_of_their_own_each_stay_apart() -> None:
    assert persons(
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}, home="21550"),
        person("b", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": OTHER}, home="21550"),
    ) == apart("a", "b")


@pytest.mark.parametrize("second", ["Trần Thị Lan", "Trần Thị Mai", "Trần Minh Đức"])
def test_twins_stay_apart(second: str) -> None:
    home = {"mother": "Lê Thị Hoa", "home": "21550", "phones": ("0905111222",)}
    assert persons(
        person("a", "Trần Thị Hồng", "2011-07-01", **home),  # type: ignore[arg-type]
        person("b", second, "2011-07-01", **home),  # type: ignore[arg-type]
    ) == apart("a", "b")


def test_a_newborn_under_the_mothers_name_is_not_the_mother() -> None:
    assert persons(
        person("mother", "Lê Thị Hoa", "1988-05-02", "female", phones=("0905111222",), home="21550"),
        person("child", "Lê Thị Hoa", "2020-09-03", phones=("0905111222",), home="21550"),
    ) == apart("mother", "child")


def test_two_newborns_under_their_mothers_name_are_two() -> None:
    assert persons(
        person("elder", "Lê Thị Hoa", "2020-09-03", phones=("0905111222",), home="21550"),
        person("younger", "Lê Thị Hoa", "2024-02-23", phones=("0905111222",), home="21550"),
    ) == apart("elder", "younger")


def test_a_household_phone_makes_nobody_one_person() -> None:
    assert persons(
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", phones=("0905111222",), home="21550"),
        person("b", "Nguyễn Văn Dũng", "1987-04-01", "male", phones=("0905111222",), home="21550"),
    ) == apart("a", "b")


def test_the_right_number_of_somebody_else_is_a_conflict_and_no_link() -> None:
    engine = an_engine(
        person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}),
        person("b", "Trần Thị Mai", "1999-11-30", "female", {"personal": NUMBER}),
    )
    assert set(engine.groups().values()) == apart("a", "b")
    assert "another name" in engine.state.edges["a"]["b"].rule


def test_a_late_old_version_changes_nothing() -> None:
    engine = an_engine(person("a", "Nguyễn Văn Hùng", "1985-03-12"))
    engine.put("a", 3, None)
    engine.put("a", 2, person("a", "Nguyễn Văn Hùng", "1985-03-12"))
    engine.flush()
    assert not engine.groups()


def test_a_correction_takes_a_wrong_link_away_and_the_old_ids_lead_to_the_right_persons() -> None:
    right = person("b", "Trần Thị Mai", "1999-11-30", "female", {"personal": "052199000777"})
    wrong = person("b", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER})
    engine = an_engine(person("a", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": NUMBER}), right)
    first = dict(engine.state.members)
    engine.put("b", 2, wrong)
    merged = engine.flush()
    assert [event.what for event in merged.events] == ["merge"]
    assert engine.resolve(first["b"]) == engine.resolve(first["a"]) == first["a"]
    engine.put("b", 3, right)
    parted = engine.flush()
    assert [event.what for event in parted.events] == ["split"]
    assert engine.state.members == first
    assert parted.revived == [first["b"]]


def test_a_verdict_that_contradicts_another_is_left_out_and_the_partition_stands() -> None:
    records = [person(rid, "Nguyễn Văn Hùng", "1985-03-12") for rid in "abc"]
    engine = an_engine(*records)
    engine.decide("a", "b", 1, "same", "clerk")
    engine.decide("b", "c", 2, "same", "clerk")
    engine.decide("a", "c", 3, "different", "clerk")
    engine.flush()
    assert set(engine.groups().values()) == {frozenset("ab"), frozenset("c")}


def test_a_row_that_held_two_others_by_verdicts_lets_go_of_them_when_it_is_deleted() -> None:
    names = {"a": "Nguyễn Văn Hùng", "b": "Trần Thị Lan", "c": "Phạm Quốc Bảo"}
    engine = an_engine(*(person(rid, name, "1985-03-12") for rid, name in names.items()))
    engine.decide("a", "b", 1, "same", "clerk")
    engine.decide("b", "c", 2, "same", "clerk")
    engine.flush()
    assert set(engine.groups().values()) == one("a", "b", "c")
    engine.put("b", 2, None)
    engine.flush()
    assert set(engine.groups().values()) == apart("a", "c")
    assert engine.state.members.keys() == {"a", "c"}


def test_an_id_whose_rows_are_all_deleted_leads_to_nobody() -> None:
    engine = an_engine(person("a", "Nguyễn Văn Hùng", "1985-03-12"))
    golden = engine.state.members["a"]
    engine.put("a", 2, None)
    assert [event.what for event in engine.flush().events] == ["gone"]
    assert engine.resolve(golden) is None
