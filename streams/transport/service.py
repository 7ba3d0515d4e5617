"""The transport as a Faust service: a thread reads Kafka and feeds a channel with chunks of records.

Started with the app by `app.service(transport)`: after the agents, stopped before them. Crash-only: whatever goes
wrong in the thread crashes the app, and should the event loop hang, ends the process. What concerns one table only
holds that table.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import TimeoutError as TooLate
from threading import Condition, Thread
from typing import Any

from faust.types import ChannelT
from mode import Service

from streams.transport.chunk import Chunk
from streams.transport.consumer import Connect
from streams.transport.gauges import Gauges
from streams.transport.intake import Intake
from streams.transport.limits import Limits
from streams.transport.marks import Marks
from streams.transport.orders import Orders
from suoi.clock import Clock, SystemClock
from suoi.consumer import connect
from suoi.errors import Bug, Contract, Place

log = logging.getLogger(__name__)
CRASH_SECONDS = 15.0
HUNG = 70


class Transport(Service):
    """Feeds `channel` with the chunks of `topics`; all its methods but the service's own are safe in any thread."""

    def __init__(
        self,
        channel: ChannelT[Chunk],
        topics: Iterable[str],
        consumer_config: Mapping[str, Any],
        *,
        marks: Marks,
        gauges: Gauges,
        limits: Limits | None = None,
        clock: Clock | None = None,
        connect: Connect = connect,
        end_process: Callable[[int], object] = os._exit,
    ) -> None:
        super().__init__()
        self._channel, self._config, self._connect = channel, consumer_config, connect
        self._marks, self._limits, self._gauges = marks, limits or Limits(), gauges
        self._clock, self._end_process = clock or SystemClock(), end_process
        self._changed = Condition()
        self._orders = Orders(topics, self._changed)
        self._thread = Thread(target=self._run, name="kafka-input", daemon=True)
        self._stopping, self._drain_seconds = False, self._limits.drain_seconds

    def subscribe(self, topics: Iterable[str]) -> None:
        """Read exactly these topics from the next round on; what stays is not interrupted."""
        self._orders.subscribe(topics)

    def hold(self, topic: str, cause: Contract) -> None:
        """Stop this table, over rebalances too, until it is released: its chunks are fenced, its position stays."""
        log.error("%s is held: %s", topic, cause)
        self._orders.hold(topic, cause)

    def release(self, topic: str, *, accept_gap: bool = False) -> None:
        """Go on where the table stopped; with `accept_gap` behind records that have expired, if that was why."""
        self._orders.release(topic, accept_gap)

    def held(self) -> dict[str, Contract]:
        """Topic → why it is held."""
        return self._orders.held()

    async def on_start(self) -> None:
        """Start the thread; the agent must be there already."""
        if self._channel.subscriber_count != 1:
            message = (
                f"the channel has {self._channel.subscriber_count} readers, it needs one: each would get every chunk"
            )
            raise Bug(message, place=Place("transport"))
        self._channel.app.flow_control.resume()  # stock Faust does this after its first assignment
        self._thread.start()

    async def on_stop(self) -> None:
        """Runs before the agents stop, so that claimed chunks can finish."""
        self._stopping, self._drain_seconds = True, 0.0 if self.crashed else self._drain_seconds
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            self._work()
        except Exception as exc:  # noqa: BLE001 - the boundary of the thread: whatever it is, it ends the process
            self._fail(exc)

    def _work(self) -> None:
        intake = self._intake()
        try:
            while not self._stopping:
                intake.round(self._drain_seconds)
            intake.leave(self._drain_seconds)
        finally:
            intake.close()

    def _intake(self) -> Intake:
        return Intake(
            self._config,
            self._orders,
            self._deliver,
            changed=self._changed,
            marks=self._marks,
            limits=self._limits,
            gauges=self._gauges,
            clock=self._clock,
            connect=self._connect,
        )

    def _deliver(self, chunk: Chunk) -> None:
        channel: Any = self._channel  # Faust types the argument as an event, and delivers any value as it is
        asyncio.run_coroutine_threadsafe(channel.put(chunk), self.loop)

    def _fail(self, exc: Exception) -> None:
        """Crash the app; should the event loop hang, the process."""
        log.critical("kafka input: %s", exc, exc_info=exc)
        self._drain_seconds = 0.0
        try:
            asyncio.run_coroutine_threadsafe(self.crash(exc), self.loop).result(CRASH_SECONDS)
        except TooLate:
            self._end_process(HUNG)
