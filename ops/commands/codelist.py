"""`suoi codelist ...`: read values as the stream does, see the versions of the lists, and what waits for a steward."""

import csv
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.codelists.batch import ANSWERED, answers
from ops.codelists.differing import difference, meanings
from ops.codelists.telling import Question, cut_over, tell, versions
from ops.codelists.waiting import waiting
from ops.commands.context import AsJson, where
from ops.commands.deciding import DECIDING
from ops.commands.importing import import_version
from ops.console import say, say_json, table
from ops.exits import BAD, OK
from suoi.codelists.lists import Lists
from suoi.codelists.loaded import of_home
from suoi.codelists.released import deviations
from suoi.codelists.resolution import Resolution, Status
from suoi.errors import UserError
from suoi.resources import resource
from suoi.warehouse import Warehouse

ListName = Annotated[str | None, typer.Argument(metavar="[LIST]", help="admin_unit, ethnicity, ...")]


def commands() -> typer.Typer:
    """The group `codelist`."""
    app = typer.Typer(no_args_is_help=True, help="The shared code lists: what a value means, and when.")
    app.command("resolve")(resolve)
    app.command("show")(show)
    app.command("versions")(show_versions)
    app.command("diff")(diff)
    app.command("check")(check)
    app.command("open")(open_values)
    app.command("import")(import_version)
    for name, command in DECIDING.items():
        app.command(name)(command)
    return app


def resolve(
    context: typer.Context,
    list: ListName = None,
    code: Annotated[str | None, typer.Argument(help="The code as it came.")] = None,
    text: Annotated[str | None, typer.Option(help="The name written beside it.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the event.")] = None,
    parent: Annotated[str | None, typer.Option(help="The province or district it lies in.")] = None,
    district: Annotated[str | None, typer.Option(help="What stands in a district column.")] = None,
    recoded: Annotated[str, typer.Option(help="When the source changed to the codes of 2025-07-01; or never.")] = "",
    level: Annotated[str | None, typer.Option(help="province, district or commune.")] = None,
    coding: Annotated[str | None, typer.Option(help="The coding that the source declares.")] = None,
    target: Annotated[str | None, typer.Option(help="The version to tell it in; its own when left out.")] = None,
    batch: Annotated[Path | None, typer.Option(help="A CSV file of questions; answers go to standard output.")] = None,
    as_json: AsJson = False,
) -> None:
    """Which unit a value means, as of its day, by which rule and why; exit code 1 when it cannot be decided."""
    lists = of_home(where(context).home)
    if batch is not None:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(ANSWERED)
        out.writerows(answers(lists, batch))
        return
    if list is None:
        raise UserError(f"which list? valid: {' '.join(lists.names())}, or --batch <file>")
    day = on.date() if on else None
    asked = Question(list, code, text, parent, district, day, cut_over(recoded), level, coding, target)
    answer = tell(lists, asked)
    if as_json:
        say_json({name: getattr(answer, name) for name in ("status", "codes", "rule", "reason")})
    else:
        say(f"{answer.status} {' '.join(answer.codes)}".rstrip() + f" ({answer.rule}): {answer.reason}")
    raise typer.Exit(OK if answer.status is Status.OK else BAD)


def show_versions(context: typer.Context, list: ListName = None, as_json: AsJson = False) -> None:
    """Each list with its owner, legal source and versions: dates they are in force from, or codings."""
    lists = of_home(where(context).home)
    names = [list] if list else [*lists.names()]
    if unknown := [name for name in names if name not in lists.names()]:
        raise UserError(f"unknown list {unknown[0]!r}; valid are {', '.join(lists.names())}")
    found = [
        {"list": name, **asdict(lists.about(name)), "versions": versions(lists, name), "verified": _trust(lists, name)}
        for name in names
    ]
    if as_json:
        say_json(found)
    else:
        table(
            [column.replace("_", " ") for column in found[0]],
            [[" ".join(cell) if isinstance(cell, tuple) else cell for cell in one.values()] for one in found],
        )


def _trust(lists: Lists, name: str) -> str:
    return "unverified" if lists.unverified(name) else "yes"


def show(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="A code of an administrative unit, such as 00004 or 52.")],
    as_json: AsJson = False,
) -> None:
    """What a code means in each version of the administrative units, and where that is today."""
    found = meanings(of_home(where(context).home), code)
    shown = [
        (one.version, one.full_name, one.parent, " ".join(_codes(one.today)) or "?", one.today.reason) for one in found
    ]
    columns = ("version", "name", "in", "today", "why")
    if as_json:
        say_json([dict(zip(columns, row, strict=True)) for row in shown])
    else:
        table(columns, shown)


def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(help="A version of the administrative units, such as 2025-06-30.")],
    after: Annotated[str, typer.Argument(help="A later or earlier one.")],
    as_json: AsJson = False,
) -> None:
    """What two versions of the administrative units differ in, and how many units have no one successor."""
    found = difference(of_home(where(context).home), before, after)
    if as_json:
        say_json([asdict(one) for one in found])
        return
    columns = ("level", before, after, "codes gone", "codes new", "codes renamed", "carried over by", "undecided")
    told = (", ".join(f"{rule} {count}" for rule, count in sorted(one.told.items())) for one in found)
    table(
        columns,
        [
            (one.level, one.before, one.after, one.gone, one.new, one.renamed, how, len(one.undecided))
            for one, how in zip(found, told, strict=True)
        ],
    )


def _codes(answer: Resolution) -> tuple[str, ...]:
    return (answer.unit,) if answer.unit else answer.candidates


def open_values(
    context: typer.Context,
    list: Annotated[str | None, typer.Option(help="Only this list.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only this agency.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most frequent ones.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Values in the warehouse that wait for a steward: not read, not decided or contradictory, most frequent first."""
    with Warehouse(where(context).settings()) as warehouse:
        columns, rows = waiting(warehouse, list, agency, limit)
    if as_json:
        say_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table(columns, [[cell if isinstance(cell, str | int) else " ".join(cell) for cell in row] for row in rows])


def check(context: typer.Context) -> None:
    """Whether every list is sound and as it was released, or file and line of what is not."""
    lists = of_home(where(context).home)
    if found := deviations(resource("codelists")):
        for line in found:
            say(line)
        raise typer.Exit(BAD)
    say(f"{len(lists.names())} lists are sound and as released, content {lists.content_hash()[:12]}")
