"""Data whose truth is known is made the same way each time, and holds what an evaluation has to survive."""

from pathlib import Path

from benchmarks.evaluations import febrl, late, province, rldata, write
from ops.identity.events import read_events


def test_the_province_is_the_same_each_time_and_has_slips_deletions_and_late_events() -> None:
    first, again = (list(late(province(60, 7, False), 7)) for _ in range(2))
    assert first == again
    assert {event.op for event in first} == {"r", "c", "u", "d"}
    positions = [event.lsn for event in first]
    assert positions != sorted(positions)
    assert all(len(event.roles) == 1 for event in first)


def test_febrl_tells_its_truth_in_the_names_of_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("rec_id, surname\nrec-7-org, lee\nrec-7-dup-0, leee\n", encoding="utf-8")
    found = list(febrl([tmp_path / "a.csv"]))
    assert [event.roles["person"] for event in found] == ["7", "7"]
    assert found[1].after == {"surname": "leee"}


def test_rldata_has_its_truth_in_the_last_column(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("fname_c1,fname_c2,ent_id\nCARSTEN,NA,34\n", encoding="utf-8")
    (only,) = rldata(tmp_path / "r.csv")
    assert only.after == {"fname_c1": "CARSTEN", "fname_c2": ""}
    assert only.roles == {"person": "34"}


def test_what_is_written_can_be_read(tmp_path: Path) -> None:

    assert write(tmp_path, province(20, 7, True), {}) == len(list(read_events(tmp_path / "E.jsonl")))
