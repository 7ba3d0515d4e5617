"""`suoi table ...`: list, pause, resume, resnapshot, reload, skip, reshape."""

from typing import Annotated

import typer

from ops import files, tables
from ops.commands.context import AsJson, where
from ops.console import note, say, say_json, table
from ops.reshape import reshape as reshape_table
from ops.standing import Standing, standings
from ops.tables import Orders

Name = Annotated[str, typer.Argument(metavar="AGENCY.TABLE", help="A captured table.")]


def commands() -> typer.Typer:
    """The group `table`."""
    app = typer.Typer(no_args_is_help=True, help="Look after single tables; the others of their agency go on.")
    app.command("list")(list_tables)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("resnapshot")(resnapshot)
    app.command("reload")(reload)
    app.command("skip")(skip)
    app.command("reshape")(reshape)
    return app


def list_tables(
    context: typer.Context,
    agency: Annotated[str, typer.Argument(help="An active source; all when left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every table: its state, what was ordered for it, and the load that is under way."""
    here = where(context)
    sources = [files.find(here.home, agency)] if agency else list(files.active(here.home).values())
    found = standings(sources, here.settings())
    if as_json:
        return say_json([one.as_json() for one in found])
    return table(("table", "state", "order", "load"), [_row(one) for one in found])


def pause(
    context: typer.Context,
    name: Name,
    why: Annotated[str, typer.Option(help="Why: others read it.")] = "",
) -> None:
    """Let a table rest; its changes wait in Kafka, its siblings go on."""
    _orders(context, name).pause(why)
    say(f"{name}: rests; its changes wait until suoi table resume {name}")


def resume(context: typer.Context, name: Name) -> None:
    """Let a table go on, also one that was stopped: whatever stopped it is tried again."""
    _orders(context, name).resume()
    say(f"{name}: goes on; suoi status says how")


def resnapshot(context: typer.Context, name: Name) -> None:
    """Read all rows of a table again from its source, beside its changes; rows that are not there are deleted."""
    load = _orders(context, name).read_again()
    say(f"{name}: {load.id} is {load.stage}; suoi table list says how far it is")


def reload(
    context: typer.Context,
    name: Name,
    keys: Annotated[list[str], typer.Argument(help="Keys: JSON arrays, or plain values of a key of one column.")],
) -> None:
    """Read the rows with these keys again from the source."""
    load = _orders(context, name).read_keys(keys)
    say(f"{name}: {load.id} is {load.stage}, {len(load.keys)} keys; suoi table list says how far it is")


def skip(context: typer.Context, name: Name) -> None:
    """Give up the record that stops a table: it becomes a dead letter. After an expired offset: accept the gap."""
    say(f"{name}: given up: {_orders(context, name).skip()}")


def reshape(context: typer.Context, name: Name) -> None:
    """Begin a new version of a table whose columns changed beyond what its old rows can follow; they are kept."""
    here = where(context)
    settings = here.settings()
    about = tables.subject(name, settings)
    kept = reshape_table(about, settings, here.clock, note)
    what = "goes on in place" if kept == about.name else f"what was is {kept}"
    say(f"{name}: {what}; suoi table list says how its load is")


def _orders(context: typer.Context, name: str) -> Orders:
    here = where(context)
    settings = here.settings()
    return Orders(tables.subject(name, settings), settings, here.clock)


def _row(one: Standing) -> tuple[str, str, str, str]:
    return (one.name, one.state, one.ordered(), one.loading())
