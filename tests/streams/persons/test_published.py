"""What goes to `suoi.person-record` beside a row: for every operation, and whatever is in the row."""

from collections.abc import Mapping
from typing import Any

import pytest
from builders.debezium import DATE, INSTANT, a_source, envelope_schema, key_schema
from builders.rows_of_persons import a_source as a_file
from builders.rows_of_persons import code_lists
from hypothesis import given
from hypothesis import strategies as st

from streams.conform.plan import compile_plan
from streams.conform.step import conform
from streams.persons.published import people
from suoi import position
from suoi.change import Change, Conformed, Coordinates, Dead, Row, Truncated
from suoi.codelists.decided import DecidedLists
from suoi.errors import Contract
from suoi.ids import Revision, Topic
from suoi.person import Day, Number, PersonRecord
from suoi.person_records import PersonReader, PersonWriter, Said, schema

COLUMNS: Mapping[str, Any] = {
    "id": "long",
    "ho_ten": ["null", "string"],
    "ngay_sinh": ["null", DATE],
    "gio_sinh": ["null", INSTANT],
    "so": [
        "null",
        {
            "type": "string",
            "connect.parameters": {
                "__debezium.source.column.type": "NUMERIC",
                "__debezium.source.column.length": "12",
                "__debezium.source.column.scale": "0",
            },
        },
    ],
    "dan_toc": ["null", "string"],
    "me": ["null", "string"],
}
PERSONS: Mapping[str, Any] = {
    "child": {"full_name": "ho_ten", "birth_date": "ngay_sinh", "personal_number": "so", "ethnicity": "dan_toc"},
    "mother": {"full_name": "me", "sex": {"const": "female"}},
}
FILE = a_file(PERSONS, codes={"dan_toc": {"list": "ethnicity", "coding": "statistics_1979"}})
TABLE = FILE.tables["public.nguoi"]
AT = Coordinates(Topic("dancu.public.nguoi"), 3, 42)
PLAN = compile_plan(FILE, TABLE, envelope_schema(COLUMNS), key_schema(COLUMNS), DecidedLists(code_lists()), 1)
PEOPLE = people(FILE, TABLE, PLAN.schema, code_lists(), PersonWriter(5))
READER = PersonReader(lambda schema_id: schema())
CHILD, MOTHER = "dancu.nguoi|[1]|child", "dancu.nguoi|[1]|mother"


def a_person(**values: Any) -> dict[str, Any]:
    usual = {"id": 1, "ho_ten": "Nguyễn Văn An", "ngay_sinh": 5550, "gio_sinh": None, "so": "52085001234"}
    return {**usual, "dan_toc": "01", "me": "Trần Thị Bình", **values}


def published(op: str, before: Row | None = None, after: Row | None = None, commit: int = 100) -> list[Said]:
    change = Change(AT, op, before, after, None, a_source(commit=commit))
    result = conform(change, PLAN, Revision(1))
    assert isinstance(result, Conformed | Truncated)
    return [READER.read(*record) for record in PEOPLE.records(result)]


def inserted(**values: Any) -> list[Said]:
    return published("c", after=a_person(**values))


def told(said: Said) -> PersonRecord:
    assert said.person
    return said.person


def test_every_role_is_a_record_with_the_version_and_the_place_of_its_row() -> None:
    child, mother = inserted()
    assert (child.rid, child.role, mother.rid, mother.role) == (CHILD, "child", MOTHER, "mother")
    assert (child.agency, child.table, child.version) == ("dancu", "nguoi", position.pack(1, 100, 105, 1))
    assert (child.topic, child.partition, child.offset) == (AT.topic, 3, 42)
    assert (child.commit_micros, child.revision, child.deleted) == (1_751_356_800_000_123, 1, False)


def test_fields_are_canonical_and_keep_what_was_written() -> None:
    child, mother = inserted()
    person = told(child)
    assert person.name
    assert person.name.plain == ("nguyen", "van", "an")
    assert (person.birth, person.numbers) == (Day(1985, 3, 13), (Number("personal", "052085001234"),))
    assert dict(person.raw) == {
        "full_name": "Nguyễn Văn An",
        "birth_date": "1985-03-13",
        "personal_number": "52085001234",
        "ethnicity": "01",
    }
    assert told(mother).sex == "female"


def test_a_bound_code_is_what_conform_read() -> None:
    assert told(inserted()[0]).other == (("ethnicity", "01"),)
    assert told(inserted(dan_toc="no such code")[0]).other == ()


def test_an_update_says_the_new_row_under_a_higher_version() -> None:
    before = inserted()[0]
    after = published("u", a_person(), a_person(ho_ten="Nguyễn Văn Anh"), commit=200)[0]
    assert after.rid == before.rid
    assert after.version > before.version
    assert told(after).name != told(before).name


def test_a_delete_takes_every_role_away_and_keeps_its_version() -> None:
    gone = published("d", before=a_person(), commit=300)
    assert [(said.rid, said.deleted, said.person) for said in gone] == [(CHILD, True, None), (MOTHER, True, None)]
    assert {said.version for said in gone} == {position.pack(1, 300, 105, 1)}


def test_a_changed_key_takes_the_old_records_away_and_says_the_new_ones() -> None:
    gone, new = published("d", before=a_person()), published("c", after=a_person(id=2), commit=101)
    assert {said.rid for said in gone} == {CHILD, MOTHER}
    assert {said.rid for said in new} == {"dancu.nguoi|[2]|child", "dancu.nguoi|[2]|mother"}


def test_an_emptied_role_says_nothing_of_anybody_while_the_row_lives() -> None:
    child, mother = published("u", a_person(), a_person(me=None), commit=200)
    assert child.person
    assert (mother.rid, mother.person, mother.deleted) == (MOTHER, None, False)


def test_a_truncation_is_one_marker_that_names_the_table() -> None:
    (marker,) = published("t", commit=400)
    assert (marker.rid, marker.agency, marker.table, marker.role) == ("dancu.nguoi|*", "dancu", "nguoi", None)
    assert (marker.version, marker.deleted, marker.person) == (position.pack(1, 400, 105, 1), True, None)


def test_a_birth_date_that_the_warehouse_cannot_hold_is_read_all_the_same() -> None:
    assert told(inserted(ngay_sinh=-29_000)[0]).birth == Day(1890, 8, 8)


@pytest.mark.parametrize("day", [2**31 - 1, -(2**31), 10**7])
def test_a_day_that_nobody_can_be_born_on_is_unknown(day: int) -> None:
    assert told(inserted(ngay_sinh=day)[0]).birth is None


def test_a_person_of_a_column_that_is_not_there_stops_the_table() -> None:
    other = a_file({"child": {"full_name": "ten_khac"}})
    with pytest.raises(Contract, match=r"dancu.nguoi: column 'ten_khac' describes a person and is not in the table"):
        people(other, other.tables["public.nguoi"], PLAN.schema, code_lists(), PersonWriter(5))


def test_columns_are_called_as_debezium_writes_them() -> None:
    source = a_file({"child": {"full_name": "họ tên"}})
    columns = {"id": "long", "h__t_n": ["null", "string"]}
    table = source.tables["public.nguoi"]
    plan = compile_plan(source, table, envelope_schema(columns), key_schema(columns), DecidedLists(code_lists()), 1)
    change = Change(AT, "c", None, {"id": 1, "h__t_n": "Lê Văn Tám"}, None, a_source())
    result = conform(change, plan, Revision(1))
    assert isinstance(result, Conformed)
    (record,) = people(source, table, plan.schema, code_lists(), PersonWriter(5)).records(result)
    assert told(READER.read(*record)).raw == (("full_name", "Lê Văn Tám"),)


WORDS = st.none() | st.text(max_size=30)
ROWS = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**62), 2**62),
        "ho_ten": WORDS,
        "ngay_sinh": st.none() | st.integers(-(2**31), 2**31 - 1),
        "gio_sinh": WORDS,
        "so": WORDS,
        "dan_toc": WORDS,
        "me": WORDS,
    }
)


@given(ROWS, st.sampled_from("crud"))
def test_whatever_a_row_holds_each_role_has_one_record_and_always_the_same_bytes(row: Row, op: str) -> None:
    change = Change(AT, op, row, row, None, a_source())
    result = conform(change, PLAN, Revision(1))
    if isinstance(result, Dead):
        return
    first, again = PEOPLE.records(result), PEOPLE.records(result)
    assert first == again
    assert [READER.read(*record).role for record in first] == ["child", "mother"]
