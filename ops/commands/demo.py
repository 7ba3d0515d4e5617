"""`suoi demo ...`: the synthetic province: load it, let it live, write down what is true of it."""

import signal
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from threading import Event
from typing import Annotated

import psycopg
import typer

from demo.danhmuc import load_danhmuc
from demo.lasting import lasting
from demo.life import no_truth
from demo.load import load as load_into
from demo.truth import Line, encoded
from demo.truth import truth as truth_of
from ops import files
from ops.commands.context import AsJson, Where, where
from ops.console import Steps, note, say, say_json
from ops.demonstration import administrator

Persons = Annotated[int, typer.Option(min=1, help="How many persons the province has.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same province.")]


def commands() -> typer.Typer:
    """The group `demo`."""
    app = typer.Typer(no_args_is_help=True, help="A synthetic province to try everything with.")
    app.command("load")(load)
    app.command("live")(live)
    app.command("truth")(truth)
    return app


def load(context: typer.Context, persons: Persons = 20_000, seed: Seed = 1, json: AsJson = False) -> None:
    """Load the province into hotich, and the official units into danhmuc; may be repeated."""
    here = where(context)
    with connect(here, "danhmuc") as connection:
        written = {"danhmuc": dict(load_danhmuc(connection).rows)}
    with connect(here, "hotich") as connection, Steps(f"{persons} persons") as report:
        written["hotich"] = dict(load_into(connection, persons, seed, report).rows)
    if json:
        return say_json(written)
    return say(
        ", ".join(f"{agency}.{table}: {rows} rows" for agency, one in written.items() for table, rows in one.items())
    )


def live(
    context: typer.Context,
    rate: Annotated[float, typer.Option(help="Committed row changes per second.")] = 20.0,
    seconds: Annotated[float | None, typer.Option(help="How long; until stopped when left out.")] = None,
    seed: Seed = 1,
    truth: Annotated[Path | None, typer.Option(help="Append what is true of every change to this file.")] = None,
    json: AsJson = False,
) -> None:
    """Let the province live: births, corrections, moves, deaths, deletes."""
    here, stopping = where(context), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    note(f"{rate:g} changes/s until stopped" if seconds is None else f"{rate:g} changes/s for {seconds:g} s")
    with truth.open("ab") if truth else nullcontext() as file:
        tell: Callable[[Line], object] = (lambda line: file.write(encoded(line))) if file else no_truth
        lived = lasting(lambda: connect(here, "hotich"), rate, seed, here.clock, stopping.is_set, seconds, note, tell)
    counts = {"inserted": lived.inserted, "updated": lived.updated, "deleted": lived.deleted}
    if json:
        return say_json({**counts, "rolled_back": lived.rolled_back})
    return say(", ".join(f"{count} {what}" for what, count in counts.items()))


def truth(
    file: Annotated[Path, typer.Argument(help="Where to write it, JSON lines.")],
    persons: Persons = 20_000,
    seed: Seed = 1,
) -> None:
    """Write what is true of a loaded province: who is who, and what was done to each row."""
    with file.open("wb") as out:
        count = sum(1 for line in truth_of(persons, seed) if out.write(line))
    say(f"{count} lines in {file}")


def connect(here: Where, agency: str) -> psycopg.Connection:
    """The demo database of an agency, as its administrator. Raises UserError, Transient."""
    shipped = {path.stem: path for path in files.shipped()}
    source = files.read_file(shipped[agency], here.home)
    return administrator(here.settings(), source.database)
