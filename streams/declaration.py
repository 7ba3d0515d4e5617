"""The revision topic, read and written: under which number does this process run?"""

import getpass
from datetime import datetime

from streams import revisions
from streams.conform.step import RULES
from suoi import kafka
from suoi.compacted import read_compacted
from suoi.errors import Transient
from suoi.ids import Revision
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import REVISION

_ANSWER_SECONDS = 30.0


def running_revision(settings: Settings, registry: Registry, lists: str, now: datetime) -> Revision:
    """The number this release runs under; declared first where the settings say so.

    Raises Transient while Kafka or the registry are away, Contract when another content is active.
    """
    declared = revisions.decode_all(read_compacted(settings, REVISION))
    last = revisions.active(declared)
    if settings.declare_revision and (last is None or last.content != revisions.content_of(RULES, lists)):
        declared.append(declare(settings, registry, lists, now, "this machine's stack was started with it"))
    return revisions.mine(declared, RULES, lists)


def declare(settings: Settings, registry: Registry, lists: str, now: datetime, reason: str) -> revisions.Declared:
    """Make this release's rules and lists the active revision. Raises Transient when the broker does not take it."""
    declared = revisions.decode_all(read_compacted(settings, REVISION))
    new = revisions.following(declared, RULES, lists, now, getpass.getuser(), reason)
    key, value = revisions.encode(new, registry.register(f"{REVISION}-value", revisions.schema()))
    producer = kafka.producer(settings)
    producer.produce(REVISION, key=key, value=value)
    if producer.flush(_ANSWER_SECONDS):
        raise Transient(f"topic {REVISION}: revision {new.number} was not taken within {_ANSWER_SECONDS:.0f} s")
    return new
