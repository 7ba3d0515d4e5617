"""`suoi demo ...`: the synthetic province: load it, let it live, write down what is true of it."""

import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, nullcontext
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import psycopg
import typer

from demo.danhmuc import load_danhmuc
from demo.life import Done, no_truth
from demo.life import live as life
from demo.load import load as load_into
from demo.recode import RECODES
from demo.recode import july_night as recode
from demo.shape import VIETNAM, Shape, as_if, flat
from demo.shape import week as every_week
from demo.store import Store
from demo.truth import Line, encoded
from demo.truth import truth as truth_of
from ops import files
from ops.commands.context import AsJson, Where, where
from ops.console import Steps, note, say, say_json
from ops.demonstration import administrator, populated
from suoi.errors import UserError

COUNTS = ("inserted", "updated", "deleted", "rolled_back")
Persons = Annotated[int, typer.Option(min=1, help="How many persons the province has.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same province.")]
Agencies = Annotated[
    list[str] | None, typer.Option("--agency", help="Only this one; may be given again. All active ones when left out.")
]


def commands() -> typer.Typer:
    """The group `demo`."""
    app = typer.Typer(no_args_is_help=True, help="A synthetic province to try everything with.")
    app.command("load")(load)
    app.command("live")(live)
    app.command("july-night")(july_night)
    app.command("truth")(truth)
    return app


def load(
    context: typer.Context, persons: Persons = 20_000, seed: Seed = 1, agency: Agencies = None, json: AsJson = False
) -> None:
    """Load the province into its agencies, and the official units into danhmuc; may be repeated."""
    here = where(context)
    stores = chosen(here, agency)
    with closing(connect(here, "danhmuc")) as connection:
        written = {"danhmuc": dict(load_danhmuc(connection).rows)}
    with ExitStack() as doors, Steps(f"{persons} persons") as report:
        opened = {name: doors.enter_context(closing(store())) for name, store in stores.items()}
        written |= {name: dict(one.rows) for name, one in load_into(opened, persons, seed, report).items()}
    if json:
        return say_json(written)
    return say(
        ", ".join(f"{name}.{table}: {rows} rows" for name, one in written.items() for table, rows in one.items())
    )


def live(
    context: typer.Context,
    rate: Annotated[float, typer.Option(help="Committed row changes per second, in all.")] = 20.0,
    seconds: Annotated[float | None, typer.Option(help="How long; until stopped when left out.")] = None,
    seed: Seed = 1,
    agency: Agencies = None,
    week: Annotated[bool, typer.Option("--week", help="Day and night, Monday morning: the rate is the mean.")] = False,
    begin: Annotated[datetime | None, typer.Option(help="With --week: as if it began then, Vietnamese time.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Append what is true of every change to this file.")] = None,
    json: AsJson = False,
) -> None:
    """Let the province live: births, visits, dossiers, cards, deaths."""
    here, stopping = where(context), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    note(f"{rate:g} changes/s until stopped" if seconds is None else f"{rate:g} changes/s for {seconds:g} s")
    stores, shape = chosen(here, agency), of_the_week(week, begin, here.clock.now())
    with truth.open("ab") if truth else nullcontext() as file:
        tell: Callable[[Line], object] = (lambda line: file.write(encoded(line))) if file else no_truth
        lived = life(stores, rate, seed, here.clock, stopping.is_set, seconds, tell, note, shape)
    at = {name: counts(done) for name, done in lived.at.items()}
    if json:
        return say_json({what: sum(one[what] for one in at.values()) for what in COUNTS} | {"agencies": at})
    return say("; ".join(f"{name}: {', '.join(f'{n} {what}' for what, n in one.items())}" for name, one in at.items()))


def july_night(
    context: typer.Context,
    agency: Agencies = None,
    rate: Annotated[
        float | None, typer.Option(help="Rows per second and agency; as fast as it goes when left out.")
    ] = None,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="One transaction per agency, as a bad script does.")
    ] = False,
    json: AsJson = False,
) -> None:
    """The night in which agencies that never followed the reform write every address anew."""
    here = where(context)
    there = {name: store for name, store in chosen(here, agency).items() if agency or name in RECODES}
    changed = {}
    for name, store in there.items():
        with closing(store()) as opened, Steps(name) as report:
            changed[name] = recode(opened, name, here.clock, lambda: False, rate, at_once, report)
    if json:
        return say_json(changed)
    day = here.clock.now().astimezone(VIETNAM).date()
    for name, rows in changed.items():
        say(f"{name}: {rows} rows recoded; next: `recoded: {day}` in its source file, suoi source add")
    return None


def truth(
    file: Annotated[Path, typer.Argument(help="Where to write it, JSON lines.")],
    persons: Persons = 20_000,
    seed: Seed = 1,
) -> None:
    """Write what is true of a loaded province: who is who, and what was done to each row."""
    with file.open("wb") as out:
        count = sum(1 for line in truth_of(persons, seed) if out.write(line))
    say(f"{count} lines in {file}")


def chosen(here: Where, agencies: list[str] | None) -> Mapping[str, Callable[[], Store]]:
    """The databases of these agencies, or of all that are active. Raises UserError naming those there are."""
    there = populated(here.settings())
    if not there:
        raise UserError(f"no agency of the demonstration is active in {here.home}; valid: a home that `suoi up` made")
    if unknown := [name for name in agencies or () if name not in there]:
        raise UserError(f"agency {unknown[0]!r} is not of the living province; valid: {' '.join(sorted(there))}")
    return {name: store for name, store in there.items() if not agencies or name in agencies}


def of_the_week(week: bool, begin: datetime | None, now: datetime) -> Shape:
    """How the rate changes with the hour. Raises UserError for a beginning without a week."""
    if not week:
        if begin:
            raise UserError("--begin says where in the week life begins; valid: together with --week")
        return flat
    return as_if(begin.replace(tzinfo=VIETNAM), now, every_week) if begin else every_week


def counts(done: Done) -> dict[str, int]:
    """What was done at one agency, by COUNTS."""
    return {what: getattr(done, what) for what in COUNTS}


def connect(here: Where, agency: str) -> psycopg.Connection:
    """The demo database of an agency, as its administrator. Raises UserError, Transient."""
    shipped = {path.stem: path for path in files.shipped()}
    source = files.read_file(shipped[agency], here.home)
    return administrator(here.settings(), source.database)
