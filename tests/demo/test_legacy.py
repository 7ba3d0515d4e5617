"""Remnants of old encodings, as they are met."""

from demo.legacy import question_marks, tcvn3


def test_tcvn3_read_as_latin_letters() -> None:
    assert tcvn3("Nguyễn Văn") == "NguyÔn V¨n"


def test_letters_that_a_column_could_not_hold() -> None:
    assert question_marks("Nguyễn Thị Hòa") == "Nguy?n Th? Hòa"
