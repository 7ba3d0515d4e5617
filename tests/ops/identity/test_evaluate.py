"""`suoi identity evaluate`: outside events and a truth in, figures and clusters out; a mistake is one line."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from ops.cli import execute
from ops.exits import INPUT, OK

PERSONS = {"surname": "họ", "given_name": "tên", "birth_date": "né le", "personal_number": "номер"}
SOURCE = {"profile": "general", "tables": {"x.y": {"as": "y", "persons": {"someone": PERSONS}}}}
ANN = {"họ": "Lee", "tên": "Ann", "né le": "1985-03-12", "номер": "AB1298"}
BEN = {"họ": "Okonkwo", "tên": "Benedict", "né le": "1941-11-30", "номер": "ZX7745"}
Row = tuple[str, int, int, str, dict[str, Any] | None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    for name in ("one", "two"):
        (tmp_path / "sources" / f"{name}.yaml").write_text(orjson.dumps(SOURCE).decode(), encoding="utf-8")
    return tmp_path


def evaluated(folder: Path, rows: Sequence[Row], truth: str, *more: str) -> int:
    lines = [
        orjson.dumps({"i": i, "src": src, "pk": pk, "lsn": lsn, "op": op, "after": after})
        for i, (src, pk, lsn, op, after) in enumerate(rows)
    ]
    (folder / "E.jsonl").write_bytes(b"\n".join(lines))
    (folder / "T.csv").write_text(truth, encoding="utf-8")
    return run(folder, *more)


def run(folder: Path, *more: str) -> int:
    files = ("--events", "E.jsonl", "--sources", "sources", "--truth", "T.csv", "--out", "C.csv")
    words = [word if word.startswith("--") else str(folder / word) for word in files]
    return execute(["identity", "evaluate", *words, "--model", "shipped", *more])


def clusters(folder: Path) -> dict[tuple[str, str], str]:
    with (folder / "C.csv").open(encoding="utf-8", newline="") as file:
        return {(row["src"], row["pk"]): row["cluster"] for row in csv.DictReader(file)}


def test_rows_of_one_person_come_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = [("one", 1, 10, "c", ANN), ("two", 5, 11, "r", ANN), ("two", 6, 12, "c", BEN)]
    assert evaluated(folder, rows, "i,person\n0,ann\n1,ann\n2,ben\n", "--json") == OK
    told = orjson.loads(capsys.readouterr().out)
    assert told["all"]["pairs"] == told["certified"]["pairs"] == {"f1": 1.0, "precision": 1.0, "recall": 1.0}
    assert told["all"]["wrong_merge_per_10000"] == 0
    found = clusters(folder)
    assert found["one", "1"] == found["two", "5"] != found["two", "6"]


def test_only_what_is_live_at_the_end_counts_and_late_events_change_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[Row] = [
        ("one", 1, 20, "u", ANN),
        ("one", 1, 10, "c", BEN),
        ("two", 5, 12, "c", ANN),
        ("two", 6, 13, "c", ANN),
        ("two", 6, 14, "d", None),
    ]
    truth = "id,person_id\n0,ann\n1,ben\n2,ann\n3,ann\n4,ann\n"
    assert evaluated(folder, rows, truth) == OK
    assert "2 rows of 1 persons in 1 clusters" in capsys.readouterr().out
    assert set(clusters(folder)) == {("one", "1"), ("two", "5")}


def test_what_is_merged_wrongly_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = [("one", 1, 10, "c", ANN), ("two", 5, 11, "c", ANN)]
    assert evaluated(folder, rows, "i,role,person\n0,someone,ann\n1,someone,another\n", "--json") == OK
    told = orjson.loads(capsys.readouterr().out)
    assert told["all"]["wrong_merge_persons"] == 2
    assert told["all"]["wrong_merge_per_10000"] == 10_000
    assert told["all"]["pairs"]["precision"] == 0


def test_a_source_file_is_found_by_its_agency_and_keeps_its_database(folder: Path) -> None:
    (folder / "sources" / "one.yaml").unlink()
    whole = {**SOURCE, "agency": "one", "database": {"kind": "${NOT_SET}"}}
    (folder / "sources" / "other.yaml").write_text(orjson.dumps(whole).decode(), encoding="utf-8")
    assert evaluated(folder, [("one", 1, 1, "c", ANN)], "i,person\n0,ann\n") == OK


MISTAKES = (
    ('{"i": 1}', "i,person\n1,a\n", "E.jsonl:1: src is missing; valid: i src pk lsn op after"),
    ("[]", "i,person\n1,a\n", "E.jsonl:1: is no object"),
    ("{", "i,person\n1,a\n", "E.jsonl:1: is no JSON"),
    ('{"i":1,"src":"one","pk":1,"lsn":1,"op":"x"}', "i,person\n", "E.jsonl:1: op 'x' is not known; valid: c u r d"),
    ('{"i":1,"src":"one","pk":1,"lsn":"x","op":"d"}', "i,person\n", "E.jsonl:1: lsn 'x' is no position"),
    ('{"i":1,"src":"one","pk":1,"lsn":1,"op":"c"}', "i,person\n", "E.jsonl:1: after is no row"),
    ('{"i":1,"src":"none","pk":1,"lsn":1,"op":"d"}', "i,person\n", "no source file for src 'none'; valid: none.yaml"),
    ('{"i":1,"src":"one","pk":1,"lsn":1,"op":"d"}', "i,who\n", "T.csv:1: no column 'person'; valid: i,person"),
    ('{"i":1,"src":"one","pk":1,"lsn":1,"op":"d"}', "i,person\n1\n", "T.csv:2: has 1 cells"),
    ('{"i":1,"src":"one","pk":1,"lsn":1,"op":"d"}', "i,person\n1,a\n", "the truth knows no row that is live"),
)


@pytest.mark.parametrize(("events", "truth", "says"), MISTAKES)
def test_a_mistake_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], events: str, truth: str, says: str
) -> None:
    (folder / "E.jsonl").write_text(events, encoding="utf-8")
    (folder / "T.csv").write_text(truth, encoding="utf-8")
    assert run(folder) == INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_a_key_that_no_person_has_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {"tables": {"x.y": {"as": "y", "persons": {"someone": {"givenname": "a"}}}}}
    (folder / "sources" / "one.yaml").write_text(orjson.dumps(wrong).decode(), encoding="utf-8")
    assert evaluated(folder, [("one", 1, 1, "c", ANN)], "i,person\n0,ann\n") == INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert "tables.x.y.persons.someone.givenname: unknown key, nearest is given_name; valid: full_name" in line
