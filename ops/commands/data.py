"""`suoi sql`, `suoi verify`, `suoi watermark`: what the warehouse holds, whether it is right, up to when."""

from typing import Annotated

import typer

from ops import complete, files
from ops.commands.context import AsJson, where
from ops.console import note, say, say_json, table
from ops.exits import BAD, OK
from ops.verify.answer import TableVerdict, as_json, is_equal, lines
from ops.verify.run import Verifier
from suoi.errors import UserError
from suoi.position import to_hex
from suoi.sources import Source
from suoi.warehouse import Warehouse


def register(app: typer.Typer) -> None:
    """Put these verbs on the command line."""
    app.command("sql")(sql)
    app.command("verify")(verify)
    app.command("watermark")(watermark)


def sql(
    context: typer.Context, query: Annotated[str, typer.Argument(help="In ClickHouse's dialect.")], json: AsJson = False
) -> None:
    """Ask the warehouse."""
    with Warehouse(where(context).settings()) as warehouse:
        columns, rows = warehouse.columns(query)
    if json:
        return say_json([dict(zip(columns, row, strict=True)) for row in rows])
    return table(columns, rows)


def verify(
    context: typer.Context,
    only: Annotated[str, typer.Argument(help="An agency or <agency>.<table>; all when left out.")] = "",
    json: AsJson = False,
    show: Annotated[bool, typer.Option("--show", help="Show values that differ, persons included.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the watermark.")] = 120.0,
) -> None:
    """Compare source and warehouse exactly, row by row, while changes go on; exit code 0 only when they are equal."""
    here = where(context)
    agency, _, name = only.partition(".")
    sources = [files.find(here.home, agency)] if agency else list(files.active(here.home).values())
    if not sources:
        raise UserError("no source is active; valid: suoi up, or suoi source add <file>")
    verifier = Verifier(here.settings(), here.clock, timeout, note)
    found = [verdict for source in sources for verdict in verifier.verify(source, _known(source, name))]
    if json:
        say_json(as_json(found, show))
    else:
        show_verdicts(found, show)
    raise typer.Exit(OK if is_equal(found) else BAD)


def watermark(context: typer.Context, json: AsJson = False) -> None:
    """Up to which source commit the warehouse holds everything, per table."""
    with Warehouse(where(context).settings()) as warehouse:
        marks = complete.read(warehouse)
    rows = [
        {
            "table": f"{mark.agency}.{mark.table}",
            "position": to_hex(mark.position),
            "time": mark.time,
            "state": mark.state.value,
            "refused_open": mark.refused_open,
        }
        for _, mark in sorted(marks.items())
    ]
    if json:
        return say_json(rows)
    return table(("table", "position", "time", "state", "refused_open"), [list(row.values()) for row in rows])


def _known(source: Source, name: str) -> str | None:
    names = [one.name for one in source.tables.values()]
    if name and name not in names:
        raise UserError(f"table {source.agency}.{name} is not captured; valid: {' '.join(names)}")
    return name or None


def show_verdicts(found: list[TableVerdict], show: bool) -> None:
    """Counts per table, differences, and one word at the end."""
    counts = ("table", "source_rows", "warehouse_rows", "missing", "extra", "different", "refused")
    table(counts, [[getattr(verdict, name) for name in counts] for verdict in found])
    for verdict in found:
        for line in lines(verdict, show):
            say(line)
        if verdict.not_compared:
            say(f"{verdict.table}: not compared: {', '.join(verdict.not_compared)}")
    say("equal" if is_equal(found) else "NOT EQUAL")
