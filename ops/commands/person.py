"""`suoi person ...`: who a person is and why; masked unless a purpose is stated and written down."""

from contextlib import AbstractContextManager
from functools import partial
from typing import Annotated

import typer

from ops.commands.context import AsJson, where
from ops.commands.judging import JUDGING
from ops.console import say_json
from ops.identity.history import happened
from ops.identity.looking import Look, find, find_one, looking, pair_of
from ops.identity.telling import tell_apart, tell_history, tell_pair, tell_persons
from streams.identity.explain import apart, how, why
from suoi.errors import UserError

_ASKED = "A golden id (a retired one leads on), a row (<id>#<no>, or agency.table|key|role) or a number."
Person = Annotated[str, typer.Argument(metavar="PERSON", help=_ASKED)]
A = Annotated[str, typer.Argument(help=_ASKED)]
B = Annotated[str, typer.Argument(help="The same.")]
Unmask = Annotated[bool, typer.Option("--unmask", help="Show persons in full; who did, when and what for is kept.")]
Purpose = Annotated[str, typer.Option(help="What --unmask is for: a sentence for whoever asks later.")]


def commands() -> typer.Typer:
    """The group `person`."""
    app = typer.Typer(no_args_is_help=True, help="Who a person is, by which rows, and why.")
    app.command("show")(show)
    app.command("why")(why_together)
    app.command("how")(how_joined)
    app.command("whynot")(why_apart)
    for name, command in JUDGING.items():
        app.command(name)(command)
    return app


def show(
    context: typer.Context, person: Person, unmask: Unmask = False, purpose: Purpose = "", as_json: AsJson = False
) -> None:
    """The golden record with row and rule of every field, tier, rows, events, and the retired ids that lead to it."""
    with _look(context, unmask, purpose) as look:
        found = find(look.engine, person)
        events = partial(happened, where(context).settings())
        told = look.teller("show", found).persons(found.persons, found.retired, events)
    say_json(told) if as_json else tell_persons(told)


def why_together(
    context: typer.Context, a: A, b: B, unmask: Unmask = False, purpose: Purpose = "", as_json: AsJson = False
) -> None:
    """What speaks for and against two rows being one person, field by field; of persons their strongest pair."""
    with _look(context, unmask, purpose) as look:
        one, other = find_one(look.engine, a), find_one(look.engine, b)
        pair = pair_of(look.engine, one, other)
        told = look.teller("why", one, other).pair(why(look.engine, *pair))
    say_json(told) if as_json else tell_pair(told)


def how_joined(
    context: typer.Context, person: Person, unmask: Unmask = False, purpose: Purpose = "", as_json: AsJson = False
) -> None:
    """How the rows of a person came together: every step with its bits, the weakest, and what speaks against it."""
    with _look(context, unmask, purpose) as look:
        found = find_one(look.engine, person)
        (golden,) = found.persons
        told = look.teller("how", found).history(golden, how(look.engine, golden))
    say_json(told) if as_json else tell_history(told)


def why_apart(
    context: typer.Context, a: A, b: B, unmask: Unmask = False, purpose: Purpose = "", as_json: AsJson = False
) -> None:
    """What keeps two persons apart: a rule, a verdict, too little evidence, no key in common, or their other rows."""
    with _look(context, unmask, purpose) as look:
        one, other = find_one(look.engine, a), find_one(look.engine, b)
        pair = pair_of(look.engine, one, other)
        told = look.teller("whynot", one, other).apart(apart(look.engine, *pair))
    say_json(told) if as_json else tell_apart(told)


def _look(context: typer.Context, unmask: bool, purpose: str) -> AbstractContextManager[Look]:
    if unmask != bool(purpose.strip()):
        raise UserError(
            "--unmask without --purpose; valid: --purpose with a sentence for whoever asks later"
            if unmask
            else "--purpose without --unmask; valid: both or none"
        )
    here = where(context)
    return looking(here.home, here.clock.now(), purpose.strip())
