"""Which rules, lists and decisions a row was conformed under: a number from topic `suoi.revision`, in its version.

A worker runs under the active revision or not at all: an older release must not overwrite what a newer one corrected.
A decision of a steward is part of the revision that declares it, so both are there or neither is.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime

import orjson

from suoi.codelists.decision import Decision, contradicted
from suoi.errors import Contract, Reason, UserError
from suoi.ids import Revision

LAST = 0xFFFF


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared revision; its decisions carry its time, author and reason."""

    number: Revision
    content: str
    rules: int
    lists: str
    time: datetime
    author: str
    reason: str
    decided: tuple[Decision, ...] = ()
    revoked: tuple[str, ...] = ()
    """Ids of decisions that no longer hold."""


def content_of(rules: int, lists: str, decisions: Sequence[Decision] = ()) -> str:
    """The hash of everything that decides what conform writes, 64 hexadecimal digits."""
    parts = [str(rules), lists]
    if decisions:
        parts.append(hashlib.sha256(orjson.dumps([_meaning(one) for one in decisions])).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def active(declared: Iterable[Declared]) -> Declared | None:
    """The revision in force: the highest number."""
    return max(declared, key=lambda revision: revision.number, default=None)


def decisions(declared: Iterable[Declared]) -> tuple[Decision, ...]:
    """The decisions in force under the highest number, oldest first."""
    held: dict[str, Decision] = {}
    for revision in sorted(declared, key=lambda one: one.number):
        held.update({one.id: one for one in revision.decided})
        for gone in revision.revoked:
            held.pop(gone, None)
    return tuple(held.values())


def following(
    declared: Sequence[Declared], rules: int, lists: str, now: datetime, author: str, reason: str
) -> Declared:
    """The revision to declare for `rules` and `lists`: a new number, also when going back to an old content.

    Raises UserError when there is no number left.
    """
    number = next_number(declared)
    return Declared(number, content_of(rules, lists, decisions(declared)), rules, lists, now, author, reason)


def deciding(declared: Sequence[Declared], rules: int, lists: str, meant: Decision) -> Declared:
    """The revision that adds a decision; its id is the revision's number, whatever it came with.

    Raises UserError when it is in force already or another one says otherwise about the same rows, Contract when
    another release is active.
    """
    mine(declared, rules, lists)
    number, held = next_number(declared), decisions(declared)
    new = replace(meant, id=str(number))
    if other := contradicted(new, held):
        raise UserError(
            f"{new.list} {new.raw!r}: {other.said} of the same rows, because {other.reason!r}; "
            f"valid: rows it is not about, or suoi codelist revoke {other.id} first"
        )
    if same := next((one for one in held if _meaning(one)[1:] == _meaning(new)[1:]), None):
        raise UserError(f"{new.list} {new.raw!r}: decision {same.id} says so already")
    content = content_of(rules, lists, (*held, new))
    return Declared(number, content, rules, lists, new.time, new.author, new.reason, decided=(new,))


def revoking(
    declared: Sequence[Declared], rules: int, lists: str, id: str, now: datetime, author: str, reason: str
) -> Declared:
    """The revision under which decision `id` no longer holds. Raises UserError when it does not hold now, Contract when
    another release is active."""
    mine(declared, rules, lists)
    held = decisions(declared)
    if id not in (ids := [one.id for one in held]):
        raise UserError(f"no decision {id!r} is in force; valid: {' '.join(ids) or 'none: there are no decisions'}")
    content = content_of(rules, lists, [one for one in held if one.id != id])
    return Declared(next_number(declared), content, rules, lists, now, author, reason, revoked=(id,))


def next_number(declared: Iterable[Declared]) -> Revision:
    """The number of the next revision. Raises UserError behind the last one."""
    last = active(declared)
    number = Revision(last.number + 1 if last else 1)
    if number > LAST:
        raise UserError(f"revision {number} does not fit into a version; valid: at most {LAST}, then a new epoch")
    return number


def mine(declared: Sequence[Declared], rules: int, lists: str) -> Revision:
    """The number this release runs under. Raises Contract unless its rules and lists are the active ones."""
    last = active(declared)
    if last is not None and (last.rules, last.lists) == (rules, lists):
        return last.number
    state = f"active is {last.number} with rules {last.rules}" if last else "none is declared"
    raise Contract(
        f"this release has rules {rules} and lists {lists[:12]}, {state}; valid: the release of the active revision, "
        "or SUOI_DECLARE_REVISION=true to put this one in force",
        reason=Reason.OLD_REVISION,
    )


def _meaning(decision: Decision) -> tuple[object, ...]:
    """What of a decision decides rows: not who took it and when."""
    return decision.id, decision.list, decision.raw, decision.unit, decision.version, astuple(decision.scope)
