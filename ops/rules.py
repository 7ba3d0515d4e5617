"""RULES against the code: `python -m ops.rules` records in `streams/conform/rules.lock` which code a number stands for.

The lock is one line, `<RULES> <sha256>`. The hash covers the syntax of every module in DECIDES, the modules that decide
what conform writes; comments, docstrings and layout do not count. `tests/ops/test_rules.py` fails while the lock is not
the code's, so:

- no change of these modules goes unnoticed, and none is released under a number that another release has used;
- a change that alters no output (a refactoring) has to raise RULES all the same: the check cannot tell them apart.

Before the first release in CHANGELOG.md the lock may be recorded anew under the same number; after it, RULES must have
been raised. Not covered: the code lists (their own hash is part of a revision) and the versions of libraries (pinned).
"""

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ops.console import note, say
from ops.exits import INPUT, OK
from streams.conform.step import RULES
from suoi.errors import UserError

ROOT = Path(__file__).resolve().parent.parent
DECIDES = (
    *("streams/conform/*.py", "suoi/codelists/*.py", "suoi/arrays.py", "suoi/avro.py", "suoi/civil.py"),
    *("suoi/naming.py", "suoi/position.py"),
    *("streams/persons/*.py", "suoi/person.py", "suoi/person_records.py", "suoi/sources/profile.py"),
    "suoi/sources/profiles/*.yaml",
)
LOCK = Path("streams/conform/rules.lock")
_RELEASE = re.compile(r"^## \[?v?\d", re.MULTILINE)


def current(root: Path = ROOT, rules: int = RULES) -> str:
    """What the lock has to say."""
    return f"{rules} {fingerprint(root)}\n"


def fingerprint(root: Path) -> str:
    """The hash of what decides conform's output, 64 hexadecimal digits."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in DECIDES for path in root.glob(pattern)):
        text = path.read_text(encoding="utf-8")
        told = syntax(text) if path.suffix == ".py" else text
        found.update(f"{path.relative_to(root).as_posix()} {told}\n".encode())
    return found.hexdigest()


def syntax(source: str) -> str:
    """The syntax tree of `source` as text, without docstrings; empty fields, which Python versions add, do not show."""
    return repr(_plain(ast.parse(source)))


def record(root: Path = ROOT, rules: int = RULES) -> bool:
    """Write the lock; False when it was right. Raises UserError while RULES would have to be raised first."""
    lock, wanted = root / LOCK, current(root, rules)
    recorded = lock.read_text(encoding="utf-8") if lock.exists() else "0 none\n"
    if recorded == wanted:
        return False
    number = int(recorded.split()[0])
    released = _RELEASE.search((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if rules < number or (released and rules == number):
        raise UserError(
            f"RULES = {rules}, and {LOCK} has recorded other code for {number}; "
            f"valid: RULES = {number + 1} in streams/conform/step.py"
        )
    lock.write_text(wanted, encoding="utf-8")
    return True


def main() -> int:
    """Record, and say what was done."""
    try:
        say(f"{LOCK}: {'recorded' if record() else 'is right'}")
    except UserError as exc:
        note(str(exc))
        return INPUT
    return OK


def _plain(node: Any) -> Any:
    if isinstance(node, ast.AST):
        return [type(node).__name__, *_fields(node)]
    if isinstance(node, list):
        return [_plain(item) for item in node if not _is_text(item)]
    return node


def _fields(node: ast.AST) -> Iterator[Any]:
    for name, value in ast.iter_fields(node):
        if value is not None and value != [] and name != "kind":
            yield [name, _plain(value)]


def _is_text(node: Any) -> bool:
    """A docstring, of a module or of an attribute: text that is no value of anything."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


if __name__ == "__main__":
    sys.exit(main())
