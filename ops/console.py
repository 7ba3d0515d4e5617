"""What a command shows: results on standard output, progress on standard error, plain when nobody watches."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

Rows = Iterable[Sequence[object]]
_WIDE = 1000


def note(line: str) -> None:
    """A line of progress."""
    typer.echo(line, err=True)


def say(line: str) -> None:
    """A line of the result."""
    typer.echo(line)


def say_json(value: Any) -> None:
    """The result for machines: dates as ISO, numbers beyond 64 bits and everything unknown as text."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
    typer.echo(orjson.dumps(_small(value), default=str, option=options).decode())


def table(columns: Sequence[str], rows: Rows, title: str | None = None) -> None:
    """A readable table; as wide as it needs to be when it is not a terminal that shows it."""
    console = readable()
    shown = Table(*columns, title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*(_cell(value) for value in row))
    console.print(shown)


def readable() -> Console:
    """Standard output as a console; as wide as the content needs when it is not a terminal."""
    return Console() if sys.stdout.isatty() else Console(width=_WIDE)


class Steps:
    """Progress of a long work as (done, of all): a bar on a terminal, otherwise a line every tenth."""

    def __init__(self, what: str) -> None:
        self._what, self._tenth = what, -1
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self._console) if self._console.is_terminal else None
        self._task = self._bar.add_task(what, total=None) if self._bar else None

    def __enter__(self) -> Callable[[int, int], None]:
        if self._bar:
            self._bar.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def _report(self, done: int, of_all: int) -> None:
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=done, total=of_all)
        elif (tenth := 10 * done // max(of_all, 1)) != self._tenth:
            self._tenth = tenth
            note(f"{self._what}: {done} of {of_all}")


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("[", "\\[")


def _small(value: Any) -> Any:
    """JSON numbers end at 64 bits; what is larger is text."""
    if isinstance(value, dict):
        return {key: _small(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_small(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return str(value)
    return value
