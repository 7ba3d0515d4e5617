"""The reference pages follow the code: `python -m ops.reference` writes what can be derived, a test finds what differs.

In `docs/*.md` what stands between `<!-- <name>: ... -->` and `<!-- end <name> -->` is derived, the prose around it is
not; `.env.example` is derived as a whole. What only people can say (what a reason means, who reads a topic) is written
by hand and compared with the code by `tests/test_docs.py`.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typer.main import get_command

from ops import exits
from ops.cli import build
from ops.console import say
from suoi.metrics import CATALOGUE
from suoi.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ENV_EXAMPLE = ".env.example"
_BLOCK = re.compile(r"<!-- (?P<name>[a-z-]+): written by .*? -->\n.*?<!-- end (?P=name) -->", re.DOTALL)
_EXIT_LINE = re.compile(r"^(\d+)\s+(.+)$", re.MULTILINE)


def settings() -> str:
    """Every setting: variable, default, what it takes, what it is."""
    rows = [
        (f"`{_variable(name)}`", _code(_default(field)), _takes(field), field.description or "")
        for name, field in _settings()
    ]
    return _table(("variable", "default", "takes", "what it is"), rows)


def metrics() -> str:
    """Every metric as Prometheus shows it."""
    rows = []
    for metric in CATALOGUE:
        (family,) = metric.describe()
        exposed = family.name + ("_total" if family.type == "counter" else "")
        labels = " ".join(f"`{label}`" for label in metric._labelnames)
        rows.append((f"`{exposed}`", family.type, labels, family.documentation))
    return _table(("metric", "type", "labels", "what it says"), rows)


def commands() -> str:
    """Every command with its arguments and options; those of `suoi` itself go before any command."""
    return "\n\n".join(_commands(get_command(build()), "suoi"))


def exit_codes() -> str:
    """How a command ends."""
    return _table(("exit code", "says"), _EXIT_LINE.findall(exits.__doc__ or ""))


def env_example() -> str:
    """Every setting as a commented line of an environment file."""
    head = "# Every setting with its default. What a stack of this machine needs is in <home>/suoi.env already."
    lines = [f"# {field.description}\n# {_variable(name)}={_default(field)}" for name, field in _settings()]
    return "\n\n".join([head, *lines]) + "\n"


BLOCKS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {"settings": settings, "metrics": metrics, "commands": commands, "exit-codes": exit_codes}
)


def pages(root: Path = ROOT) -> dict[Path, str]:
    """Every page that holds something derived, as it has to be. Raises KeyError for a block nobody derives."""
    found = {path: _filled(path.read_text(encoding="utf-8")) for path in sorted((root / "docs").glob("*.md"))}
    return {**found, root / ENV_EXAMPLE: env_example()}


def main() -> int:
    """Write what differs, and say so."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            say(f"{path.relative_to(ROOT)}: written")
    return 0


def _filled(text: str) -> str:
    return _BLOCK.sub(lambda block: _block(block["name"]), text)


def _block(name: str) -> str:
    return f"<!-- {name}: written by python -m ops.reference -->\n{BLOCKS[name]()}\n<!-- end {name} -->"


def _settings() -> Iterable[tuple[str, FieldInfo]]:
    return Settings.model_fields.items()


def _variable(name: str) -> str:
    return f"SUOI_{name.upper()}"


def _default(field: FieldInfo) -> str:
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _takes(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return " ".join(get_args(field.annotation))
    kinds: dict[Any, str] = {SecretStr: "secret", str: "text", bool: "true or false", int: "number"}
    bounds = [str(getattr(bound, side)) for bound in field.metadata for side in ("ge", "le") if hasattr(bound, side)]
    known = kinds.get(field.annotation, "path")
    return f"{known}, {' to '.join(bounds)}{'' if len(bounds) > 1 else ' or more'}" if bounds else known


def _commands(command: Any, name: str) -> Iterator[str]:
    """The command and, for a group, those below it; typer describes both by untyped objects."""
    arguments = [_argument(one) for one in command.params if one.param_type_name == "argument"]
    about = "\n".join(line.strip() for line in (command.help or "").splitlines())
    rows = [row for one in command.params if (row := _parameter(one))]
    table = f"\n\n{_table(('given', 'default', 'meaning'), rows)}" if rows else ""
    yield f"### `{' '.join([name, *arguments])}`\n{about}{table}"
    for below, found in getattr(command, "commands", {}).items():
        yield from _commands(found, f"{name} {below}")


def _argument(parameter: Any) -> str:
    shown = str(parameter.name).upper()
    return shown if parameter.required else f"[{shown}]"


def _parameter(parameter: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        return f"`{_argument(parameter)}`", "", parameter.help or ""
    default = "required" if parameter.required else "" if parameter.is_flag else _code(str(parameter.default or ""))
    meaning = (parameter.help or "") + (f" Also `{parameter.envvar}`." if parameter.envvar else "")
    return f"`{' '.join(parameter.opts)}`", default, meaning


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    body = [[_cell(cell) for cell in row] for row in rows]
    named = list(head)
    return "\n".join("| " + " | ".join(row) + " |" for row in [named, ["---"] * len(named), *body])


def _cell(text: str) -> str:
    """`text` as Markdown shows it; inside backquotes it would show the backslash too."""
    return text if "`" in text else text.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    sys.exit(main())
