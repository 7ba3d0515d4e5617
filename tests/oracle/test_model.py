"""The truth: what it says of the past is what was committed, whatever came afterwards."""

from hypothesis import given
from hypothesis import strategies as st
from oracle.model import Change, Column, Reshaped, Row, Truth, What, renamed, truth_of, value

SHAPE = {"t": (("id",), [("id", "int4"), ("ten", "text")])}


def a_row(key: int, text: str) -> Change:
    return Change("t", (str(key),), What.SET, {0: str(key), 1: text})


def gone(key: int, what: What = What.DELETED) -> Change:
    return Change("t", (str(key),), what)


def texts(truth: Truth, commit: int) -> dict[str, str | None]:
    (ten,) = [column for column in truth.tables["t"].columns_at(commit) if column.number == 1]
    return {key: value(row, ten) for (key,), row in truth.tables["t"].as_of(commit)}


@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.text(max_size=2))), max_size=6)))
def test_as_of_any_commit_is_the_state_that_it_left(commits: list[list[tuple[int, str | None]]]) -> None:
    truth, states, state = truth_of(SHAPE), [dict[str, str | None]()], dict[str, str | None]()
    for changes in commits:
        truth.commit([gone(key) if text is None else a_row(key, text) for key, text in changes])
        for key, text in changes:
            state.pop(str(key), None) if text is None else state.update({str(key): text})
        states.append(dict(state))
    assert [texts(truth, commit) for commit in range(len(states))] == states


def test_the_last_change_of_a_key_in_a_transaction_counts() -> None:
    truth = truth_of(SHAPE)
    truth.commit([a_row(1, "a"), gone(1), a_row(1, "b")])
    assert texts(truth, 1) == {"1": "b"}
    assert truth.changes() == 3


def test_a_truncation_tells_of_no_row() -> None:
    truth = truth_of(SHAPE)
    truth.commit([a_row(1, "a")])
    truth.commit([gone(1, What.TRUNCATED)])
    assert texts(truth, 2) == {}
    assert truth.changes() == 1


def test_a_renamed_column_keeps_its_values_and_a_new_one_has_its_default_in_old_rows() -> None:
    truth = truth_of(SHAPE)
    truth.commit([a_row(1, "a")])
    new = Column(truth.new_number(), "so", "int4", missing="7")
    truth.commit([Reshaped("t", (*renamed(truth.tables["t"].columns, "ten", "ho_ten"), new))])
    ((_, row),) = truth.tables["t"].as_of(2)
    assert {column.name: value(row, column) for column in truth.tables["t"].columns_at(2)} == {
        "id": "1",
        "ho_ten": "a",
        "so": "7",
    }
    assert [column.name for column in truth.tables["t"].columns_at(1)] == ["id", "ten"]


def test_a_change_is_kept_with_the_columns_of_its_moment() -> None:
    truth = truth_of(SHAPE)
    before = truth.tables["t"].columns
    truth.commit([a_row(1, "a"), Reshaped("t", before[:1]), Change("t", ("2",), What.SET, row_of(2))])
    entries = truth.tables["t"].entries
    assert entries["1",][0].columns == before
    assert entries["2",][0].columns == before[:1]


def row_of(key: int) -> Row:
    return {0: str(key)}
