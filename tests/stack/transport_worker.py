"""A process with the whole transport: a Faust app that copies a topic, record by record, to another.

Argument: the file with its settings (JSON: brokers, group, topic, output, chunk, datadir).
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import faust
from confluent_kafka import Producer

from streams.transport import ChannelApp, Chunk, Limits, StageGauges, Transport, claimed, kafka_marks
from suoi import kafka
from suoi.settings import Settings


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    settings = Settings(brokers=job["brokers"])
    app = ChannelApp(job["group"], datadir=job["datadir"])
    channel: Any = app.channel()
    producer = kafka.producer(settings)

    async def copy(stream: Any) -> None:
        chunks: AsyncIterator[Chunk] = claimed(stream)
        async for chunk in chunks:
            await asyncio.to_thread(send, producer, job["output"], chunk)
            chunk.ack()

    app.agent(channel)(copy)
    config = kafka.consumer_config(settings, job["group"], **{"session.timeout.ms": 6000})
    marks, limits = kafka_marks(settings, job["group"]), Limits(chunk_records=job["chunk"], commit_seconds=0.5)
    service: Any = Transport(channel, [job["topic"]], config, marks=marks, gauges=StageGauges("test"), limits=limits)
    app.service(service)
    faust.Worker(app, loglevel="WARN").execute_from_commandline()


def send(producer: Producer, output: str, chunk: Chunk) -> None:
    for record in chunk.records:
        producer.produce(output, record.value(), record.key(), partition=record.partition(), on_delivery=delivered)
        producer.poll(0)
    if producer.flush(30):
        raise TimeoutError("the broker did not take the copies")


def delivered(error: object, _message: object) -> None:
    if error is not None:
        raise RuntimeError(str(error))


if __name__ == "__main__":
    main()
