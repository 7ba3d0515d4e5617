"""A verdict names what is wrong, why, since when, and the next command; nothing wrong is one word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rich.console import Console

from ops.show import as_json, screen, span, words
from ops.verdict import Observed, TableStatus, judge

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_table(state: str = "live", freshness: float = 2.0) -> TableStatus:
    reached = NOW - timedelta(seconds=freshness)
    return TableStatus("hotich", "khai_sinh", state, 60, complete_up_to=reached, freshness=freshness)


def a_sight(table: TableStatus | None = None) -> Observed:
    running = {"hotich": "RUNNING"}
    return Observed(NOW, (table or a_table(),), {"kafka": "healthy"}, running)


def test_a_stack_in_which_everything_is_fresh_has_no_problem() -> None:
    assert judge(a_sight()) == ()
    assert words((), NOW) == ["all fresh"]


def test_a_table_behind_its_promise_is_named_with_since_when_and_the_slow_stage() -> None:
    late = replace(a_table(freshness=90), process_lag=75.0, serve_lag=3.0)
    (problem,) = judge(a_sight(late))
    assert problem.since == NOW - timedelta(seconds=30)
    assert words([problem], NOW) == [
        "hotich.khai_sinh is complete only up to 90 s ago, promised are 60 s; process is 75 s behind "
        "since 2026-11-22 11:59:30 (30.0 s ago); next: suoi doctor"
    ]


def test_a_quiet_table_with_a_fresh_heartbeat_is_not_called_late() -> None:
    quiet = replace(a_table(), last_commit=NOW - timedelta(days=30))
    assert judge(a_sight(quiet)) == ()


def test_a_stopped_table_says_why_in_the_words_of_who_stopped_it() -> None:
    (problem,) = judge(a_sight(replace(a_table("stopped"), held="column ma_xa_dk is gone")))
    assert problem.reason == "is stopped: column ma_xa_dk is gone"


def test_a_loading_table_is_not_well_yet() -> None:
    assert [problem.what for problem in judge(a_sight(a_table("loading")))] == ["hotich.khai_sinh"]


def test_a_paused_agency_is_one_problem_with_the_command_that_ends_it() -> None:
    seen = replace(a_sight(a_table("paused")), connectors={"hotich": "PAUSED"})
    assert [problem.next for problem in judge(seen)] == ["suoi source resume hotich"]


def test_a_halted_capture_is_one_problem_with_the_way_back() -> None:
    reason = "the replication slot is gone"
    seen = replace(a_sight(a_table("stopped")), connectors={"hotich": "STOPPED"}, halted={"hotich": reason})
    (problem,) = judge(seen)
    assert problem.reason == f"is halted: {reason}"
    assert problem.next.startswith("suoi source new-epoch hotich --why")


def test_a_capture_that_comes_back_by_itself_says_so() -> None:
    seen = replace(a_sight(), halted={"hotich": "log bound"}, returning=frozenset(("hotich",)))
    assert "comes back by itself" in judge(seen)[0].next


def test_a_table_that_rests_by_order_says_whose() -> None:
    (problem,) = judge(a_sight(replace(a_table("paused"), held="paused by lan: kiểm tra")))
    assert problem.reason == "is paused by lan: kiểm tra"
    assert problem.next == "suoi table resume hotich.khai_sinh"


def test_a_table_that_one_record_stops_can_go_on_without_it() -> None:
    (problem,) = judge(a_sight(replace(a_table("stopped"), held="process: failed 3 times at hotich.a[1]@7")))
    assert "suoi table skip hotich.khai_sinh" in problem.next


def test_a_loading_table_says_what_it_waits_for() -> None:
    (problem,) = judge(a_sight(replace(a_table("loading"), load="shape running: now 3 so int")))
    assert problem.reason == "is loading: shape running: now 3 so int"


def test_a_service_that_is_not_healthy_comes_before_what_it_causes() -> None:
    seen = replace(a_sight(a_table(freshness=500)), services={"kafka": "backing-off"})
    assert [problem.what for problem in judge(seen)] == ["service kafka", "hotich.khai_sinh"]


def test_a_stack_without_sources_and_one_that_does_not_answer_are_not_well() -> None:
    assert [problem.what for problem in judge(Observed(NOW))] == ["sources"]
    assert [problem.what for problem in judge(Observed(NOW, unreachable=("warehouse: gone",)))] == ["stack"]


def test_a_database_that_cannot_be_asked_is_one_line_instead_of_its_effects() -> None:
    failed = replace(a_sight(a_table(freshness=500)), connectors={"hotich": "FAILED: connection refused"})
    assert len(judge(failed)) == 2
    (problem,) = judge(replace(failed, away={"hotich": "Connection refused"}))
    assert problem.what == "database of hotich"
    assert problem.reason == "cannot be asked: Connection refused"


def test_what_somebody_halted_is_told_beside_a_database_that_cannot_be_asked() -> None:
    paused = replace(a_sight(), connectors={"hotich": "PAUSED"}, away={"hotich": "Connection refused"})
    assert [problem.what for problem in judge(paused)] == ["database of hotich", "capture of hotich"]


def test_a_source_file_that_cannot_be_read_is_a_problem_beside_the_others() -> None:
    seen = replace(a_sight(), unreadable=("yte.yaml:2: titel: unknown key; valid: title",))
    (problem,) = judge(seen)
    assert problem.what == "source file"
    assert problem.reason == "yte.yaml:2: titel: unknown key; valid: title"
    assert [problem.what for problem in judge(Observed(NOW, unreadable=("a.yaml:1: source: x",)))] == ["source file"]


def test_what_people_should_know_is_shown_though_nothing_is_wrong() -> None:
    seen = replace(a_sight(), notes=("cbcc runs on PostgreSQL here",))
    console = Console(width=100)
    with console.capture() as shown:
        console.print(screen(seen, judge(seen)))
    assert "note: cbcc runs on PostgreSQL here" in shown.get()
    assert as_json(seen, ())["notes"] == ["cbcc runs on PostgreSQL here"]


def test_machines_get_the_same_verdict() -> None:
    seen = a_sight(a_table("stopped"))
    answer = as_json(seen, judge(seen))
    assert answer["ok"] is False
    assert answer["tables"][0]["state"] == "stopped"


def test_durations_are_said_as_people_say_them() -> None:
    assert [span(s) for s in (None, 2.04, 120, 7_200, 200_000)] == ["-", "2.0 s", "2 min", "2 h", "2 days"]
