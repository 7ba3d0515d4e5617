"""What a steward types becomes a decision: checked before anybody else sees it, declared as a revision of its own."""

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from streams import revisions
from streams.conform.step import RULES
from streams.declaration import declare, known
from streams.revisions import Declared
from suoi.codelists.clean import is_missing, tidy
from suoi.codelists.decision import Decision, Scope
from suoi.codelists.lists import ADMIN_UNIT, Lists
from suoi.errors import Bug, UserError
from suoi.ids import AgencyId, TableName
from suoi.naming import field_name
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import CodeBinding, Source

TO_COME = "to come"
"""Id of a decision that is not declared yet."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What was typed."""

    list: str
    raw: str
    unit: str
    version: str | None
    """Of the unit; None: the newest one that has it."""
    place: str
    since: date | None
    until: date | None
    text: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A column that is bound to a list, as it is called downstream."""

    agency: AgencyId
    table: TableName
    column: str
    binding: CodeBinding

    @property
    def place(self) -> str:
        """As the scope of a decision names it."""
        return f"{self.agency}.{self.table}.{self.column}"


def decision(lists: Lists, sources: Mapping[AgencyId, Source], meant: Meant, now: datetime) -> Decision:
    """The decision that was typed. Raises UserError naming the value, the place and the valid choices."""
    if meant.list not in lists.names():
        raise UserError(f"unknown list {meant.list!r}; valid are {', '.join(lists.names())}")
    raw = tidy(meant.raw)
    if is_missing(raw):
        raise UserError(f"value {meant.raw!r} means that nothing was filled in; valid: a value that says something")
    _check_reason(meant.why)
    if meant.since and meant.until and meant.since >= meant.until:
        raise UserError(f"no day is from {meant.since} on and before {meant.until}; valid: an earlier --from")
    _check_place(sources, meant.list, meant.place)
    version = _version(lists, meant)
    scope = Scope(meant.place, meant.since, meant.until, tidy(meant.text) if meant.text is not None else None)
    return Decision(TO_COME, meant.list, raw, meant.unit, version, scope, now, getpass.getuser(), meant.why.strip())


def decide(settings: Settings, lists: Lists, new: Decision) -> Decision:
    """Put a decision in force; the answer has its id. Raises UserError, Contract, Transient."""
    return _declare(settings, partial(revisions.deciding, rules=RULES, lists=lists.content_hash(), meant=new)).decided[
        0
    ]


def revoke(settings: Settings, lists: Lists, id: str, why: str, now: datetime) -> Declared:
    """End a decision. Raises UserError, Contract, Transient."""
    _check_reason(why)
    content, who, why = lists.content_hash(), getpass.getuser(), why.strip()
    return _declare(settings, lambda declared: revisions.revoking(declared, RULES, content, id, now, who, why))


def known_decisions(settings: Settings) -> list[Declared]:
    """Every revision that was declared. Raises Transient."""
    with closing(Registry(settings)) as registry:
        return known(settings, registry)


def bound_columns(sources: Mapping[AgencyId, Source], list: str) -> Iterator[Bound]:
    """Every column that is bound to a list."""
    for source in sources.values():
        for table in source.tables.values():
            for column, binding in sorted(table.codes.items()):
                if binding.list == list:
                    yield Bound(source.agency, table.name, field_name(column), binding)


def _declare(settings: Settings, following: Callable[[Sequence[Declared]], Declared]) -> Declared:
    with closing(Registry(settings)) as registry:
        if (new := declare(settings, registry, following)) is None:
            raise Bug("a decision was to be declared and no revision came of it")
        return new


def _check_reason(why: str) -> None:
    if not why.strip():
        raise UserError("--why is empty; valid: a sentence for whoever asks later")


def _check_place(sources: Mapping[AgencyId, Source], list: str, place: str) -> None:
    columns = [one.place for one in bound_columns(sources, list)]
    if place and not any(Scope(place).holds(column) for column in columns):
        raise UserError(
            f"--source {place!r}: nothing there is bound to list {list}; valid: {' '.join(columns) or 'no column is'}, "
            "or the agency or table in front"
        )


def _version(lists: Lists, meant: Meant) -> str:
    """The version that the unit is of: as given, or the newest that has it."""
    if meant.list != ADMIN_UNIT:
        known_list = lists.coded[meant.list]
        if meant.version not in (None, known_list.version):
            raise UserError(f"units of list {meant.list} are written in {known_list.version}, not {meant.version!r}")
        if meant.unit not in known_list.titles:
            raise UserError(f"list {meant.list} has no unit {meant.unit!r}; valid: {' '.join(known_list.titles)}")
        return known_list.version
    having = [version for version in lists.units.versions if meant.unit in lists.units.at(version).units]
    if not having:
        raise UserError(f"no version of {ADMIN_UNIT} has the unit {meant.unit!r}; valid: 2, 3 or 5 digits of one")
    if meant.version not in (None, *having):
        raise UserError(f"the list of {meant.version!r} has no unit {meant.unit!r}; valid: --of {' '.join(having)}")
    return meant.version or having[-1]
