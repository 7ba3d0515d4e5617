"""The revision topic, read and written: under which number does this process run?

A declaration needs the number behind the last one, so only one may be under way. The order is the product:

1. fence    whoever declares at the same time is cut off before it is committed
2. read     every revision that was committed
3. decide   what the next one is, or that none is needed
4. commit   refused when somebody else has fenced us in the meantime: nothing was declared then
"""

import getpass
from collections.abc import Callable, Sequence
from datetime import datetime

from confluent_kafka import KafkaException

from streams import revisions
from streams.conform.step import RULES
from streams.revision_records import decode, encode, schema
from streams.revisions import Declared
from suoi import kafka
from suoi.compacted import read_compacted
from suoi.errors import Place, Transient
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import REVISION

_ANSWER_SECONDS = 30.0
_STARTED = "this machine's stack was started with it"
_TRANSACTION = {"transactional.id": REVISION, "transaction.timeout.ms": int(_ANSWER_SECONDS * 1000)}

Next = Callable[[Sequence[Declared]], Declared | None]
"""From what is declared to the next one; None where none is needed. May be called again."""


def known(settings: Settings, registry: Registry) -> list[Declared]:
    """Every declared revision. Raises Transient while Kafka or the registry are away."""
    return [decode(value, registry.schema) for value in read_compacted(settings, REVISION).values()]


def running(settings: Settings, registry: Registry, lists: str, now: datetime) -> list[Declared]:
    """Every declared revision, the last one being of this release; declared first where the settings say so.

    Raises Transient while Kafka or the registry are away, Contract when another release is active.
    """
    if settings.declare_revision and not _is_active(known(settings, registry), lists):
        declare(settings, registry, lambda declared: _own(declared, lists, now, _STARTED))
    declared = known(settings, registry)
    revisions.mine(declared, RULES, lists)
    return declared


def put_in_force(settings: Settings, registry: Registry, lists: str, now: datetime, reason: str) -> Declared | None:
    """Declare these lists; None when they are in force. Raises what `declare` raises."""
    return declare(settings, registry, lambda declared: _own(declared, lists, now, reason))


def declare(settings: Settings, registry: Registry, following: Next) -> Declared | None:
    """Put the next revision in force; None when none was needed.

    Raises Transient when the broker does not take it or another one was declared meanwhile: what is in force then, the
    next try sees.
    """
    schema_id = registry.register(f"{REVISION}-value", schema())
    producer = kafka.producer(settings, **_TRANSACTION)
    try:
        producer.init_transactions(_ANSWER_SECONDS)  # 1
        if (new := following(known(settings, registry))) is None:  # 2, 3
            return None
        producer.begin_transaction()
        key, value = encode(new, schema_id)
        producer.produce(REVISION, key=key, value=value)
        producer.commit_transaction(_ANSWER_SECONDS)  # 4
    except KafkaException as exc:
        raise Transient(f"not declared: {exc.args[0].str()}", place=Place("topics", REVISION)) from exc
    return new


def _is_active(declared: Sequence[Declared], lists: str) -> bool:
    last = revisions.active(declared)
    return last is not None and (last.rules, last.lists) == (RULES, lists)


def _own(declared: Sequence[Declared], lists: str, now: datetime, reason: str) -> Declared | None:
    if _is_active(declared, lists):
        return None
    return revisions.following(declared, RULES, lists, now, getpass.getuser(), reason)
