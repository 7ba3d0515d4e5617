"""Files of questions: every line is answered in its place, and what is no question is named with file and line."""

from pathlib import Path

import pytest

from ops.cli import execute
from ops.codelists.batch import answers
from suoi.codelists.lists import Lists
from suoi.errors import UserError
from suoi.resources import resource

HEADER = "id,list,code,text,parent,date,target_version\n"


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


def written(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_are_answered_in_their_order(lists: Lists, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        HEADER
        + "a,admin_unit,00004,,,2024-08-01,2026-04-30\n"
        + "b,admin_unit,,Phường Ba Đình,Hà Nội,2025-08-01,\n"
        + "c,ethnicity,04,,,,\n"
        + "d,admin_unit,99999,,,,2025-07-01\n"
        + "e,admin_unit,,,,,\n",
    )
    found = [(id, status, codes, rule) for id, status, codes, rule, _ in answers(lists, path)]
    assert found == [
        ("a", "ok", "00004", "mapped_whole"),
        ("b", "ok", "00004", "from_text"),
        ("c", "ambiguous", "04;06", "candidates"),
        ("d", "unmapped", "", "unknown"),
        ("e", "empty", "", "missing"),
    ]


def test_the_command_writes_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, HEADER + "1,admin_unit,00004,,,2024-08-01,\n")
    assert execute(["codelist", "resolve", "--batch", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "id,status,codes,rule,reason",
        '1,ok,00004,exact,"Phường Trúc Bạch in the list of 2024-06-11, the one in force on that day"',
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"cases\.csv:1: no column 'id'; valid: id, list, code"),
        ("id,list,when\n", r"cases\.csv:1: column 'when' is unknown; valid: id, list, code"),
        ("id,list,id\n", r"cases\.csv:1: column 'id' stands twice"),
        (HEADER + "1,admin_unit\n", r"cases\.csv:2: 2 cells where the header has 7"),
        (HEADER + "1,xa,1,,,,\n", r"cases\.csv:2: unknown list 'xa'; valid are"),
        (HEADER + "1,admin_unit,1,,,1/7/2025,\n", r"cases\.csv:2: date '1/7/2025'; valid is a day such as"),
        (HEADER + "1,admin_unit,1,,,,today\n", r"cases\.csv:2: list admin_unit has no version 'today'; valid:"),
    ],
)
def test_what_is_no_question_is_named_with_its_line(lists: Lists, tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        list(answers(lists, written(tmp_path, text)))


def test_a_file_that_is_not_there_or_no_text_is_one_sentence(lists: Lists, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        list(answers(lists, tmp_path / "no.csv"))
    (tmp_path / "bytes.csv").write_bytes(b"id,list\n\xff\xfe,x\n")
    with pytest.raises(UserError, match="no CSV file in UTF-8"):
        list(answers(lists, tmp_path / "bytes.csv"))
