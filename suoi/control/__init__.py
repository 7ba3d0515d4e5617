"""The control plane: what people and the guard decided about sources and tables, kept in topic `suoi.control`.

    records   what can be decided, as frozen types, and how each is written
    state     all of it at one moment, with the questions workers ask
    topic     the topic, followed and written

Values are JSON, not Avro: a stopped registry must not keep anybody from pausing a table.
"""

from suoi.control.markers import MARKER_HEADER, marked_epoch
from suoi.control.records import WITHHOLDING, Capture, Epoch, Load, Order, Record, Shape, Stage, Why
from suoi.control.state import Control
from suoi.control.topic import ControlTopic

__all__ = [
    "MARKER_HEADER",
    "WITHHOLDING",
    "Capture",
    "Control",
    "ControlTopic",
    "Epoch",
    "Load",
    "Order",
    "Record",
    "Shape",
    "Stage",
    "Why",
    "marked_epoch",
]
