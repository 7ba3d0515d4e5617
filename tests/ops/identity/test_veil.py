"""How much of a person is shown: one rule per kind of value, and nothing of it when the veil is lifted."""

from builders.persons import born, name, person
from hypothesis import given
from hypothesis import strategies as st

from ops.identity.veil import Veil
from streams.identity.show import text
from streams.identity.survive import Shown, values
from suoi.person import Day, Name, Place

VEIL, LIFTED = Veil(), Veil(True)


def test_of_a_name_the_initials_and_the_last_of_several_syllables_are_shown() -> None:
    assert VEIL.value("name", name("Nguyễn Văn Hùng")) == "N. V. Hùng"
    assert VEIL.value("mother", name("Đặng Mai")) == "Đ. Mai"
    assert VEIL.value("name", name("Hùng")) == "H."
    assert VEIL.value("name", Name((), ())) == "•••"


def test_of_a_day_the_year_is_shown() -> None:
    assert VEIL.value("birth", born("1985-03-12")) == "1985"
    assert VEIL.value("death", Day(None, 3, 12)) == "•••"


def test_of_numbers_the_end_is_shown_and_nothing_of_a_short_one() -> None:
    assert VEIL.value("number.personal", "052085000123") == "•••123"
    assert VEIL.value("number.other", "4711") == "•••"
    assert VEIL.value("phone", "0912345678") == "•••78"
    assert VEIL.number("052085000123") == "•••123"


def test_of_a_place_the_unit_is_shown_and_never_its_words() -> None:
    assert VEIL.value("residence", Place("21550", ("12", "tran", "phu"))) == "21550"
    assert VEIL.value("residence", Place(None, ("12", "tran", "phu"))) == "•••"


def test_sex_is_shown_and_nothing_of_what_is_left() -> None:
    assert VEIL.value("sex", "female") == "female"
    assert VEIL.value("other.email", "mai@example.vn") == VEIL.value("other.ethnicity", "kinh") == "•••"


def test_a_key_of_a_row_is_shown_unless_it_tells_of_the_person() -> None:
    rid = 'bhxh.nguoi_tham_gia|["12","052085000123",7]|insured'
    assert VEIL.row(rid, None) == 'bhxh.nguoi_tham_gia|["12","•••123",7]|insured'
    assert VEIL.row('a.b|["4711"]|c', person("x", numbers={"other": "4711"})) == 'a.b|["•••"]|c'
    assert VEIL.row("a.b|4711|c", None) == "a.b|4711|c"
    assert VEIL.row("a.b|0912|345678|c", None) == "a.b|0912|345678|c"
    assert VEIL.row("no row", None) == "no row"


def test_what_rows_have_in_common_is_told_without_its_value() -> None:
    assert VEIL.key("n.personal:052085000123") == "number.personal"
    assert LIFTED.key("n.personal:052085000123") == "number.personal: 052085000123"


syllables = st.lists(st.text("abcđệ", min_size=2, max_size=6), min_size=2, max_size=5).map(tuple)
shown: st.SearchStrategy[tuple[str, Shown]] = st.one_of(
    st.tuples(st.just("name"), st.builds(Name, syllables, syllables)),
    st.tuples(st.just("birth"), st.builds(Day, st.integers(1900, 2025), st.integers(1, 12), st.integers(1, 28))),
    st.tuples(
        st.sampled_from(("number.personal", "phone", "other.email")), st.from_regex("[0-9]{9,12}", fullmatch=True)
    ),
)


@given(shown)
def test_no_value_is_shown_whole_until_the_veil_is_lifted(said: tuple[str, Shown]) -> None:
    field, value = said
    assert text(value) not in VEIL.value(field, value)
    assert LIFTED.value(field, value) == text(value)


def test_everything_a_record_can_say_has_a_rule() -> None:
    record = person(
        "r", "Lê Lan", "1985-03-12", "female", {"personal": "052085000123"}, ["0912345678"], "Trần Mai", "21550"
    )
    told = {field: VEIL.value(field, value) for field, value in values(record)}
    assert told == {
        "name": "L. Lan",
        "birth": "1985",
        "sex": "female",
        "mother": "T. Mai",
        "residence": "21550",
        "number.personal": "•••123",
        "phone": "•••78",
    }
