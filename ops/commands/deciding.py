"""`suoi codelist decide | revoke | decisions`: what a steward says a value means."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from ops.codelists import deciding
from ops.codelists.decisions import SHOWN, history, named
from ops.codelists.effect import effects
from ops.commands.context import AsJson, where
from ops.console import say, say_json, table
from ops.files import readable
from suoi.codelists.loaded import of_home
from suoi.warehouse import Warehouse

_DAY = ["%Y-%m-%d"]


def decide(
    context: typer.Context,
    list: Annotated[str, typer.Argument(metavar="LIST", help="admin_unit, ethnicity, ...")],
    raw: Annotated[str, typer.Argument(help="The value as `codelist open` shows it.")],
    means: Annotated[str, typer.Option(help="The unit that it means.")],
    why: Annotated[str, typer.Option(help="For whoever asks later.")],
    of: Annotated[str | None, typer.Option(help="The version of the unit; the newest that has it if left out.")] = None,
    source: Annotated[str, typer.Option(help="Only there: agency[.table[.column]].")] = "",
    since: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="From this day on.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Before this day of the event.")] = None,
    text: Annotated[str | None, typer.Option(help="Only where exactly this is written beside it.")] = None,
    only_try: Annotated[bool, typer.Option("--try", help="Say what it would change, and decide nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide what a value means where a row's own evidence does not suffice: for new changes, until it is revoked."""
    settings = where(context).settings()
    lists = of_home(settings.home)
    sources, _ = readable(settings.home)
    days = (since.date() if since else None, until.date() if until else None)
    typed = deciding.Meant(list, raw, means, of, source, *days, text, why)
    new = deciding.decision(lists, sources, typed, where(context).clock.now())
    with Warehouse(settings) as warehouse:
        found = effects(warehouse, lists, sources, new)
    taken = None if only_try else deciding.decide(settings, lists, new)
    if as_json:
        say_json({"decision": taken.id if taken else None, "columns": [asdict(one) for one in found]})
        return
    shown = [(one.place, one.settled, one.still_open, one.elsewhere, one.why) for one in found]
    if shown:
        table(("column", "would be settled", "stays open", "not meant", "why it stays"), shown)
    else:
        say("no row of the warehouse waits with this value there")
    said = f"{new.list} {new.raw!r} means {named(lists, new)}"
    say(f"decision {taken.id}: {said}, for changes from now on" if taken else f"nothing is decided yet: {said}")


def revoke(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help="As `codelist decisions` shows it.")],
    why: Annotated[str, typer.Option(help="For whoever asks later.")],
) -> None:
    """End a decision: changes from now on are read without it."""
    here = where(context)
    settings = here.settings()
    new = deciding.revoke(settings, of_home(settings.home), id, why, here.clock.now())
    say(f"decision {id} no longer holds, from revision {new.number} on")


def show_decisions(
    context: typer.Context,
    all: Annotated[bool, typer.Option("--all", help="Those that were revoked, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """What stewards decided: value, meaning, scope, author and reason."""
    rows = [one for one in history(deciding.known_decisions(where(context).settings())) if all or not one["revoked"]]
    if as_json:
        say_json(rows)
    else:
        table(SHOWN, [[row[column] for column in SHOWN] for row in rows])


DECIDING: Mapping[str, Callable[..., Any]] = {"decide": decide, "revoke": revoke, "decisions": show_decisions}
