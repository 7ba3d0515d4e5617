"""The review queue, as an operator reads it."""

from typing import Any, NamedTuple

from ops.identity.persons import Teller
from streams.identity.engine import Engine
from streams.identity.review import conflicts, doubts


class Waiting(NamedTuple):
    """Contradictions, pairs in doubt (those first whose decision would change most persons), and how many more."""

    conflicts: list[dict[str, Any]]
    doubts: list[dict[str, Any]]
    more: int


def waiting(engine: Engine, teller: Teller, most: int) -> Waiting:
    """At most so many of each. Looks at every live row."""
    rows = list(engine.state.members)
    found, against = doubts(engine, rows), conflicts(engine, rows)
    told = [
        {
            "rows": [teller.row(one.x), teller.row(one.y)],
            "bits": one.weight.bits / 1000,
            "now": "one person" if one.together else "two persons",
            "persons": one.persons,
        }
        for one in found[:most]
    ]
    said = [{"rows": [teller.row(one.x), teller.row(one.y)], "what": str(one.what)} for one in against[:most]]
    return Waiting(said, told, max(0, len(found) - most) + max(0, len(against) - most))
