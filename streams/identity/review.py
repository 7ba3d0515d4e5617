"""What a clerk should look at: pairs in doubt, by how many persons a decision would change, and contradictions.

It is a function of the state at rest, so whatever the order of events the same is asked in the end.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from streams.identity.cut import Verdicts, pair
from streams.identity.engine import Engine
from streams.identity.state import Question
from streams.identity.weigh import VETO, Rule, Weight

Pair = tuple[str, str]


class Doubt(NamedTuple):
    """A pair between yes and no: how many persons the decision against the present state would change."""

    x: str
    y: str
    weight: Weight
    together: bool
    persons: int


class Conflict(NamedTuple):
    """A pair where evidence contradicts evidence, or a verdict."""

    x: str
    y: str
    what: str


def questions(engine: Engine, rows: Iterable[str]) -> dict[Pair, Question]:
    """Everything that a clerk should say of `rows`, by pair: doubts and conflicts, as they are published."""
    rows = list(rows)
    found: dict[Pair, Question] = {
        (one.x, one.y): Question("doubt", one.weight.bits, one.together, one.persons) for one in doubts(engine, rows)
    }
    for x, y, what in conflicts(engine, rows):
        bits, members = engine.linker.weigh(x, y).bits, engine.state.members
        kind: Literal["conflict", "contradicted"] = "conflict" if what == Rule.CONFLICT else "contradicted"
        together = members[x] == members[y]
        found[x, y] = Question(kind, bits if bits > VETO else None, together, 1 if together else 2)
    return found


def doubts(engine: Engine, rows: Iterable[str]) -> list[Doubt]:
    """Undecided pairs of `rows` in the review band, those first whose decision would change most persons.

    A pair counts once although both its rows are given; one whose decision would change nobody is left out.
    """
    limits = engine.model.limits
    found = [
        Doubt(x, y, weight, engine.state.members[x] == engine.state.members[y], _changed(engine, x, y))
        for x, y, weight in _pairs(engine, rows)
        if limits.store <= weight.bits < limits.review and not _decided(engine, x, y)
    ]
    return sorted((doubt for doubt in found if doubt.persons), key=lambda one: (-one.persons, one.x, one.y))


def conflicts(engine: Engine, rows: Iterable[str]) -> list[Conflict]:
    """Pairs of `rows` with the right number and another name and date, and verdicts that evidence speaks against."""
    rows = sorted(set(rows))
    found = [
        Conflict(x, y, weight.rule)
        for x, y, weight in _pairs(engine, rows)
        if weight.rule is Rule.CONFLICT and not _decided(engine, x, y)
    ]
    verdicts = engine.verdicts(rows)
    for x, y in sorted(verdicts.same):
        if _live(engine, x, y) and engine.linker.weigh(x, y).bits < engine.model.limits.store:
            found.append(Conflict(x, y, "told to be one person, evidence says two"))
    for x, y in sorted(verdicts.different):
        if _live(engine, x, y) and engine.linker.weigh(x, y).certified:
            found.append(Conflict(x, y, "told to be two persons, a number says one"))
    return sorted(set(found))


def _pairs(engine: Engine, rows: Iterable[str]) -> Iterator[tuple[str, str, Weight]]:
    seen = set()
    for x in rows:
        for y, weight in engine.state.edges.get(x, {}).items():
            if pair(x, y) not in seen:
                seen.add(pair(x, y))
                yield *pair(x, y), weight


def _decided(engine: Engine, x: str, y: str) -> bool:
    found = engine.state.verdicts.get(x, {}).get(y)
    return found is not None and found.what != "revoked"


def _live(engine: Engine, x: str, y: str) -> bool:
    return x in engine.state.members and y in engine.state.members


def _changed(engine: Engine, x: str, y: str) -> int:
    """How many of the present persons would be others after the decision that would change something."""
    members, persons = engine.state.members, engine.state.persons
    rows = engine.component(x) | engine.component(y)
    held = engine.verdicts(rows)
    if members[x] == members[y]:
        decided = held._replace(different=held.different | {pair(x, y)})
    else:
        decided = held._replace(same=held.same | {pair(x, y)})
    after = {frozenset(group) for group in engine.cut(rows, Verdicts(*decided)).groups}
    return sum(persons[golden].rows not in after for golden in {members[row] for row in rows})
