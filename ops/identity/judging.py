"""What a clerk says of two persons or rows becomes verdicts on pairs of rows: tried on the store, then published."""

import getpass
from collections.abc import Iterable
from datetime import datetime
from itertools import product
from typing import NamedTuple

from ops.identity.looking import Found
from streams.identity.cut import Pair, Verdicts, pair
from streams.identity.engine import Engine
from streams.identity.explain import decided
from suoi import verdicts
from suoi.errors import UserError
from suoi.publishing import publish
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import VERDICT
from suoi.verdicts import VerdictRecord, What, verdict


class Effect(NamedTuple):
    """How many persons the rows concerned are, now and with the verdicts."""

    before: int
    after: int


def pairs(engine: Engine, what: What, a: Found, b: Found) -> list[Pair]:
    """The pairs of rows that have to be decided. Raises UserError where there are none.

    Persons are one when every row of each is tied to a row of the other; two when no row of one is tied to any of the
    other, and these verdicts are the ones to revoke.
    """
    if shared := set(a.rows) & set(b.rows):
        raise UserError(f"A and B share {len(shared)} rows; valid: two persons, or two rows of one (<id>#<no>)")
    if what == "same":
        ties = [(x, min(b.rows)) for x in a.rows] + [(min(a.rows), y) for y in b.rows]
        return sorted({pair(x, y) for x, y in ties})
    across = sorted(pair(x, y) for x, y in product(a.rows, b.rows))
    if what == "different":
        return across
    if not (held := [(x, y) for x, y in across if decided(engine, x, y)]):
        raise UserError(f"no verdict holds on {a.asked} and {b.asked}; valid: a pair of suoi person verdicts")
    return held


def effect(engine: Engine, what: What, found: Iterable[Pair]) -> Effect:
    """What the verdicts would change."""
    found = frozenset(found)
    rows = frozenset(row for x, y in found for row in engine.component(x) | engine.component(y))
    held = engine.verdicts(rows)
    after = Verdicts(
        held.same | found if what == "same" else held.same - found,
        held.different | found if what == "different" else held.different - found,
    )
    concerned = {row for one in found for row in one}
    groups = [group for group in engine.cut(rows, after).groups if not concerned.isdisjoint(group)]
    return Effect(len({engine.state.members[row] for row in concerned}), len(groups))


def judge(settings: Settings, what: What, found: Iterable[Pair], why: str, now: datetime) -> list[VerdictRecord]:
    """Publish the verdicts; the identity worker takes them as they come. Raises Transient, and may be repeated."""
    author = getpass.getuser()
    told = [verdict(x, y, what, author, why.strip(), now) for x, y in found]
    schema_id = Registry(settings).register(f"{VERDICT}-value", verdicts.schema())
    publish(settings, VERDICT, [verdicts.encode(one, schema_id) for one in told])
    return told


def standing(engine: Engine) -> list[Pair]:
    """The pairs on which a verdict holds."""
    held = engine.state.verdicts
    return sorted((x, y) for x in held for y, of in held[x].items() if x < y and of.what != "revoked")


def check_reason(why: str) -> None:
    """Raises UserError when nothing is said."""
    if not why.strip():
        raise UserError("--why is empty; valid: a sentence for whoever asks later")
