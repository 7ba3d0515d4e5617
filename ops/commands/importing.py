"""`suoi codelist import`: a new official version, checked, told in numbers, and put in force."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from ops.codelists.differing import difference
from ops.codelists.importing import Arrival, arrival, changed_codes, changed_units, install
from ops.codelists.rows import rows_holding
from ops.codelists.serving import serve
from ops.commands.context import Where, where
from ops.console import say, table
from ops.files import readable
from streams.declaration import put_in_force
from suoi.errors import Transient, UserError
from suoi.registry import Registry
from suoi.warehouse import Warehouse


def import_version(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="<date>.csv and crosswalk_<date>.csv, or <list>.csv.")],
    apply: Annotated[bool, typer.Option("--apply", help="Put it in force; otherwise it is only told.")] = False,
    why: Annotated[str, typer.Option(help="For whoever asks later: the legal source.")] = "",
) -> None:
    """Check a new official version, say in numbers what it changes, and with --apply put it in force."""
    here = where(context)
    if apply and not why.strip():
        raise UserError("--apply needs --why; valid: the legal source, such as the number and day of a resolution")
    arrived = arrival(folder, here.home)
    if arrived.after.content_hash() == arrived.before.content_hash():
        say("nothing differs from the lists that are read")
    _tell(arrived)
    _tell_rows(here, arrived)
    if not apply:
        say("nothing is changed yet; --apply --why ... puts it in force")
        return
    install(arrived.files, here.home)
    say(f"{len(arrived.files)} files are in the home folder")
    try:
        _put_in_force(here, arrived, why.strip())
    except Transient as exc:
        say(f"{exc}: the next `suoi up` puts the lists in force")


def _tell(arrived: Arrival) -> None:
    versions = arrived.after.units.versions
    for version in arrived.versions:
        before = versions[versions.index(version) - 1]
        shown = [
            (one.level, one.before, one.after, one.gone, one.new, one.renamed, len(one.undecided))
            for one in difference(arrived.after, before, version)
        ]
        table(("level", before, version, "codes gone", "codes new", "codes renamed", "undecided"), shown)
    if codes := list(changed_codes(arrived)):
        table(("list", "coding", "codes new", "codes gone", "changed"), codes)


def _tell_rows(here: Where, arrived: Arrival) -> None:
    if not arrived.versions:
        return
    changed = changed_units(arrived)
    try:
        with Warehouse(here.settings()) as warehouse:
            found = rows_holding(warehouse, readable(here.home)[0], changed)
    except Transient as exc:
        say(f"{len(changed)} units change; rows are not counted: {exc}")
        return
    say(f"{len(changed)} units change, {sum(rows for _, rows in found)} rows of the warehouse hold one of them")
    if found:
        table(("column", "rows"), found)


def _put_in_force(here: Where, arrived: Arrival, why: str) -> None:
    settings, lists = here.settings(), arrived.after
    with closing(Registry(settings)) as registry:
        new = put_in_force(settings, registry, lists.content_hash(), here.clock.now(), why)
    say(f"revision {new.number} is in force" if new else "these lists are in force already")
    serve(settings, lists, say)
