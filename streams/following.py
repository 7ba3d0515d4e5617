"""The control topic as the worker follows it: read off the event loop, by one reader at a time."""

import asyncio
import logging

from streams.transport import Chunk
from suoi.clock import Clock
from suoi.control import Control, ControlTopic, marked_epoch
from suoi.errors import Transient
from suoi.ids import AgencyId, Epoch
from suoi.retry import patiently

log = logging.getLogger(__name__)


class Following:
    """`state` is what is known; `refresh` and `past` learn what is new."""

    def __init__(self, topic: ControlTopic, clock: Clock) -> None:
        self._topic, self._clock, self._alone = topic, clock, asyncio.Lock()
        patiently(topic.refresh, clock)

    @property
    def state(self) -> Control:
        """What is decided, as far as this worker knows."""
        return self._topic.state

    async def refresh(self) -> None:
        """Learn what is new; while the broker is away, what is known stays."""
        async with self._alone:
            try:
                await asyncio.to_thread(self._topic.refresh)
            except Transient as exc:
                log.info("%s; going on with what was decided before", exc)

    async def past(self, agency: AgencyId, chunk: Chunk) -> None:
        """Back when everything is known that `chunk` may stand behind.

        A marker waits for its epoch to be decided. A partition that has just come may be past a marker that another
        worker met: what is decided by now is learnt first.
        """
        needed = Epoch(max(filter(None, map(marked_epoch, chunk.records)), default=0))
        if chunk.opens or needed > self.state.epoch(agency):
            async with self._alone:
                await asyncio.to_thread(self._learn, agency, needed)

    def _learn(self, agency: AgencyId, needed: Epoch) -> None:
        def known() -> None:
            self._topic.refresh()
            if self.state.epoch(agency) < needed:
                raise Transient(f"{agency}: epoch {needed} is marked in the log and not decided yet")

        patiently(known, self._clock)
