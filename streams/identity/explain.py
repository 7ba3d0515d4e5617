"""Why two rows weigh what they weigh, how a person came together, why two rows are not one person."""

from typing import NamedTuple

from streams.identity.cut import Union
from streams.identity.engine import Engine
from streams.identity.features import Features
from streams.identity.state import Verdict
from streams.identity.weigh import VETO, Line, Weight


class Why(NamedTuple):
    """A pair: its weight, the lines that add up to it exactly (millibits), active keys both hold, the verdict on it."""

    weight: Weight
    lines: list[Line]
    keys: list[str]
    verdict: Verdict | None


class How(NamedTuple):
    """A person: the steps it was joined by, the weakest of them, and pairs inside that weigh against it."""

    unions: list[Union]
    weakest: Union | None
    against: list[tuple[str, str, int]]


def why(engine: Engine, x: str, y: str) -> Why:
    """The evidence for and against two live rows being one person; raises KeyError for a row that is not there."""
    x, y = sorted((x, y))
    a, b = _features(engine, x), _features(engine, y)
    scorer = engine.linker.scorer
    return Why(scorer.weigh(a, b), scorer.lines(a, b), engine.linker.shared(x, y), _verdict(engine, x, y))


def how(engine: Engine, golden: str) -> How:
    """How the rows of a live person came together; raises KeyError for an id that is not live."""
    rows = engine.state.persons[golden].rows
    cut = engine.cut(engine.component(min(rows)))
    unions = [union for union in cut.unions if rows.issuperset(union.left)]
    weakest = min(unions, key=lambda union: (union.mean, union.left), default=None)
    ordered = sorted(rows)
    pairs = ((x, y, engine.linker.weigh(x, y).bits) for at, x in enumerate(ordered) for y in ordered[at + 1 :])
    return How(unions, weakest, [found for found in pairs if found[2] < engine.model.limits.cut])


def whynot(engine: Engine, x: str, y: str) -> str:
    """What keeps two live rows apart, in one line; raises KeyError for a row that is not there."""
    x, y = sorted((x, y))
    members, found = engine.state.members, why(engine, x, y)
    if members[x] == members[y]:
        return "nothing: they are one person"
    if found.verdict and found.verdict.what == "different":
        return f"a verdict of {found.verdict.author or 'somebody'}"
    if found.weight.rule:
        return f"a rule: {found.weight.rule}"
    if found.weight.bits < engine.model.limits.link:
        return f"too little evidence: {found.weight.bits / 1000:.1f} bits"
    if not found.keys:
        return "they were never compared: no active key in common"
    return f"the rest of their persons: cut at {_mean(engine, x, y) / 1000:.1f} bits"


def _mean(engine: Engine, x: str, y: str) -> float:
    """What weighs between the persons of two rows, on average over all their pairs."""
    members, persons = engine.state.members, engine.state.persons
    left, right = persons[members[x]].rows, persons[members[y]].rows
    different = engine.verdicts(left | right).different
    total = 0
    for a, b in (tuple(sorted((a, b))) for a in left for b in right):
        total += VETO if (a, b) in different else engine.linker.weigh(a, b).bits
    return total / (len(left) * len(right))


def _verdict(engine: Engine, x: str, y: str) -> Verdict | None:
    found = engine.state.verdicts.get(x, {}).get(y)
    return found if found and found.what != "revoked" else None


def _features(engine: Engine, rid: str) -> Features:
    found = engine.state.rows[rid].features
    if found is None:
        raise KeyError(rid)
    return found
