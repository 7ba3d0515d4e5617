"""Names follow the published tables."""

from collections import Counter

from demo.draw import Draw
from demo.names import FEMALE, MALE, name_tables


def test_surnames_come_at_their_published_share() -> None:
    tables, draw = name_tables(), Draw(5)
    drawn = Counter(draw.of(tables.surnames) for _ in range(20_000))
    assert 0.28 < drawn["Nguyễn"] / 20_000 < 0.33
    assert 0.09 < drawn["Trần"] / 20_000 < 0.12
    assert [name for name, _ in drawn.most_common(3)] == ["Nguyễn", "Trần", "Lê"]


def test_thi_and_van_stand_first_among_middle_names() -> None:
    tables, draw = name_tables(), Draw(5)
    for sex in (MALE, FEMALE):
        middles = [tables.name(draw, sex, 2000, "Lê").middle.split(" ") for _ in range(3000)]
        assert any(len(words) > 1 for words in middles)
        assert all(word not in words[1:] for words in middles for word in ("Thị", "Văn"))


def test_a_name_is_surname_then_middle_then_given() -> None:
    tables, draw = name_tables(), Draw(5)
    for _ in range(500):
        name = tables.name(draw, FEMALE, 1985, "Võ")
        assert name.full == f"{name.before_given} {name.given}"
        assert name.before_given.startswith("Võ")
        assert 2 <= len(name.full.split(" ")) <= 5


def test_fewer_old_names_have_four_words() -> None:
    tables, draw = name_tables(), Draw(5)

    def share_of_long(year: int) -> float:
        return sum(len(tables.name(draw, FEMALE, year, "Lê").full.split(" ")) >= 4 for _ in range(2000)) / 2000

    assert share_of_long(1960) < 0.2 < 0.5 < share_of_long(2010)
