"""How often this program itself failed on a record, across restarts."""

from pathlib import Path

from streams.failures import PATIENCE, Failures
from suoi.change import Coordinates
from suoi.ids import Revision, Topic

RAW = Topic("hotich.public.khai_sinh")


def after(path: Path, *offsets: int, revision: int = 1) -> Failures:
    for offset in offsets:
        Failures(path, Revision(revision)).add(Coordinates(RAW, 0, offset))
    return Failures(path, Revision(revision))


def test_a_table_stops_when_one_record_failed_three_times_over_restarts(tmp_path: Path) -> None:
    stopped = after(tmp_path / "failures.json", *[42] * PATIENCE).stopped()
    assert stopped == {RAW: "failed 3 times at hotich.public.khai_sinh[0]@42"}


def test_failures_on_different_records_do_not_add_up(tmp_path: Path) -> None:
    assert after(tmp_path / "failures.json", 42, 43, 42).stopped() == {}


def test_new_rules_deserve_a_new_try(tmp_path: Path) -> None:
    path = tmp_path / "failures.json"
    after(path, 42, 42, 42)
    assert after(path, revision=2).stopped() == {}
