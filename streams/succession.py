"""Revisions declared while a worker runs: learnt beside it, taken over between two chunks."""

import asyncio
import logging
from collections.abc import Callable

from streams.revision_records import decode
from streams.revisions import Declared
from suoi.errors import Transient
from suoi.followed import FollowedTopic
from suoi.ids import Revision

log = logging.getLogger(__name__)


class Succession:
    """`news` tells when a higher number than the worker's own is in force."""

    def __init__(self, topic: FollowedTopic, schema_of: Callable[[int], str], own: Revision) -> None:
        self._topic, self._schema_of, self._own = topic, schema_of, own
        self._records: dict[bytes, Declared] = {}

    async def news(self) -> list[Declared] | None:
        """Everything declared, once per new number; None without one, or while Kafka or the registry are away."""
        try:
            await asyncio.to_thread(self._topic.refresh, self._take)
        except Transient as exc:
            log.info("%s; going on under revision %d", exc, self._own)
            return None
        newest = max((one.number for one in self._records.values()), default=self._own)
        if newest <= self._own:
            return None
        self._own = newest
        return list(self._records.values())

    def _take(self, key: bytes, value: bytes | None) -> None:
        if value is not None:
            self._records[key] = decode(value, self._schema_of)
