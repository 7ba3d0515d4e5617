"""What a clerk is asked: published again only where it reads otherwise than before."""

from collections.abc import MutableMapping, Sequence
from hashlib import blake2b

import orjson

from streams.identity.cut import pair
from streams.identity.engine import Engine
from streams.identity.published import THOUSANDTHS, ReviewOut
from streams.identity.review import questions
from streams.identity.state import Question, State


def news(engine: Engine, rows: Sequence[str], version: int) -> list[ReviewOut]:
    """What is asked otherwise than before of `rows`, in the order of the pairs; the state holds it as asked."""
    state, now = engine.state, questions(engine, rows)
    before = {pair(x, y): of for x in rows for y, of in state.asked.get(x, {}).items()}
    outs = list[ReviewOut]()
    for x, y in sorted(now.keys() | before.keys()):
        if (of := now.get((x, y))) != before.get((x, y)):
            outs.append(told(x, y, of or before[x, y], version, of is not None))
            _keep(state.asked, x, y, of)
            _keep(state.asked, y, x, of)
    for rid in rows:
        del state.unasked[rid]
    return outs


def waiting(state: State, rid: str, version: int) -> list[ReviewOut]:
    """What waits of a row."""
    return [told(*pair(rid, other), of, version) for other, of in state.asked.get(rid, {}).items()]


def told(x: str, y: str, of: Question, version: int, waits: bool = True) -> ReviewOut:
    """A question about the pair (x, y), or that it does not wait any more."""
    bits = None if of.bits is None else of.bits / THOUSANDTHS
    named = f"Q{blake2b(orjson.dumps((x, y)), digest_size=8).hexdigest()}"
    return ReviewOut(named, version, waits, of.what, x, y, bits, of.together, of.persons)


def asked_again(state: State, of: ReviewOut) -> None:
    """What was asked before the store was lost is known, and looked at again."""
    bits = None if of.bits is None else round(of.bits * THOUSANDTHS)
    for one, other in ((of.x, of.y), (of.y, of.x)):
        _keep(state.asked, one, other, Question(of.what, bits, of.together, of.persons))
        state.unasked[one] = True


def _keep(asked: MutableMapping[str, dict[str, Question]], x: str, y: str, of: Question | None) -> None:
    held = {other: known for other, known in asked.get(x, {}).items() if other != y} | ({y: of} if of else {})
    if held:
        asked[x] = held
    else:
        asked.pop(x, None)
