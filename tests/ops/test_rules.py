"""A change of what decides conform's output is never released under a number that stands for other code."""

from pathlib import Path

import pytest

from ops import rules
from suoi.errors import UserError

CODE = "def ten(ho: str) -> str:\n    return ho.strip()\n"
UNRELEASED, RELEASED = "# Changelog\n\n## Unreleased\n", "# Changelog\n\n## Unreleased\n\n## 0.1.0\n"


def a_checkout(folder: Path, code: str = CODE, changelog: str = UNRELEASED) -> Path:
    """A checkout with one module that decides."""
    (folder / rules.LOCK).parent.mkdir(parents=True, exist_ok=True)
    (folder / "streams/conform/step.py").write_text(code)
    (folder / "CHANGELOG.md").write_text(changelog)
    return folder


def test_the_lock_is_of_this_code() -> None:
    recorded = (rules.ROOT / rules.LOCK).read_text()
    assert recorded == rules.current(), "what decides conform's output changed: python -m ops.rules"


def test_every_module_that_decides_is_there() -> None:
    assert all(list(rules.ROOT.glob(pattern)) for pattern in rules.DECIDES)


@pytest.mark.parametrize(
    "same",
    [
        "# why\n" + CODE,
        '"""About."""\n' + CODE,
        CODE.replace(":\n", ':\n    """The name."""\n', 1),
        CODE.replace("(ho: str)", "(\n    ho: str,\n)"),
    ],
    ids=["a comment", "a docstring of a module", "a docstring of a function", "layout"],
)
def test_words_and_layout_do_not_count(same: str) -> None:
    assert rules.syntax(same) == rules.syntax(CODE)


@pytest.mark.parametrize(
    "other",
    [CODE.replace("strip", "rstrip"), CODE.replace("ho.strip()", "'ho'"), CODE + "SO = 1\n", CODE + "SO = True\n"],
)
def test_whatever_is_computed_counts(other: str) -> None:
    assert rules.syntax(other) != rules.syntax(CODE)


def test_true_is_not_one() -> None:
    assert rules.syntax("SO = 1") != rules.syntax("SO = True")


def test_a_module_that_moves_counts(tmp_path: Path) -> None:
    before = rules.fingerprint(a_checkout(tmp_path))
    (tmp_path / "streams/conform/step.py").rename(tmp_path / "streams/conform/steps.py")
    assert rules.fingerprint(tmp_path) != before


def test_the_first_lock_is_simply_recorded(tmp_path: Path) -> None:
    root = a_checkout(tmp_path)
    assert rules.record(root, 1)
    assert not rules.record(root, 1)
    assert (root / rules.LOCK).read_text() == rules.current(root, 1)


def test_before_the_first_release_a_number_may_stand_for_new_code(tmp_path: Path) -> None:
    rules.record(a_checkout(tmp_path), 1)
    assert rules.record(a_checkout(tmp_path, CODE + "SO = 1\n"), 1)


def test_after_a_release_new_code_needs_a_higher_number(tmp_path: Path) -> None:
    rules.record(a_checkout(tmp_path), 1)
    root = a_checkout(tmp_path, CODE + "SO = 1\n", RELEASED)
    with pytest.raises(UserError, match="valid: RULES = 2"):
        rules.record(root, 1)
    assert rules.record(root, 2)


def test_a_number_never_goes_down(tmp_path: Path) -> None:
    root = a_checkout(tmp_path)
    rules.record(root, 2)
    with pytest.raises(UserError, match="valid: RULES = 3"):
        rules.record(root, 1)
