"""Whoever claims a chunk may acknowledge it, once, and only while it is theirs."""

import asyncio
from collections.abc import AsyncIterator
from threading import Condition

from builders.broker import a_record

from streams.transport.chunk import Chunk, State, claimed


def a_chunk(first: int = 0, count: int = 2) -> Chunk:
    return Chunk("t", 0, [a_record(offset=first + number) for number in range(count)], Condition())


def test_a_chunk_is_claimed_once_and_acknowledged_once() -> None:
    chunk = a_chunk()
    assert [chunk.ack(), chunk.claim(), chunk.claim(), chunk.ack(), chunk.ack()] == [False, True, False, True, False]


def test_a_fenced_chunk_can_neither_be_claimed_nor_acknowledged() -> None:
    waiting, working = a_chunk(), a_chunk()
    working.claim()
    assert waiting.fence()
    assert working.fence()
    assert not waiting.claim()
    assert not working.ack()


def test_an_acknowledged_chunk_cannot_be_fenced() -> None:
    chunk = a_chunk()
    chunk.claim()
    chunk.ack()
    assert not chunk.fence()
    assert chunk.state is State.ACKED


def test_a_chunk_knows_its_first_and_last_offset() -> None:
    assert (a_chunk(7, 3).first, a_chunk(7, 3).last) == (7, 9)


def test_an_agent_sees_only_the_chunks_that_are_still_its_own() -> None:
    gone, own = a_chunk(0), a_chunk(2)
    gone.fence()

    async def stream() -> AsyncIterator[Chunk]:
        yield gone
        yield own

    async def seen() -> list[Chunk]:
        return [chunk async for chunk in claimed(stream())]

    assert asyncio.run(seen()) == [own]
    assert own.state is State.CLAIMED
