"""What the identity worker has heard of, read again from its topic."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import cast

from streams.identity.hearing import Listener
from streams.identity.inputs import Emptied, Heard, Input
from streams.identity.state import scopes_of
from suoi.compacted import messages
from suoi.consumer import Record
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import PERSON_RECORD

_AT_ONCE = 2_000


def inputs(settings: Settings) -> Iterator[Input]:
    """Every person record up to now. Raises Transient."""
    given = messages(settings, PERSON_RECORD)
    with closing(Registry(settings)) as registry:
        listener = Listener(registry.schema)
        while found := cast(list[Record], list(islice(given, _AT_ONCE))):
            yield from listener.hear(found).inputs


def newest(settings: Settings) -> dict[str, Heard]:
    """Rid → what it says now, deletions included; rows that a truncation took along are left out. Raises Transient."""
    found: dict[str, Heard] = {}
    emptied: dict[str, int] = {}
    for one in inputs(settings):
        if isinstance(one, Emptied):
            emptied[one.scope] = max(one.version, emptied.get(one.scope, 0))
        elif isinstance(one, Heard) and (one.rid not in found or found[one.rid].version < one.version):
            found[one.rid] = one
    gone = {rid: max(emptied.get(scope, 0) for scope in scopes_of(rid)) for rid in found}
    return {rid: one for rid, one in found.items() if one.version >= gone[rid]}
