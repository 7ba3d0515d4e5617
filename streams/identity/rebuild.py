"""A lost store made anew: the rows from the beginning of the input, the ids from what identity itself published."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from streams.identity.asking import asked_again
from streams.identity.engine import Engine
from streams.identity.golden import Alias, Person
from streams.identity.inputs import Input
from streams.identity.processor import Failed, IdentityProcessor, Post
from streams.identity.published import AliasOut, MemberOut, PersonOut, ReviewOut
from streams.identity.store import RocksState
from suoi import position

log = logging.getLogger(__name__)
Ids = PersonOut | AliasOut | MemberOut | ReviewOut
"""Of a member only the version counts: what is published next must be above all of it."""


def rebuild(
    engine: Engine,
    state: RocksState,
    processor: IdentityProcessor,
    ids: Iterable[Ids],
    chunks: Iterable[Sequence[Input]],
) -> Iterator[list[Post]]:
    """Fill the empty `state`; what is given has to be sent and acknowledged, slice by slice.

    Persons are named once, after the last record, because an id follows most of its rows. A process that ends before
    the last slice leaves a store that is not usable, and starts over.
    """
    remember(state, ids)
    engine.linker.dirty.update(state.members)
    state.commit({}, whole=False)
    for chunk in chunks:
        _take(processor, state, chunk)
    changes = engine.flush()
    state.commit({}, whole=False)
    yield processor.renamed(changes)
    yield from processor.restate()
    state.commit({})


def _take(processor: IdentityProcessor, state: RocksState, chunk: Sequence[Input]) -> None:
    """What the engine fails on was, or will be, a dead letter, as what cannot be read."""
    try:
        processor.take(chunk)
        state.commit({}, whole=False)
    except Failed as failure:
        if len(chunk) > 1:
            for one in chunk:
                _take(processor, state, [one])
            return
        log.error("left out: %s", failure)


def remember(state: RocksState, ids: Iterable[Ids]) -> None:
    """Persons and aliases as they were published; of half of a chunk, too: the newest that claims a row has it."""
    persons, aliases, reviews, last = _newest(ids)
    for review in reviews:
        asked_again(state, review)
    live = {golden: of for golden, of in persons.items() if of.live and not _retired(of, aliases.get(golden))}
    owner: dict[str, str] = {}
    for of in sorted(live.values(), key=lambda one: (one.version, one.id)):
        owner.update(dict.fromkeys(of.rows, of.id))
    held: dict[str, set[str]] = {}
    for rid, golden in owner.items():
        held.setdefault(golden, set()).add(rid)
        state.members[rid] = golden
    leads = {golden: of.person for golden, of in aliases.items() if golden not in live}
    leads |= {golden: None for golden, of in persons.items() if not of.live and golden not in aliases}
    leads |= {golden: owner[min(live[golden].rows)] for golden in live.keys() - held.keys() if live[golden].rows}
    retired = {
        golden: Alias(_end(golden, leads, held), _born(golden, persons, aliases), _had(golden, live, aliases))
        for golden in leads
    }
    led: dict[str, list[str]] = {}
    for golden, alias in retired.items():
        state.aliases[golden] = alias
        if alias.to is not None:
            led.setdefault(alias.to, []).append(golden)
    for golden, rows in held.items():
        known = tuple(sorted(led.get(golden, ())))
        state.persons[golden] = Person(golden, live[golden].born, frozenset(rows), known)
    state.sequence = max([0, *(of.born for of in persons.values()), *(of.born for of in aliases.values())])
    state.published = position.unpack(last).position.commit


def _newest(ids: Iterable[Ids]) -> tuple[dict[str, PersonOut], dict[str, AliasOut], list[ReviewOut], int]:
    persons: dict[str, PersonOut] = {}
    aliases: dict[str, AliasOut] = {}
    reviews: dict[str, ReviewOut] = {}
    last = 0
    for of in ids:
        last = max(last, of.version)
        if isinstance(of, PersonOut):
            persons[of.id] = max(of, persons.get(of.id, of), key=lambda one: one.version)
        elif isinstance(of, AliasOut):
            aliases[of.id] = max(of, aliases.get(of.id, of), key=lambda one: one.version)
        elif isinstance(of, ReviewOut):
            reviews[of.id] = max(of, reviews.get(of.id, of), key=lambda one: one.version)
    return persons, aliases, [of for of in reviews.values() if of.open], last


def _retired(of: PersonOut, alias: AliasOut | None) -> bool:
    return alias is not None and alias.version > of.version and alias.person != of.id


def _end(golden: str, leads: Mapping[str, str | None], held: Mapping[str, set[str]]) -> str | None:
    """The live id at the end of the way; None where there is none."""
    seen = set[str]()
    at: str | None = golden
    while at is not None and at not in held:
        if at in seen:
            return None
        seen.add(at)
        at = leads.get(at)
    return at


def _born(golden: str, persons: Mapping[str, PersonOut], aliases: Mapping[str, AliasOut]) -> int:
    alias = aliases.get(golden)
    return persons[golden].born if alias is None else alias.born


def _had(golden: str, live: Mapping[str, PersonOut], aliases: Mapping[str, AliasOut]) -> frozenset[str]:
    return frozenset(live[golden].rows if golden in live else aliases[golden].rows if golden in aliases else ())
