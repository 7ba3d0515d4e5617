"""What a run says in the end."""

from oracle import figures
from oracle.figures import Outcome
from oracle.strikes import Recovery

GOOD = Outcome(1, changes=3000, rows=9000, recoveries=[Recovery("kill kafka", 1, 0.1, 20.0)])
BAD = Outcome(
    2,
    changes=1000,
    rows=10,
    lost=1,
    findings=["t [1] lost: u"],
    recoveries=[Recovery("kill kafka + pause sink", 1, 0.1, 30.0)],
)


def test_nothing_lost_bounds_the_rate_by_the_rule_of_three() -> None:
    assert figures.upper_bound(3000) == 0.001
    assert figures.upper_bound(0) == 1.0
    assert figures.last_line([GOOD]) == (
        "seeds 1 passed 0 failed; faults: kill kafka 1; changes 3000; rows compared 9000; lost 0; "
        "loss rate below 1.0e-03 (95 %)"
    )


def test_something_lost_gives_no_bound() -> None:
    assert figures.last_line([GOOD, BAD]) == (
        "seeds 1 passed 1 failed; faults: kill kafka 2, pause sink 1; changes 4000; rows compared 9010; lost 1; "
        "no bound: something was lost"
    )


def test_recoveries_are_listed_by_kind() -> None:
    _, *rows = figures.recovery_table([GOOD, BAD])
    assert [row.split() for row in rows] == [
        ["kill", "kafka", "1", "20.0", "20.0"],
        ["kill", "kafka", "+", "pause", "sink", "1", "30.0", "30.0"],
    ]


def test_the_json_says_which_seeds_failed() -> None:
    told = figures.as_json([GOOD, BAD], {"machine": "two cores"})
    assert [(seed["seed"], seed["passed"]) for seed in told["seeds"]] == [(1, True), (2, False)]
    assert (told["passed"], told["failed"], told["changes"]) == (1, 1, 4000)
