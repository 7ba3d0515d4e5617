"""A chunk is acknowledged when the broker has everything it sent, and not before."""

from collections.abc import Callable
from typing import Any

from streams.outbox import Letter, send
from suoi.ids import Topic

REPORT = Callable[[Any, Any], None]


class Broker:
    """A producer whose queue holds `room` records; reports wait until they are asked for."""

    def __init__(self, room: int = 100) -> None:
        self.room, self.sent, self.waiting = room, list[Letter](), list[REPORT]()

    def produce(self, topic: str, *, value: bytes, key: bytes | None, partition: int, on_delivery: REPORT) -> None:
        if len(self.waiting) >= self.room:
            raise BufferError
        self.sent.append(Letter(Topic(topic), partition, key, value))
        self.waiting.append(on_delivery)

    def poll(self, timeout: float) -> int:
        if timeout:
            self.deliver()
        return 0

    def deliver(self, error: object = None) -> None:
        waiting, self.waiting = self.waiting, []
        for report in waiting:
            report(error, self)

    def topic(self) -> str:
        return "suoi.hotich.khai_sinh"


def letters(count: int) -> list[Letter]:
    return [Letter(Topic("suoi.hotich.khai_sinh"), 3, b"[1]", str(number).encode()) for number in range(count)]


def test_nothing_is_acknowledged_before_the_last_delivery_report() -> None:
    broker, done, failed = Broker(), list[bool](), list[Exception]()
    send(broker, letters(3), lambda: done.append(True), failed.append)
    assert not done
    broker.deliver()
    assert done == [True]


def test_a_chunk_without_output_is_acknowledged_at_once() -> None:
    done, failed = list[bool](), list[Exception]()
    send(Broker(), [], lambda: done.append(True), failed.append)
    assert done == [True]


def test_one_failed_delivery_means_no_acknowledgement() -> None:
    broker, done, failed = Broker(), list[bool](), list[Exception]()
    send(broker, letters(3), lambda: done.append(True), failed.append)
    broker.deliver(error="message timed out")
    assert not done
    assert "message timed out" in str(failed[0])


def test_a_full_queue_is_waited_for_and_keeps_the_order() -> None:
    broker, done, failed = Broker(room=2), list[bool](), list[Exception]()
    send(broker, letters(7), lambda: done.append(True), failed.append)
    broker.deliver()
    assert [letter.value for letter in broker.sent] == [b"0", b"1", b"2", b"3", b"4", b"5", b"6"]
    assert done == [True]
