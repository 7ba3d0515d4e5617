"""The store at a start: as it was left, with what is still to be sent, or rebuilt.

It is rebuilt when it is not there, was not written to its end, is of another format or model, or is an older copy than
what the group has committed. The input is compacted, so its beginning has everything.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from streams.identity.engine import Engine
from streams.identity.inputs import Input
from streams.identity.model import Model
from streams.identity.post import PostOffice
from streams.identity.processor import IdentityProcessor
from streams.identity.rebuild import Ids, rebuild
from streams.identity.store import RocksState, forget_store, open_store
from streams.identity.survive import Authority
from suoi.clock import Clock
from suoi.topics import PERSON_RECORD

log = logging.getLogger(__name__)
EPOCH = 1
"""The engine's sequence never starts anew: a rebuild goes on behind what was published."""
REVISION = 0
TELL_SECONDS = 10.0


class Given(Protocol):
    """What the broker has."""

    def stands(self) -> Mapping[int, int]:
        """Partition of the input → the next offset of the group, where it has one."""
        ...

    def ids(self) -> Iterable[Ids]:
        """What identity has published."""
        ...

    def chunks(self) -> Iterable[Sequence[Input]]:
        """The whole input up to now."""
        ...

    def commit(self, offsets: Mapping[int, int]) -> None:
        """The group goes on at `offsets` (partition → next offset)."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """An engine over its store, with an empty outbox."""

    state: RocksState
    processor: IdentityProcessor


def begin(path: Path, model: Model, authority: Authority, given: Given, office: PostOffice, clock: Clock) -> Begun:
    """The store in folder `path`, ready for the first chunk; golden records go by `authority`.

    Raises Transient when the broker goes away meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stands = given.stands()
    store = open_store(path)
    state = RocksState(store, model)
    processor = _processor(Engine(model, state), state, authority)
    if state.usable and not processor.behind(dict(stands)):
        left = processor.outbox()
        log.info("the store goes on at %s, %d records are still to be sent", processor.offsets(), len(left))
        office.send(left)
        processor.acknowledge(left)
        if processor.outdated:
            log.info("other sources are believed than before: golden records are corrected")
            office.deliver(processor.corrections(), processor.acknowledge)
        return Begun(state, processor)
    log.warning("the store is %s: it is rebuilt", "behind the group" if state.usable else "new, unfinished or of old")
    roles = state.roles
    store.close()
    forget_store(path)
    return _rebuilt(path, model, authority, given, office, clock, roles)


def _rebuilt(
    path: Path,
    model: Model,
    authority: Authority,
    given: Given,
    office: PostOffice,
    clock: Clock,
    roles: frozenset[str],
) -> Begun:
    begun = clock.monotonic()
    state = RocksState(open_store(path), model)
    state.remember(roles)
    engine = Engine(model, state)
    processor = _processor(engine, state, authority)
    told = _told(given.chunks(), clock)
    office.deliver(rebuild(engine, state, processor, given.ids(), told), processor.acknowledge)
    given.commit({partition: offset + 1 for partition, offset in processor.offsets().items()})
    log.info("rebuilt in %.1f s, at %s", clock.monotonic() - begun, processor.offsets())
    return Begun(state, processor)


def _processor(engine: Engine, state: RocksState, authority: Authority) -> IdentityProcessor:
    return IdentityProcessor(engine, state, authority, PERSON_RECORD, EPOCH, REVISION)


def _told(chunks: Iterable[Sequence[Input]], clock: Clock) -> Iterable[Sequence[Input]]:
    """`chunks`, with a line now and then."""
    records, begun = 0, clock.monotonic()
    due = begun + TELL_SECONDS
    for chunk in chunks:
        yield chunk
        records += len(chunk)
        if (now := clock.monotonic()) >= due:
            due = now + TELL_SECONDS
            log.info("rebuilding: %d records, %.0f/s", records, records / (now - begun))
