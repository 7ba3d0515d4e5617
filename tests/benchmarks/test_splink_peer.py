"""What Splink is given of us, and what it is asked to look at."""

from builders.persons import person

from benchmarks.splink_peer import blocking, row_of
from suoi.person import PersonRecord


def test_a_row_is_text_or_nothing_in_every_column() -> None:
    row = row_of(
        person("a|1|r", "Nguyễn Văn Hùng", "1985-03-12", "male", {"personal": "052085000001"}, ("0905111222",))
    )
    assert (row["full"], row["given"], row["surname"]) == ("nguyen van hung", "hung", "nguyen")
    assert (row["dob"], row["year"], row["month_day"]) == ("1985-03-12", "1985", "03-12")
    assert (row["number_personal"], row["phone"], row["mother"]) == ("052085000001", "0905111222", None)


def test_a_year_alone_is_no_day() -> None:
    row = row_of(person("a|1|r", "Nguyễn Văn Hùng", "1985"))
    assert (row["dob"], row["year"], row["month_day"]) == (None, "1985", None)


def test_of_an_empty_record_only_its_place_is_known() -> None:
    assert {column: value for column, value in row_of(PersonRecord("a|1|r")).items() if value} == {"unique_id": "a|1|r"}


def test_pairs_are_looked_at_that_agree_in_columns_which_are_there() -> None:
    assert blocking(["full", "dob", "year", "number_personal"]) == [
        ("full",), ("dob",), ("full", "year"), ("number_personal",),
    ]  # fmt: skip
    assert ("given", "surname") in blocking(["full", "given", "surname", "dob", "year"])
