"""The transport inside a Faust app, on the fake broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from builders.broker import FakeBroker, FakeGauges, FakeMarks
from confluent_kafka import KafkaError, KafkaException

from streams.transport import ChannelApp, Chunk, Limits, Transport, claimed, service
from suoi.clock import SystemClock, until
from suoi.consumer import Consumer
from suoi.errors import Bug

LIMITS = Limits(chunk_records=5, commit_seconds=0.05, drain_seconds=5)
Agent = Callable[[Any], Awaitable[None]]


def a_broker(records: int = 12) -> FakeBroker:
    broker = FakeBroker(patient=True)
    broker.create("t", 1)
    broker.produce("t", 0, records)
    return broker


def an_app(folder: Path, broker: FakeBroker, agent: Agent | None, **options: Any) -> tuple[ChannelApp, Transport]:
    app = ChannelApp("test", datadir=str(folder))
    channel: Any = app.channel()
    if agent:
        app.agent(channel, name="agent")(agent)
    config: Mapping[str, Any] = {"group.id": "g"}
    parts: dict[str, Any] = {"marks": FakeMarks(), "gauges": FakeGauges(), "limits": LIMITS, "connect": broker.connect}
    transport = Transport(channel, ["t"], config, **parts | options)
    app.service(transport)  # type: ignore[arg-type]
    return app, transport


async def run(app: ChannelApp, done: Callable[[], object]) -> bool:
    """Whether the app has crashed before it was `done`."""
    async with app:
        assert await asyncio.to_thread(until, lambda: done() or app.crashed, 30, SystemClock())
        return app.crashed


def test_an_agent_gets_chunks_and_its_acknowledgements_are_committed(tmp_path: Path) -> None:
    broker, seen = a_broker(), list[int]()

    async def agent(stream: Any) -> None:
        chunks: AsyncIterator[Chunk] = claimed(stream)
        async for chunk in chunks:
            seen.extend(record.offset() for record in chunk.records)
            chunk.ack()

    app, _ = an_app(tmp_path, broker, agent)
    assert not asyncio.run(run(app, lambda: broker.offsets["g"].get(("t", 0)) == 12))
    assert seen == list(range(12))
    assert broker.members["g"] == []


def test_an_agent_that_fails_ends_the_app_and_its_chunk_is_not_committed(tmp_path: Path) -> None:
    broker = a_broker()

    async def agent(stream: Any) -> None:
        chunks: AsyncIterator[Chunk] = claimed(stream)
        async for chunk in chunks:
            raise ValueError(f"cannot do {chunk}")

    app, _ = an_app(tmp_path, broker, agent)
    assert asyncio.run(run(app, lambda: False))
    assert broker.offsets["g"].get(("t", 0), 0) == 0


def test_a_failing_input_thread_crashes_the_app(tmp_path: Path) -> None:
    def refuse(config: dict[str, Any]) -> Consumer:
        raise KafkaException(KafkaError(KafkaError._INVALID_ARG))

    app, _ = an_app(tmp_path, a_broker(), idle, connect=refuse)
    assert asyncio.run(run(app, lambda: False))


def test_a_failing_input_thread_ends_the_process_when_the_event_loop_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CRASH_SECONDS", 0.05)
    hangs, codes, ended = Event(), list[int](), Event()

    def fail_when_it_hangs(config: dict[str, Any]) -> Consumer:
        hangs.wait(30)
        raise KafkaException(KafkaError(KafkaError._INVALID_ARG))

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    async def hang() -> None:
        hangs.set()
        ended.wait(30)

    app, _ = an_app(tmp_path, a_broker(), idle, connect=fail_when_it_hangs, end_process=end)

    async def story() -> None:
        async with app:
            await hang()

    asyncio.run(story())
    assert codes == [service.HUNG]


def test_a_channel_without_its_agent_is_refused(tmp_path: Path) -> None:
    app, _ = an_app(tmp_path, a_broker(), None)
    with pytest.raises(Bug, match="the channel has 0 readers, it needs one"):
        asyncio.run(run(app, lambda: True))


async def idle(stream: Any) -> None:
    """An agent that only waits."""
    async for _ in stream:
        raise AssertionError("nothing was to be handed out")
