"""The sink's own consumer: its group, and how it reads."""

from collections.abc import Callable

from suoi.consumer import READING, CommitCallback, Consumer, connect
from suoi.kafka import consumer_config
from suoi.settings import Settings
from suoi.topics import SINK_GROUP

Connect = Callable[[CommitCallback], Consumer]


def connector(settings: Settings) -> Connect:
    """How to get the real client, once it is known whom it tells about commits."""
    return lambda on_commit: connect(consumer_config(settings, SINK_GROUP, on_commit=on_commit, **READING))
