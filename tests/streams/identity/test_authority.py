"""Whom to believe, as source files say it, in the words of golden records."""

from builders.rows_of_persons import a_source

from streams.identity.authority import authority_of
from suoi.sources import Source


def a_ranked(agency: str, **ranks: int) -> Source:
    return a_source({}).model_copy(update={"agency": agency, "authority": ranks})


def test_agencies_stand_in_the_order_of_their_ranks_equal_ones_by_name() -> None:
    sources = [a_ranked("thue", sex=50), a_ranked("bhxh", sex=50), a_ranked("hotich", sex=95), a_ranked("yte")]
    assert authority_of(sources) == {"sex": ["hotich", "bhxh", "thue"]}


def test_fields_of_a_file_become_those_of_a_golden_record() -> None:
    fields = ("full_name", "birth_date", "death_date", "mother_name", "address", "phone", "email", "old_number")
    ranks = dict.fromkeys(fields, 9)
    assert set(authority_of([a_ranked("hotich", **ranks)])) == {
        "name",
        "birth",
        "death",
        "mother",
        "residence",
        "phone",
        "other.email",
        "number.old_card",
        "number.personal",
    }


def test_of_several_fields_that_become_one_the_highest_rank_counts() -> None:
    sources = [a_ranked("motcua", paper=60, personal_number=10), a_ranked("bhxh", personal_number=50)]
    assert authority_of(sources)["number.personal"] == ["motcua", "bhxh"]
