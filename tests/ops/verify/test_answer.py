"""What verify says: counts for machines, differences for people, persons masked."""

from ops.verify.answer import TableVerdict, as_json, is_equal, lines
from ops.verify.compare import Difference

DIFFERENCE = Difference("different", ("7",), {"ten": ("An", None)})


def a_verdict(different: int = 0, differences: tuple[Difference, ...] = ()) -> TableVerdict:
    return TableVerdict("hotich.khai_sinh", 10, 10, 0, 0, different, differences=differences)


def test_equal_means_that_something_was_compared_and_nothing_differs() -> None:
    assert is_equal([a_verdict()])
    assert not is_equal([a_verdict(), a_verdict(different=1)])
    assert not is_equal([])


def test_values_are_masked_unless_asked_for() -> None:
    verdict = a_verdict(1, (DIFFERENCE,))
    assert lines(verdict, show=False) == ["hotich.khai_sinh (7): different: ten: source •••, warehouse null"]
    assert lines(verdict, show=True) == ["hotich.khai_sinh (7): different: ten: source 'An', warehouse null"]
    assert "An" not in str(as_json([verdict], show=False))


def test_differences_that_are_not_told_are_counted() -> None:
    assert lines(a_verdict(5, (DIFFERENCE,)), show=False)[-1] == "hotich.khai_sinh: 4 more"


def test_the_answer_for_machines_has_the_counts_of_every_table() -> None:
    answer = as_json([a_verdict()], show=False)
    assert answer["equal"] is True
    wanted = {"table": "hotich.khai_sinh", "source_rows": 10, "warehouse_rows": 10}
    assert answer["tables"][0].items() >= {**wanted, "missing": 0, "extra": 0, "different": 0}.items()
