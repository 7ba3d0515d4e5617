"""`suoi reconcile`: is what we hold still what the source has? Slowly, window by window, and repaired on request."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import typer

from ops import files
from ops.commands.context import AsJson, where
from ops.console import note, say, say_json, table
from ops.exits import BAD, OK
from ops.reconcile.ledger import MOST_OPEN
from ops.reconcile.pace import Pace
from ops.reconcile.repair import Repairer
from ops.reconcile.run import Outcome, Runner, tools
from ops.verify.answer import masked
from ops.verify.compare import Difference
from suoi.errors import UserError
from suoi.sources import Source

_COUNTS = ("missing", "extra", "different", "refused", "closed")


def register(app: typer.Typer) -> None:
    """Put this verb on the command line."""
    app.command("reconcile")(reconcile)


def reconcile(
    context: typer.Context,
    only: Annotated[str, typer.Argument(help="An agency or <agency>.<table>; all when left out.")] = "",
    repair: Annotated[bool, typer.Option("--repair", help="Load again what differs, delete what is extra.")] = False,
    rows_per_second: Annotated[
        int | None, typer.Option(min=1, help="Rows read at a source; never more than its file allows.")
    ] = None,
    json: AsJson = False,
    show: Annotated[bool, typer.Option("--show", help="Show keys that hold personal data.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the watermark, a load or a delete.")] = 120.0,
) -> None:
    """Compare source and warehouse window by window, harming neither; exit code 0 only when nothing differs."""
    here, found = where(context), list[Outcome]()
    chosen = list(_chosen(list(files.active(here.home).values()), only))
    with tools(here.settings(), here.clock) as made:
        runner = Runner(made, timeout, note)
        repairer = Repairer(runner, timeout, note)
        for source, name in chosen:
            allowed = source.harm.snapshot_rows_per_second
            pace = Pace(min(rows_per_second or allowed, allowed))
            outcome = runner.run(source, name, pace)
            found.append(repairer.repair(source, name, outcome, pace) if repair and not outcome.skipped else outcome)
    secret = {f"{source.agency}.{source.tables[name].name}": source.tables[name].pii.columns for source, name in chosen}
    if json:
        say_json({"good": _good(found), "tables": [_as_json(one, show, secret) for one in found]})
    else:
        _show(found, show, secret)
    raise typer.Exit(OK if _good(found) else BAD)


def _chosen(sources: Sequence[Source], only: str) -> Iterator[tuple[Source, str]]:
    """Source and `<schema>.<table>` of what was asked for. Raises UserError."""
    agency, _, table = only.partition(".")
    mine = [source for source in sources if agency in ("", source.agency)]
    if not mine:
        valid = " ".join(source.agency for source in sources) or "suoi up, or suoi source add <file>"
        raise UserError(
            f"agency {agency!r} is not active; valid: {valid}" if agency else f"no source is active; {valid}"
        )
    names = [(source, key) for source in mine for key, one in source.tables.items() if table in ("", one.name)]
    if not names:
        valid = " ".join(one.name for source in mine for one in source.tables.values())
        raise UserError(f"table {only} is not captured; valid: {valid}")
    yield from names


def _good(found: Iterable[Outcome]) -> bool:
    return all(one.good for one in found)


def _show(found: Sequence[Outcome], show: bool, secret: dict[str, frozenset[str]]) -> None:
    columns = ("table", "source_rows", "warehouse_rows", *_COUNTS, "seconds", "note")
    table(columns, [[*_counted(one).values(), f"{one.seconds:.1f}", _note(one)] for one in found])
    for one in found:
        for difference in one.drift:
            say(_line(one, difference, show, secret))
        if (more := one.counts.drift - len(one.drift)) > 0:
            say(f"{one.agency}.{one.table}: {more} more")
        if one.counts.drift > MOST_OPEN:
            say(f"{one.agency}.{one.table}: too many to repair by key; suoi table resnapshot {one.agency}.{one.table}")
        if one.not_compared:
            say(f"{one.agency}.{one.table}: not compared: {', '.join(one.not_compared)}")
    say("equal" if _good(found) else "NOT EQUAL" if any(one.counts.drift for one in found) else "NOT ALL COMPARED")


def _counted(one: Outcome) -> dict[str, Any]:
    counts = one.counts
    rows = {"source_rows": counts.source, "warehouse_rows": counts.warehouse}
    return {"table": f"{one.agency}.{one.table}", **rows, **{name: getattr(counts, name) for name in _COUNTS}}


def _note(one: Outcome) -> str:
    repaired = ", ".join(f"{count} {how}" for how, count in one.repaired.items())
    return f"skipped: {one.skipped}" if one.skipped else repaired


def _line(one: Outcome, difference: Difference, show: bool, secret: dict[str, frozenset[str]]) -> str:
    columns = f": {', '.join(difference.columns)}" if difference.columns else ""
    key = ", ".join(_key(one, difference, show, secret))
    return f"{one.agency}.{one.table} ({key}): {difference.kind}{columns}"


def _key(one: Outcome, difference: Difference, show: bool, secret: dict[str, frozenset[str]]) -> list[str]:
    hidden = secret[f"{one.agency}.{one.table}"]
    pairs = zip(one.key, difference.key, strict=True)
    return [text if show or name not in hidden else masked(text, show) for name, text in pairs]


def _as_json(one: Outcome, show: bool, secret: dict[str, frozenset[str]]) -> dict[str, Any]:
    drift = [
        {"kind": found.kind, "key": _key(one, found, show, secret), "columns": list(found.columns)}
        for found in one.drift
    ]
    more = {"seconds": round(one.seconds, 1), "skipped": one.skipped, "repaired": dict(one.repaired)}
    return {**_counted(one), **more, "not_compared": list(one.not_compared), "drift": drift}
