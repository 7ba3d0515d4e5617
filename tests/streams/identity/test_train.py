"""What is learnt without knowing who is who."""

import json
from dataclasses import replace
from random import Random

import pytest

from streams.identity.engine import Engine
from streams.identity.kinds import LEVELS
from streams.identity.model import Model
from streams.identity.train import pooled, train
from suoi.errors import UserError
from suoi.person import Day, Name, Number, PersonRecord

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def a_file(random: Random, people: int, with_numbers: bool) -> list[PersonRecord]:
    """Everybody twice, the second time with a slip in the surname or in the day."""
    surnames = ["".join(random.choice(_LETTERS) for _ in range(6)) for _ in range(150)]
    givens = ["".join(random.choice(_LETTERS) for _ in range(5)) for _ in range(80)]
    rows = []
    for at in range(people):
        surname, given = random.choice(surnames), random.choice(givens)
        year, month, day = random.randint(1930, 2010), random.randint(1, 12), random.randint(1, 28)
        number = (Number("licence", f"{random.randrange(10**8):08d}"),) if with_numbers else ()
        rows.append(_row(f"{at:05d}|a", surname, given, Day(year, month, day), number))
        if random.random() < 0.5:
            surname = surname[:2] + random.choice(_LETTERS) + surname[3:]
        else:
            day = day % 28 + 1
        rows.append(_row(f"{at:05d}|b", surname, given, Day(year, month, day), number))
    return rows


def _row(rid: str, surname: str, given: str, birth: Day, numbers: tuple[Number, ...]) -> PersonRecord:
    return PersonRecord(rid, Name((surname, given), (surname, given), surname, given), birth, numbers=numbers)


def test_a_number_nobody_declared_gets_a_weight_of_its_own() -> None:
    base = Model.default("general")
    learnt = train(a_file(Random(1), 400, with_numbers=True), base)
    field = learnt.fields["number.licence"]
    assert field.weights[0] > 10_000
    assert list(field.weights) == sorted(field.weights, reverse=True)
    assert learnt.rules.floor == "on"
    assert learnt.version == base.version + 1


def a_register(namesakes: int) -> list[PersonRecord]:
    """Every person twice and alike, but of the first some have a namesake's number the second time."""
    rows = [row for row in a_file(Random(3), 400, with_numbers=True) if row.rid.endswith("a")]
    again = [replace(row, rid=f"{row.rid[:5]}|b") for row in rows]
    other = [replace(row, numbers=(Number("licence", f"7{at:03d}2468"),)) for at, row in enumerate(again[:namesakes])]
    return rows + other + again[namesakes:]


def test_name_and_date_alone_link_where_numbers_agree_wherever_these_do_and_not_where_there_are_namesakes() -> None:
    assert train(a_register(0), Model.default("general")).rules.floor == "off"
    assert train(a_register(20), Model.default("general")).rules.floor == "on"
    assert train(a_register(0), Model.default("vietnam")).rules.floor == "fixed"


def test_in_vietnam_name_and_date_alone_never_link_whatever_the_rows_hold() -> None:
    learnt = train(a_file(Random(2), 400, with_numbers=False), Model.default("vietnam"))
    assert learnt.rules.floor == "fixed"


def test_where_rows_hold_nothing_but_name_and_date_the_floor_is_off_and_says_so() -> None:
    rows = a_file(Random(2), 400, with_numbers=False)
    learnt = train(rows, Model.default("general"))
    assert learnt.rules.floor == "off"
    assert any("evidence floor off" in note for note in learnt.notes)
    engine = Engine(learnt)
    for row in rows:
        engine.put(row.rid, 1, row)
    engine.flush()
    right = sum(len(group) == 2 and len({rid[:5] for rid in group}) == 1 for group in engine.groups().values())
    assert right >= 390


def test_training_is_the_same_whatever_the_order_of_rows() -> None:
    rows = a_file(Random(3), 100, with_numbers=True)
    assert train(rows, Model.default("general")) == train(rows[::-1], Model.default("general"))


def test_nothing_to_learn_from_leaves_the_model_as_it_is() -> None:
    assert train([], Model.default("vietnam")) == Model.default("vietnam")


def test_weights_never_fall_as_agreement_rises() -> None:
    ratios = pooled([0.6, 0.1, 0.2, 0.1], [0.01, 0.02, 0.02, 0.95])
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[1] == ratios[2] == pytest.approx(0.3 / 0.04)


@pytest.mark.parametrize("name", ["vietnam", "general"])
def test_a_shipped_model_weighs_every_level_and_survives_being_written_down(name: str) -> None:
    model = Model.default(name)
    for field in (*model.fields.values(), *model.undeclared.values()):
        assert len(field.weights) == len(LEVELS[field.kind].names)
    assert Model.from_data(json.loads(json.dumps(model.as_data()))) == model


def test_an_unknown_model_is_named_with_the_choice() -> None:
    with pytest.raises(UserError, match="'mars': choose one of general, vietnam"):
        Model.default("mars")
