"""A model that is learned from rows is told for people, and is the same wherever it is read."""

from pathlib import Path

import pytest
from builders.persons import person

from ops.identity.training import FEWEST, learn, report, write_report
from streams.identity.model import Model
from suoi.errors import UserError
from suoi.person import PersonRecord

BASE = Model.default("vietnam")
GIVEN = ("An", "Bình", "Cường", "Dung", "Hà", "Hùng", "Lan", "Mai")
FAMILY = ("Lê", "Trần", "Phạm", "Vũ", "Đỗ")


def people(count: int) -> list[PersonRecord]:
    """Each of so many persons twice: with a number, and once the name without marks."""
    found = []
    for at in range(count):
        given, family = GIVEN[at % len(GIVEN)], FAMILY[at % len(FAMILY)]
        birth, number = f"{1950 + at % 50}-0{1 + at % 9}-1{at % 10}", f"0520{50 + at % 50}{100000 + 617 * at}"
        found.append(person(f"a|{at}", f"{family} Văn {given}", birth, "male", {"personal": number}))
        found.append(person(f"b|{at}", f"{family} Văn {given}", birth, "male", {"personal": number}))
    return found


def test_a_learned_model_is_one_version_on_and_read_back_the_same() -> None:
    model = learn(people(60), BASE)
    assert model.version == BASE.version + 1
    assert model.fields["birth"] != BASE.fields["birth"]
    assert Model.from_json(model.to_json()) == model
    assert Model.from_json(model.to_json()).to_json() == model.to_json()


def test_the_report_has_the_bits_of_every_field_beside_those_of_before() -> None:
    model = learn(people(60), BASE)
    lines = report(model, BASE)
    (birth,) = [line for line in lines if line.startswith("| birth | day |")]
    assert f"{model.fields['birth'].weights[0] / 1000:.1f}" in birth
    assert "13.0 9.0 7.0" in birth
    assert sum(line.startswith("| ") for line in lines) == len(model.fields) + 1
    assert any(line.startswith("- learnt from 120 rows") for line in lines)


def test_a_few_rows_teach_nothing() -> None:
    with pytest.raises(UserError, match=f"2 rows tell of persons; valid: at least {FEWEST}"):
        learn(people(1), BASE)


def test_a_report_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be written: .*; valid: a file in a folder that exists"):
        write_report(tmp_path / "none" / "report.md", ["# x"])
