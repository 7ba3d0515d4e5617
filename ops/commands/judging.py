"""`suoi person same | different | revoke | verdicts | review`: what a clerk decides, and what there is to decide."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from ops.commands.context import AsJson, where
from ops.console import say, say_json, table
from ops.identity.judging import Effect, check_reason, effect, judge, pairs, standing
from ops.identity.looking import find_one, looking
from ops.identity.waiting import Waiting, waiting
from suoi.verdicts import What

_ASKED = "A golden id (a retired one leads on), a row (<id>#<no>, or agency.table|key|role) or a number."
A = Annotated[str, typer.Argument(help=_ASKED)]
B = Annotated[str, typer.Argument(help="The same.")]
Why = Annotated[str, typer.Option(help="For whoever asks later.")]
OnlyTry = Annotated[bool, typer.Option("--try", help="Say what it would change, and decide nothing.")]


def same(context: typer.Context, a: A, b: B, why: Why, only_try: OnlyTry = False, as_json: AsJson = False) -> None:
    """Decide that two persons, or two rows, are one person, whatever the evidence says, until it is revoked."""
    _judge(context, "same", a, b, why, only_try, as_json)


def different(context: typer.Context, a: A, b: B, why: Why, only_try: OnlyTry = False, as_json: AsJson = False) -> None:
    """Decide that two persons, or two rows, are two persons, whatever the evidence says, until it is revoked."""
    _judge(context, "different", a, b, why, only_try, as_json)


def revoke(context: typer.Context, a: A, b: B, why: Why, only_try: OnlyTry = False, as_json: AsJson = False) -> None:
    """End the verdicts on two persons, or two rows: the evidence alone counts again."""
    _judge(context, "revoked", a, b, why, only_try, as_json)


def verdicts(context: typer.Context, as_json: AsJson = False) -> None:
    """The verdicts that hold: rows, author and reason."""
    here = where(context)
    with looking(here.home, here.clock.now()) as look:
        teller = look.teller("verdicts")
        told = [teller.judged(x, y) for x, y in standing(look.engine)]
    if as_json:
        return say_json(told)
    return table(
        ("verdict", "row", "row", "author", "why"),
        [(one["verdict"], *one["rows"], one["author"], one["why"]) for one in told],
    )


def review(
    context: typer.Context,
    most: Annotated[int, typer.Option(help="So many pairs at most.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """What a clerk should look at: contradictions, then pairs in doubt, by how many persons a decision would change."""
    here = where(context)
    with looking(here.home, here.clock.now()) as look:
        found = waiting(look.engine, look.teller("review"), most)
    say_json(found._asdict()) if as_json else _tell(found)


def _judge(context: typer.Context, what: What, a: str, b: str, why: str, only_try: bool, as_json: bool) -> None:
    check_reason(why)
    here = where(context)
    with looking(here.home, here.clock.now()) as look:
        one, other = find_one(look.engine, a), find_one(look.engine, b)
        found = pairs(look.engine, what, one, other)
        would = effect(look.engine, what, found)
        rows = [[look.teller(what).row(row) for row in each] for each in found]
    if not only_try:
        judge(here.settings(), what, found, why, here.clock.now())
    if as_json:
        return say_json({"decided": not only_try, "pairs": rows, "persons": would._asdict()})
    return say(_said(what, len(found), would, only_try))


def _said(what: What, count: int, would: Effect, only_try: bool) -> str:
    told = "revoked" if what == "revoked" else f"told to be {'one person' if what == 'same' else 'two persons'}"
    about = f"{count} pair{'' if count == 1 else 's'} of rows {told}: in persons they are {would.before} now"
    return f"nothing is decided yet: {about} and {would.after} then" if only_try else f"{about} and {would.after} soon"


def _tell(found: Waiting) -> None:
    for one in found.conflicts:
        say(f"contradiction: {' and '.join(one['rows'])}: {one['what']}")
    table(
        ("row", "row", "bits", "now", "persons it would change"),
        [(*one["rows"], f"{one['bits']:.3f}", one["now"], one["persons"]) for one in found.doubts],
    )
    if found.more:
        say(f"{found.more} more pairs wait; --most shows more")


JUDGING: Mapping[str, Callable[..., Any]] = {
    "same": same,
    "different": different,
    "revoke": revoke,
    "verdicts": verdicts,
    "review": review,
}
