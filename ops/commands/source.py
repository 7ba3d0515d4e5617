"""`suoi source ...`: check, render, draft, list, add, pause, resume, new-epoch, remove."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from ops import add, check, draft, files
from ops.commands.context import AsJson, where
from ops.console import note, say, say_json, table
from ops.databases.kinds import PORTS
from ops.exits import BAD, OK
from suoi.connect import Connect
from suoi.sources.kinds import KindName
from suoi.sources.render import connector, connector_name, source_sql

File = Annotated[Path, typer.Argument(help="A source file.")]
Agency = Annotated[str, typer.Argument(help="An active source.")]


def commands() -> typer.Typer:
    """The group `source`."""
    app = typer.Typer(no_args_is_help=True, help="Add agencies to the running stack, and look after them.")
    app.command("check")(check_file)
    app.command("render")(render)
    app.command("draft")(draft_file)
    app.command("list")(list_sources)
    app.command("add")(add_file)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("new-epoch")(new_epoch)
    app.command("remove")(remove)
    return app


def check_file(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """Check a source file against the code lists and the live database; changes nothing."""
    here = where(context)
    source = files.read_file(file, here.home)
    found = check.check(source, file, here.settings())
    if as_json:
        say_json([{"where": one.where, "problem": one.problem, "valid": one.valid} for one in found])
    else:
        for one in found:
            say(str(one))
        say(f"{source.agency}: {len(found)} findings" if found else f"{source.agency}: ready for capture")
    raise typer.Exit(BAD if found else OK)


def render(
    context: typer.Context, file: File, sql: Annotated[bool, typer.Option("--sql", help="Only the SQL.")] = False
) -> None:
    """Show what follows from a source file: the SQL for the agency's DBA, and the connector."""
    here = where(context)
    source = files.read_file(file, here.home)
    say(source_sql(source))
    if not sql:
        say(orjson.dumps(connector(source, here.settings()), option=orjson.OPT_INDENT_2).decode())


def draft_file(
    context: typer.Context,
    agency: Annotated[str, typer.Option(help="Name of the agency downstream, such as hotich.")],
    database: Annotated[str, typer.Option(help="Name of the database.")],
    host: Annotated[str, typer.Option(help="Its host.")] = "127.0.0.1",
    kind: Annotated[KindName, typer.Option(help="What kind of database it is.")] = "postgresql",
    port: Annotated[int | None, typer.Option(help="Its port, when it is not the usual one.")] = None,
    user: Annotated[
        str, typer.Option(help="A role that may read its catalog, and that capture will use.")
    ] = "suoi_cdc",
    password_file: Annotated[str, typer.Option(help="Secret of that role: a file in <home>/secrets.")] = "",
    schema: Annotated[str, typer.Option(help="Only tables of this schema.")] = "",
) -> None:
    """Write a first source file for a database nobody has described yet, to standard output."""
    here = where(context)
    at = draft.Place(agency, host, port or PORTS[kind], database, user, password_file or f"{agency}.password", kind)
    say(draft.draft(at, here.settings(), schema or None))


def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """The active sources and how their connectors are."""
    here = where(context)
    (sources, mistakes), connect = files.readable(here.home), Connect(here.settings())
    for line in mistakes:
        note(line)
    try:
        states = {agency: connect.status(connector_name(agency)) for agency in sources}
    finally:
        connect.close()
    rows = [
        {
            "agency": agency,
            "title": source.title,
            "database": f"{source.database.host}:{source.database.port}/{source.database.name}",
            "tables": [table.name for table in source.tables.values()],
            "connector": state.connector if (state := states[agency]) else "absent",
        }
        for agency, source in sources.items()
    ]
    if as_json:
        return say_json(rows)
    shown = [(row["agency"], row["title"], row["database"], " ".join(row["tables"]), row["connector"]) for row in rows]
    return table(("agency", "title", "database", "tables", "connector"), shown)


def add_file(context: typer.Context, file: File) -> None:
    """Add the agency of a source file to the running stack, or bring it to a changed file."""
    here = where(context)
    source = add.add(file, here.settings(), here.clock, note)
    say(f"{source.agency}: added; suoi status says when its tables are live")


def pause(context: typer.Context, agency: Agency) -> None:
    """Let the capture of an agency rest; its database keeps the log meanwhile."""
    add.pause(agency, where(context).settings(), where(context).clock)
    say(f"{agency}: paused; its database keeps log until suoi source resume {agency}")


def resume(context: typer.Context, agency: Agency) -> None:
    """Let a paused agency go on where it stood."""
    add.resume(agency, where(context).settings(), where(context).clock)
    say(f"{agency}: resumed")


def new_epoch(
    context: typer.Context, agency: Agency, why: Annotated[str, typer.Option(help="What happened to the source.")]
) -> None:
    """Take an agency up again whose database was restored, failed over or made anew, or whose slot is gone.

    Its positions begin anew, and every table is read again from its source.
    """
    number = add.new_epoch(agency, why, where(context).settings(), where(context).clock, note)
    say(f"{agency}: epoch {number} has begun; suoi status says when its tables are live again")


def remove(context: typer.Context, agency: Agency) -> None:
    """Stop capturing an agency, and say what stays."""
    for line in add.remove(agency, where(context).settings(), note):
        say(f"{agency}: {line}")
