"""Decisions as a steward reads them."""

from collections.abc import Sequence
from typing import Any

from streams.revisions import Declared
from suoi.codelists.decision import Decision
from suoi.codelists.lists import ADMIN_UNIT, Lists

SHOWN = ("id", "list", "raw", "means", "where", "from", "to", "text", "author", "time", "why", "revoked")


def history(declared: Sequence[Declared]) -> list[dict[str, Any]]:
    """Every decision ever taken, oldest first; `revoked` says when, by whom and why, empty while it holds."""
    ended = {id: f"{one.time:%Y-%m-%d %H:%M} by {one.author}: {one.reason}" for one in declared for id in one.revoked}
    taken = [decision for one in sorted(declared, key=lambda one: one.number) for decision in one.decided]
    return [dict(zip(SHOWN, (*_cells(one), ended.get(one.id, "")), strict=True)) for one in taken]


def named(lists: Lists, decision: Decision) -> str:
    """The unit of a decision with its name and its version: a code alone says nothing."""
    unit, version = decision.unit, decision.version
    if decision.list != ADMIN_UNIT:
        title = lists.coded[decision.list].titles[unit]
        return unit if title == unit else f"{unit} ({title})"
    there = lists.units.at(version)
    inside = there.units[there.province(unit)].full_name
    return f"{unit} ({there.units[unit].full_name}, {inside}) of {version}"


def _cells(decision: Decision) -> tuple[str, ...]:
    scope = decision.scope
    days = (str(day or "") for day in (scope.since, scope.until))
    means = f"{decision.unit} of {decision.version}"
    said = (f"{decision.time:%Y-%m-%d %H:%M}", decision.reason)
    return (
        decision.id,
        decision.list,
        decision.raw,
        means,
        scope.place,
        *days,
        scope.text or "",
        decision.author,
        *said,
    )
