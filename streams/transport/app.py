"""A Faust app without a Kafka connection of its own."""

from typing import Any

import faust
from faust.app.base import BootStrategy as FaustBootStrategy

SETTINGS: dict[str, Any] = {
    "agent_supervisor": "mode.CrashingSupervisor",  # crash-only: a failed agent ends the process
    "broker": "kafka://not-used",
    "store": "memory://",
    "topic_disable_leader": True,
    "web_enabled": False,
}
"""What differs from Faust's defaults; a caller may override it."""


class ChannelApp(faust.App):
    """Agents read channels; there are no topics, no tables and no `topic.send`."""

    class BootStrategy(FaustBootStrategy):
        enable_kafka = False

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **{**SETTINGS, **options})
