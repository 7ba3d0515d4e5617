"""`suoi up|down|run|status|doctor`: the stack as a whole."""

import signal
from contextlib import ExitStack, closing
from threading import Event
from typing import Annotated

import typer
from rich.live import Live

from demo.load import load as load_into
from embedded import stack
from ops import doctor as examination
from ops import living, show
from ops import up as starting
from ops.commands.context import AsJson, Where, where
from ops.commands.data import show_verdicts
from ops.console import Steps, note, readable, say, say_json
from ops.demonstration import populated
from ops.exits import BAD, OK, UNREACHABLE
from ops.status import observe
from ops.verdict import Observed, Problem, judge
from ops.verify.answer import is_equal
from suoi.errors import Contract
from suoi.settings import Settings

WATCH_SECONDS = 2.0


def register(app: typer.Typer) -> None:
    """Put these verbs on the command line."""
    for verb in (up, down, run, status, doctor):
        app.command(verb.__name__)(verb)


def up(context: typer.Context) -> None:
    """Start everything and wait until every table is live; may be repeated."""
    here = where(context)
    starting.up(here.home, here.clock, note)
    say("up: every table is live; next: suoi demo load, suoi status, suoi verify")


def down(context: typer.Context) -> None:
    """Stop everything that `up` started; data stays."""
    stack.down(where(context).home, note)


def run(
    context: typer.Context,
    persons: Annotated[int, typer.Option(min=1, help="Size of the province.")] = 20_000,
    rate: Annotated[float, typer.Option(help="Committed row changes per second.")] = 20.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same province.")] = 1,
) -> None:
    """Start everything, let a province live in it, prove that nothing is missing, and stay until stopped."""
    here, stopping = where(context), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _interrupt(stopping))
    try:
        settings = starting.up(here.home, here.clock, note)
        _load(settings, persons, seed)
        with living.Life(settings, here.clock, rate, seed, stopping, note) as life:
            _prove(settings, here)
            note(f"the province lives at {rate:g} changes/s; Ctrl-C stops everything")
            _stay(life, stopping)
    except KeyboardInterrupt:
        note("stopping")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half a stack behind
        stack.down(here.home, note)


def status(
    context: typer.Context,
    json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again every two seconds.")] = False,
) -> None:
    """Is it well? Per table: state, last commit, complete up to, freshness, lag, refused; exit code by verdict."""
    here = where(context)
    settings = here.settings()
    if watch:
        return _watch(settings, here)
    seen = observe(settings, here.clock)
    problems = judge(seen)
    if json:
        say_json(show.as_json(seen, problems))
    else:
        readable().print(show.screen(seen, problems))
    raise typer.Exit(UNREACHABLE if seen.unreachable else BAD if problems else OK)


def doctor(context: typer.Context, json: AsJson = False) -> None:
    """Look at every condition that has to hold, a line each."""
    here = where(context)
    found = []
    for line in examination.examine(here.settings(), here.clock):
        found.append(line)
        if not json:
            say(
                f"{'ok ' if line.good else 'BAD'} {line.about}: {line.seen}"
                + (f"; next: {line.next}" if not line.good else "")
            )
    if json:
        say_json([{"about": o.about, "good": o.good, "seen": o.seen, "next": o.next} for o in found])
    raise typer.Exit(OK if all(line.good for line in found) else BAD)


def _interrupt(stopping: Event) -> None:
    stopping.set()
    raise KeyboardInterrupt


def _load(settings: Settings, persons: int, seed: int) -> None:
    with ExitStack() as doors, Steps(f"{persons} persons") as report:
        stores = {agency: doors.enter_context(closing(opened())) for agency, opened in populated(settings).items()}
        written = load_into(stores, persons, seed, report)
    rows = {f"{agency}.{table}": rows for agency, one in written.items() for table, rows in one.rows.items()}
    note("loaded: " + ", ".join(f"{name} {count} rows" for name, count in rows.items()))


def _prove(settings: Settings, here: Where) -> None:
    seen, verdicts = living.proof(settings, here.clock, note)
    readable().print(show.screen(seen, judge(seen)))
    show_verdicts(verdicts, show=False)
    if not is_equal(verdicts):
        raise Contract("source and warehouse are not equal: see the lines above")


def _stay(life: living.Life, stopping: Event) -> None:
    while not stopping.wait(1.0):
        if life.failure:
            raise life.failure


def _watch(settings: Settings, here: Where) -> None:
    console = readable()
    if not console.is_terminal:
        while True:
            seen = observe(settings, here.clock)
            for line in show.words(judge(seen), seen.at):
                say(f"{seen.at:%H:%M:%S} {line}")
            here.clock.wait(WATCH_SECONDS)
    with Live(console=console, auto_refresh=False, screen=True) as screen:
        while True:
            seen, problems = _observed(settings, here)
            screen.update(show.screen(seen, problems), refresh=True)
            here.clock.wait(WATCH_SECONDS)


def _observed(settings: Settings, here: Where) -> tuple[Observed, tuple[Problem, ...]]:
    seen = observe(settings, here.clock)
    return seen, judge(seen)
