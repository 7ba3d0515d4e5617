"""Roles that left the source files: what their rows said of persons is withdrawn, through the topic that said it.

1. look      which roles the files bind; one that they do not bind any more has left, once it stayed away for a while
2. newest    the highest version among its rows: what a table says that comes back is read again, and stands above it
3. tell      on every partition that the role is empty up to there; the worker hears it as everybody does
4. again     until no row of it is left: what was under way when it left comes later

Roles that were never seen in a file are left alone: somebody else may speak for them.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from streams.identity.post import PostOffice
from streams.identity.store import RocksState
from streams.outbox import Letter
from suoi.clock import Clock
from suoi.ids import Topic, Version
from suoi.person_records import EVERY_ROW, PersonWriter, Said, truncation_rid
from suoi.position import unpack
from suoi.sources import Source
from suoi.topics import PERSON_RECORD

log = logging.getLogger(__name__)
QUIET_SECONDS = 15.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def roles_of(sources: Iterable[Source]) -> frozenset[str]:
    """Every role that source files bind (`<agency>.<table>|*|<role>`)."""
    return frozenset(
        truncation_rid(source.agency, table.name, role)
        for source in sources
        for table in source.tables.values()
        for role in table.persons
    )


class Leaving:
    """The four steps; called between two chunks."""

    def __init__(
        self, state: RocksState, office: PostOffice, writer: PersonWriter, partitions: int, clock: Clock
    ) -> None:
        self._state, self._office, self._writer, self._clock = state, office, writer, clock
        self._partitions = partitions
        self._since = dict[str, float]()

    def look(self, bound: frozenset[str]) -> None:
        """The files bind these roles now. Raises Transient when the broker did not take what is withdrawn."""
        now, state = self._clock.monotonic(), self._state
        state.remember(state.roles | bound)
        self._since = {role: self._since.get(role, now) for role in state.roles - bound}
        for role in [role for role, since in self._since.items() if now - since >= QUIET_SECONDS]:
            if (newest := state.newest(role)) is None:
                state.remember(state.roles - {role})
                continue
            log.warning("%s: bound by no source file any more, withdrawn", role)
            self._office.send((), list(self._letters(role, Version(newest + 1))))
            self._since[role] = now

    def _letters(self, role: str, version: Version) -> Iterator[Letter]:
        for partition in range(self._partitions):
            key, value = self._writer.record(self._said(role, version, partition))
            yield Letter(PERSON_RECORD, partition, key, value)

    def _said(self, scope: str, version: Version, partition: int) -> Said:
        table, _, role = scope.partition(f"|{EVERY_ROW}|")
        agency, _, name = table.partition(".")
        micros = int((self._clock.now() - _EPOCH).total_seconds() * 1_000_000)
        revision = unpack(version).revision
        return Said(agency, name, role, scope, version, revision, True, Topic(""), partition, -1, micros)
