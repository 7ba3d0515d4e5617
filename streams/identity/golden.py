"""Golden ids: which person keeps its id when rows regroup. Ids have a history; matching never looks at them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple


class Person(NamedTuple):
    """A live person: its id, when it was minted (engine sequence), its rows, and the ids that resolve to it."""

    id: str
    born: int
    rows: frozenset[str]
    aliases: tuple[str, ...] = ()


class Alias(NamedTuple):
    """Where a retired id leads (None: all its rows were deleted), when it was minted, the rows it had then."""

    to: str | None
    born: int
    rows: frozenset[str]


class Event(NamedTuple):
    """What happened to persons: ids before and after, each sorted."""

    what: Literal["new", "merge", "split", "move", "gone"]
    before: tuple[str, ...]
    after: tuple[str, ...]


class Assignment(NamedTuple):
    """What a regrouping comes to: live persons, ids that now resolve elsewhere, ids no longer aliases, events."""

    persons: list[Person]
    aliases: dict[str, Alias]
    revived: list[str]
    events: list[Event]


def assign(
    old: Sequence[Person], parts: Iterable[frozenset[str]], known: Mapping[str, Alias], mint: Callable[[str], Person]
) -> Assignment:
    """Give every part an id: the largest part of a person keeps its id, a merge keeps the oldest, the rest are aliases.

    `known` are the aliases of the old persons; `mint` makes a person without rows for a content key (smallest rid).
    """
    ordered = sorted(parts, key=min)
    if not old:
        fresh = [mint(min(part))._replace(rows=part) for part in ordered]
        return Assignment(fresh, {}, [], [Event("new", (), (person.id,)) for person in fresh])
    if len(old) == 1 == len(ordered):
        return Assignment([old[0]._replace(rows=ordered[0])], {}, [], [])
    claims = _claims(old, ordered)
    led = {
        alias: at
        for person in old
        for alias in person.aliases
        for at in _led(person, known[alias].rows, ordered, claims)
    }
    chosen: list[Person] = []
    revived: list[str] = []
    for at, part in enumerate(ordered):
        wanting = [person for person in old if claims.get(person.id) == at]
        back = sorted((known[alias].born, alias) for alias, to in led.items() if to == at)
        if wanting:
            kept = min(wanting, key=lambda person: (person.born, person.id))
        elif back:
            kept = Person(back[0][1], back[0][0], frozenset())
            revived.append(kept.id)
        else:
            kept = mint(min(part))
        chosen.append(kept._replace(rows=part, aliases=()))
    aliases = _retired(old, chosen, claims) | _pointed(known, led, chosen, revived) | _orphaned(old, known, claims, led)
    live = [person._replace(aliases=_leading_to(person.id, aliases)) for person in chosen]
    return Assignment(live, aliases, revived, _events(old, live))


def _claims(old: Sequence[Person], parts: Sequence[frozenset[str]]) -> dict[str, int]:
    """Old id → the part that holds most of its rows (the first by smallest row where several do)."""
    found = {}
    for person in old:
        best = _most(person.rows, parts)
        if best is not None:
            found[person.id] = best
    return found


def _most(rows: frozenset[str], parts: Sequence[frozenset[str]]) -> int | None:
    held = [(-len(rows & part), at) for at, part in enumerate(parts)]
    count, at = min(held, default=(0, 0))
    return at if count else None


def _led(
    person: Person, rows: frozenset[str], parts: Sequence[frozenset[str]], claims: Mapping[str, int]
) -> tuple[int, ...]:
    """Where an alias of `person` leads now: to most of the rows it once had, else where the person went."""
    best = _most(rows, parts)
    at = best if best is not None else claims.get(person.id)
    return () if at is None else (at,)


def _retired(old: Sequence[Person], chosen: Sequence[Person], claims: Mapping[str, int]) -> dict[str, Alias]:
    kept = {person.id for person in chosen}
    return {
        person.id: Alias(chosen[claims[person.id]].id, person.born, person.rows)
        for person in old
        if person.id in claims and person.id not in kept
    }


def _pointed(
    known: Mapping[str, Alias], led: Mapping[str, int], chosen: Sequence[Person], revived: Sequence[str]
) -> dict[str, Alias]:
    return {alias: known[alias]._replace(to=chosen[at].id) for alias, at in led.items() if alias not in revived}


def _orphaned(
    old: Sequence[Person], known: Mapping[str, Alias], claims: Mapping[str, int], led: Mapping[str, int]
) -> dict[str, Alias]:
    """Ids whose rows are all deleted: they resolve to nobody, which is an answer too."""
    gone = {person.id: Alias(None, person.born, person.rows) for person in old if person.id not in claims}
    for person in old:
        for alias in person.aliases:
            if alias not in led:
                gone[alias] = known[alias]._replace(to=None)
    return gone


def _leading_to(live: str, aliases: Mapping[str, Alias]) -> tuple[str, ...]:
    return tuple(sorted(alias for alias, of in aliases.items() if of.to == live))


def _events(old: Sequence[Person], new: Sequence[Person]) -> list[Event]:
    """One event for each person whose rows came from, or went to, another."""
    events = []
    for person in new:
        before = tuple(sorted(was.id for was in old if was.rows & person.rows))
        if not before:
            events.append(Event("new", (), (person.id,)))
        elif len(before) > 1:
            events.append(Event("merge" if _swallowed(before, new, person.id) else "move", before, (person.id,)))
    for was in old:
        after = tuple(sorted(person.id for person in new if was.rows & person.rows))
        if not after:
            events.append(Event("gone", (was.id,), ()))
        elif len(after) > 1:
            events.append(Event("split", (was.id,), after))
    return events


def _swallowed(before: Sequence[str], new: Sequence[Person], kept: str) -> bool:
    live = {person.id for person in new}
    return any(one not in live for one in before if one != kept)
