"""Why two rows weigh what they weigh, how a person came together, why two rows are not one person."""

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import combinations, product
from typing import NamedTuple

from streams.identity.cut import Union, pair
from streams.identity.engine import Engine
from streams.identity.features import Features
from streams.identity.keys import meaning
from streams.identity.state import Verdict
from streams.identity.weigh import VETO, Line, Weight

_INFINITE = 10**12


class Dead(NamedTuple):
    """A key that both rows hold, and too many others with them: how many rows do, how many may."""

    key: str
    rows: int
    cap: int


class Why(NamedTuple):
    """A pair: its weight, the lines that add up to it exactly (millibits), active keys both hold, those that are not
    active any more, the verdict on it."""

    x: str
    y: str
    weight: Weight
    lines: list[Line]
    keys: list[str]
    dead: list[Dead]
    verdict: Verdict | None


class How(NamedTuple):
    """A person: the steps it was joined by, the weakest of them, pairs inside that weigh against it (those first that
    weigh least), and verdicts."""

    unions: list[Union]
    weakest: Union | None
    against: list[tuple[str, str, int]]
    decided: list[tuple[str, str, Verdict]]


class Forbidden(NamedTuple):
    """A pair that a rule or a verdict keeps apart."""

    x: str
    y: str
    by: str


class Apart(NamedTuple):
    """Two rows that are not one person: the reason in a line, the pair itself, all pairs of their persons that are
    kept apart, and what weighs between the persons on average over all pairs (millibits)."""

    reason: str
    pair: Why
    forbidden: list[Forbidden]
    mean: float


def why(engine: Engine, x: str, y: str) -> Why:
    """The evidence for and against two live rows being one person; raises KeyError for a row that is not there."""
    x, y = pair(x, y)
    a, b = _features(engine, x), _features(engine, y)
    scorer, linker = engine.linker.scorer, engine.linker
    held = sorted(engine.state.rows[x].keys & engine.state.rows[y].keys)
    dead = [Dead(key, engine.state.blocks.size(key), linker.cap(key)) for key in held if not linker.active(key)]
    return Why(x, y, scorer.weigh(a, b), scorer.lines(a, b), linker.shared(x, y), dead, decided(engine, x, y))


def strongest(engine: Engine, left: Iterable[str], right: Iterable[str]) -> tuple[str, str]:
    """The pair of a live row of each that weighs most; raises ValueError when there is no pair."""
    pairs = {pair(x, y) for x, y in product(left, right) if x != y}
    return max(sorted(pairs), key=lambda one: engine.linker.weigh(*one).bits)


def way(engine: Engine, x: str, y: str) -> list[tuple[str, str, int]]:
    """From row to row of their person, by links whose weakest is as strong as can be; empty where none lead there."""
    rows = engine.state.persons[engine.state.members[x]].rows
    came: dict[str, str] = {}
    ahead = [(-_INFINITE, x, x)]
    while ahead:
        least, at, before = heappop(ahead)
        if at in came:
            continue
        came[at] = before
        if at == y:
            break
        for other, weight in engine.state.edges.get(at, {}).items():
            if other in rows and other not in came and weight.bits >= engine.model.limits.link:
                heappush(ahead, (max(least, -weight.bits), other, at))
    return _steps(engine, came, y) if y in came else []


def how(engine: Engine, golden: str) -> How:
    """How the rows of a live person came together; raises KeyError for an id that is not live."""
    rows = engine.state.persons[golden].rows
    cut = engine.cut(engine.component(min(rows)))
    unions = [union for union in cut.unions if rows.issuperset(union.left)]
    weakest = min(unions, key=lambda union: (union.mean, union.left), default=None)
    pairs = [(x, y, engine.linker.weigh(x, y).bits) for x, y in combinations(sorted(rows), 2)]
    against = sorted(
        (one for one in pairs if one[2] < engine.model.limits.cut), key=lambda one: (one[2], one[0], one[1])
    )
    told = [(x, y, of) for x, y, _ in pairs if (of := decided(engine, x, y)) is not None]
    return How(unions, weakest, against, told)


def whynot(engine: Engine, x: str, y: str) -> str:
    """What keeps two live rows apart, in one line; raises KeyError for a row that is not there."""
    members, found = engine.state.members, why(engine, x, y)
    if members[x] == members[y]:
        return "nothing: they are one person"
    if found.verdict and found.verdict.what == "different":
        return f"a verdict of {found.verdict.author or 'somebody'}"
    if found.weight.rule:
        return f"a rule: {found.weight.rule}"
    needed = engine.model.limits.link
    if found.weight.bits < needed:
        return f"too little evidence: {found.weight.bits / 1000:.1f} bits of {needed / 1000:.1f}"
    if not found.keys:
        return f"they were never compared: {_unmet(found.dead)}"
    return f"the rest of their persons: cut at {_mean(engine, x, y) / 1000:.1f} bits"


def apart(engine: Engine, x: str, y: str) -> Apart:
    """What keeps two live rows, and the persons they are of, apart; raises KeyError for a row that is not there."""
    forbidden = []
    for a, b in _between(engine, x, y):
        verdict, weight = decided(engine, a, b), engine.linker.weigh(a, b)
        if verdict is not None and verdict.what == "different":
            forbidden.append(Forbidden(a, b, f"a verdict of {verdict.author or 'somebody'}"))
        elif weight.bits == VETO:
            forbidden.append(Forbidden(a, b, f"a rule: {weight.rule}"))
    return Apart(whynot(engine, x, y), why(engine, x, y), forbidden, _mean(engine, x, y))


def decided(engine: Engine, x: str, y: str) -> Verdict | None:
    """The verdict on two rows that holds."""
    found = engine.state.verdicts.get(x, {}).get(y)
    return found if found and found.what != "revoked" else None


def _unmet(dead: list[Dead]) -> str:
    """Why rows that hold these keys together do not meet."""
    if not dead:
        return "no key in common"
    told = "; ".join(f"{meaning(of.key)}: {of.rows} rows, at most {of.cap}" for of in dead)
    return f"too many rows hold what they have in common ({told})"


def _steps(engine: Engine, came: dict[str, str], y: str) -> list[tuple[str, str, int]]:
    steps = []
    while came[y] != y:
        steps.append((came[y], y, engine.linker.weigh(*pair(came[y], y)).bits))
        y = came[y]
    return steps[::-1]


def _between(engine: Engine, x: str, y: str) -> list[tuple[str, str]]:
    members, persons = engine.state.members, engine.state.persons
    return sorted({pair(a, b) for a, b in product(persons[members[x]].rows, persons[members[y]].rows) if a != b})


def _mean(engine: Engine, x: str, y: str) -> float:
    """What weighs between the persons of two rows, on average over all their pairs."""
    pairs = _between(engine, x, y)
    different = engine.verdicts({row for each in pairs for row in each}).different
    return sum(VETO if each in different else engine.linker.weigh(*each).bits for each in pairs) / len(pairs)


def _features(engine: Engine, rid: str) -> Features:
    found = engine.state.rows[rid].features
    if found is None:
        raise KeyError(rid)
    return found
