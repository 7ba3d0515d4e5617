"""Groups that change: more workers for a while, and members that take partitions and do nothing with them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from builders.operator import RETURN_SECONDS
from builders.stack import soon
from oracle.faults import Target
from oracle.nemesis.victims import IDENTITY, workers

from embedded.workers import Worker, reports
from suoi import kafka
from suoi.topics import (
    CONFORM_GROUP,
    IDENTITY_GROUP,
    PERSON_RECORD,
    SINK_GROUP,
    conformed_topic,
    corrections_topic,
    raw_topic,
)

GROUPS = {"stream": CONFORM_GROUP, "sink": SINK_GROUP, IDENTITY: IDENTITY_GROUP}


@dataclass(frozen=True, slots=True)
class SecondWorker:
    """Another stream worker or sink beside the first: partitions move to it, and back when it leaves or is killed."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`second <worker>`"""
        return f"second {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """Back when the other one is gone: politely, or by kill -9 with its partitions."""
        with another(at, workers(at.operator)[self.name]) as process:
            soon(lambda: reports(at.home / "run", process.pid), f"a second {self.name} runs", RETURN_SECONDS)
            at.clock.wait(random.uniform(1, 10))
            process.send_signal(random.choice((signal.SIGTERM, signal.SIGKILL)))
            process.wait(RETURN_SECONDS)


@dataclass(frozen=True, slots=True)
class SilentMember:
    """A consumer joins the group of a worker, reads what it is given, commits nothing, and leaves."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`silent member <worker>`"""
        return f"silent member {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """Back when it has left."""
        member = kafka.consumer(at.settings, GROUPS[self.name])
        member.subscribe(topics(at, self.name))
        try:
            end = at.clock.monotonic() + random.uniform(4, 12)
            while at.clock.monotonic() < end:
                member.poll(0.2)
        finally:
            member.close()


def topics(at: Target, name: str) -> list[str]:
    """What the worker `name` reads of the struck agency; the persons of all are in one topic."""
    source = at.agency.source
    if name == IDENTITY:
        return [PERSON_RECORD]
    if name == "stream":
        return [raw_topic(source, key) for key in source.tables]
    tables = [table.name for table in source.tables.values()]
    return [make(source.agency, table) for table in tables for make in (conformed_topic, corrections_topic)]


@contextmanager
def another(at: Target, worker: Worker) -> Iterator["subprocess.Popen[bytes]"]:
    """One more process of this worker, nobody keeps it alive; gone in the end."""
    env = {**os.environ, "SUOI_HOME": str(at.home), "PYTHONUNBUFFERED": "1"}
    with (at.home / "logs" / f"second-{worker.name}.log").open("ab") as log:
        command = [sys.executable, "-m", worker.module, *worker.arguments]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
