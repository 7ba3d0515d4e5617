"""Loss-free input for Faust agents: a confluent-kafka consumer in a thread feeds a Faust channel with chunks.

    app = ChannelApp("suoi-conform")
    channel = app.channel(value_type=Chunk)
    marks = kafka_marks(settings, group)
    transport = Transport(channel, topics, consumer_config, marks=marks, gauges=StageGauges("conform"))
    app.service(transport)

    async for chunk in claimed(stream):  # in the channel's one agent
        ...                              # produce the results of chunk.records, wait for their delivery
        chunk.ack()

Guarantee: every record is handed out at least once, in the order of its partition; the group's committed offset never
passes a record that was not acknowledged. `intake` has the steps, `chunk` the states, `service` what others may ask.
"""

from streams.transport.again import Again
from streams.transport.app import ChannelApp
from streams.transport.chunk import Chunk, claimed
from streams.transport.gauges import Gauges, StageGauges
from streams.transport.limits import Limits
from streams.transport.marks import Marks, kafka_marks
from streams.transport.service import Transport
from suoi.consumer import Record

__all__ = [
    "Again",
    "ChannelApp",
    "Chunk",
    "Gauges",
    "Limits",
    "Marks",
    "Record",
    "StageGauges",
    "Transport",
    "claimed",
    "kafka_marks",
]
