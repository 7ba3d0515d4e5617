"""What runs beside the agent: delivery reports of the producer, and a regular look around."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Protocol

from mode import Service

LOOK_SECONDS = 1.0


class Polled(Protocol):
    """A producer whose delivery reports wait to be called."""

    def poll(self, timeout: float) -> int: ...


class DeliveryReports(Service):
    """Calls the producer's delivery reports from a thread of its own, so that chunks are acknowledged in any case."""

    def __init__(self, producer: Polled) -> None:
        super().__init__()
        self._producer, self._ending = producer, False
        self._thread = Thread(target=self._run, name="delivery-reports", daemon=True)

    async def on_start(self) -> None:
        self._thread.start()

    async def on_stop(self) -> None:
        self._ending = True
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._ending:
            self._producer.poll(0.1)


class SourceWatch(Service):
    """Calls `look` every second, on the event loop: what it changes must not change under an agent's hands."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._look = look

    @Service.task
    async def _watch(self) -> None:
        while not self.should_stop:
            await self._look()
            await self.sleep(LOOK_SECONDS)


class Repeated(Service):
    """Calls `work` again and again, with the pauses (seconds) that it asks for."""

    def __init__(self, work: Callable[[], Awaitable[float]]) -> None:
        super().__init__()
        self._work = work

    @Service.task
    async def _repeat(self) -> None:
        while not self.should_stop:
            await self.sleep(await self._work())
