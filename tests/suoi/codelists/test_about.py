"""What is known of each list: one line each, and a mistake is told with its line."""

from pathlib import Path

import pytest

from suoi.codelists.about import load_about
from suoi.codelists.lists import Lists
from suoi.codelists.table import Folder
from suoi.errors import UserError

HEADER = "list,title,owner,legal_source\n"


def test_every_list_says_what_it_is_and_an_unverified_one_names_no_source(lists: Lists) -> None:
    for name in lists.names():
        about = lists.about(name)
        assert about.title
        assert not (lists.unverified(name) and about.legal_source)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("gender,Giới tính,,\n", r"lists\.csv:1: nothing is said of list religion"),
        ("gender,Giới tính,,\ngender,Giới,,\n", r"lists\.csv:3: list gender stands there already"),
        ("sex,Giới tính,,\n", r"lists\.csv:2: there is no list 'sex'; valid: gender, religion"),
        ("gender,,,\n", r"lists\.csv:2: list gender has no title"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "lists.csv").write_text(HEADER + lines, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        load_about(Folder(tmp_path), ("gender", "religion"))
