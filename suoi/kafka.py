"""Every Kafka client of ours is built here, security included, so that no other module knows how to connect."""

from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from suoi.settings import Settings
from suoi.topics import MAX_MESSAGE_BYTES

FETCH_BYTES = 4 * MAX_MESSAGE_BYTES
SESSION_MS = 10_000
"""When a killed worker's partitions are free again; a thread of the client keeps the session, however busy we are."""


def admin(settings: Settings) -> AdminClient:
    """A client for topics, groups and offsets."""
    return AdminClient(connection(settings))


def producer(settings: Settings, **extra: Any) -> Producer:
    """A producer that loses and repeats nothing on its own; `extra` are librdkafka settings and win."""
    return Producer(producer_config(settings, **extra))


def producer_config(settings: Settings, **extra: Any) -> dict[str, Any]:
    """Acknowledged by all replicas, in order without duplicates, lz4, up to 16 MiB a message."""
    return {
        **connection(settings),
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "lz4",
        "linger.ms": 5,
        "message.max.bytes": MAX_MESSAGE_BYTES,
        **extra,
    }


def consumer(settings: Settings, group: str, **extra: Any) -> Consumer:
    """A consumer of `group`; `extra` are librdkafka settings and win."""
    return Consumer(consumer_config(settings, group, **extra))


def consumer_config(settings: Settings, group: str, **extra: Any) -> dict[str, Any]:
    """Committed records only, nothing committed by itself, and an offset that expired is an error, never a jump."""
    return {
        **connection(settings),
        "group.id": group,
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": SESSION_MS,
        "max.partition.fetch.bytes": MAX_MESSAGE_BYTES,
        "fetch.max.bytes": FETCH_BYTES,
        **extra,
    }


def connection(settings: Settings) -> dict[str, Any]:
    """Where the brokers are, who we are, and no flood of log lines while they are away."""
    return {
        "bootstrap.servers": settings.brokers,
        "client.id": "suoi",
        "log_level": 4,
        "reconnect.backoff.ms": 1000,
        "reconnect.backoff.max.ms": 5000,
        "security.protocol": settings.kafka_security_protocol,
        **_sasl(settings),
        **_tls(settings),
    }


def _sasl(settings: Settings) -> dict[str, str]:
    if not settings.kafka_security_protocol.startswith("SASL"):
        return {}
    return {
        "sasl.mechanism": settings.kafka_sasl_mechanism,
        "sasl.username": settings.kafka_sasl_username,
        "sasl.password": settings.kafka_sasl_password.get_secret_value(),
    }


def _tls(settings: Settings) -> dict[str, str]:
    return {"ssl.ca.location": str(settings.kafka_ca_file)} if settings.kafka_ca_file else {}
