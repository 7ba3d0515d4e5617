"""Families: numbers, ages and ties that could be real."""

from collections import Counter
from collections.abc import Iterator

import pytest

from demo.codelist import rows
from demo.draw import Draw
from demo.names import FEMALE
from demo.population import FAMILY, LOADED_UNTIL, Person, family, partner, world


def some_families(count: int = 800, seed: int = 11) -> Iterator[list[Person]]:
    draw, of = Draw(), world(seed)
    return (family(of, number, draw) for number in range(count))


@pytest.fixture(scope="module")
def people() -> dict[str, Person]:
    return {person.key: person for members in some_families() for person in members}


def test_personal_numbers_say_province_century_sex_and_year(people: dict[str, Person]) -> None:
    provinces = {row["code"] for row in rows("id_province.csv")}
    for person in people.values():
        assert len(person.number) == 12
        assert person.number[:3] in provinces
        assert int(person.number[3]) == (person.born.year // 100 - 19) * 2 + (person.sex == FEMALE)
        assert int(person.number[4:6]) == person.born.year % 100


def test_no_two_persons_share_a_personal_number(people: dict[str, Person]) -> None:
    assert max(Counter(person.number for person in people.values()).values()) == 1


def test_personal_numbers_stay_unique_over_the_whole_range_of_families() -> None:
    draw, of = Draw(), world(3)
    chosen = [family(of, number, draw) for number in range(0, 450_000, 449)]
    numbers = Counter(person.number for members in chosen for person in members)
    assert max(numbers.values()) == 1


def test_parents_are_of_an_age_to_be_parents_and_alive_at_the_birth(people: dict[str, Person]) -> None:
    for person in people.values():
        mother = people.get(person.mother.id)
        assert 14 <= person.born.year - person.mother.year <= 45
        assert mother is None or mother.died is None or mother.died > person.born


def test_children_carry_the_fathers_surname_or_the_mothers(people: dict[str, Person]) -> None:
    for person in people.values():
        source = person.father or person.mother
        assert source.full_name.split(" ")[0] == person.name.surname


def test_nobody_is_born_or_dies_after_the_load_ends(people: dict[str, Person]) -> None:
    assert all(
        person.born <= LOADED_UNTIL and (person.died or LOADED_UNTIL) <= LOADED_UNTIL for person in people.values()
    )
    assert all(person.died is None or person.died >= person.born for person in people.values())


def test_partners_belong_to_each_other() -> None:
    for members in some_families(20):
        assert len(members) == FAMILY
        pairs = [(person, partner(members, person)) for person in members]
        assert sum(other is not None for _, other in pairs) == 6
        assert all(partner(members, other) == person and other.sex != person.sex for person, other in pairs if other)


def test_there_are_twins(people: dict[str, Person]) -> None:
    births = Counter((person.mother.id, person.born) for person in people.values())
    assert 0 < sum(count == 2 for count in births.values()) < 0.03 * len(births)


def test_the_highland_is_home_to_gia_rai_and_ba_na_and_the_coast_to_kinh(people: dict[str, Person]) -> None:
    def share_of_kinh(highland: bool) -> float:
        chosen = [one for members in some_families() for one in members[:1] if one.home.highland == highland]
        return sum(person.people == "01" for person in chosen) / len(chosen)

    assert share_of_kinh(highland=False) > 0.9
    assert share_of_kinh(highland=True) < 0.65
    assert {"10", "13"} <= {person.people for person in people.values()}
