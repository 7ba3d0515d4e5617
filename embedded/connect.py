"""Kafka Connect, distributed, with Debezium: where capture runs. Converters and secrets are the worker's, so that a
connector's own file holds neither an address of the registry nor a password."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

import httpx

from embedded import java, probes, transforms
from embedded.jars import Jars
from embedded.service import Service
from suoi.connect import Connect
from suoi.errors import Transient, UserError
from suoi.kafka import admin
from suoi.settings import Settings
from suoi.sources.render import converters
from suoi.topics import (
    CONNECT_CONFIGS,
    CONNECT_OFFSETS,
    CONNECT_STATUS,
    MAX_MESSAGE_BYTES,
    ensure,
    shared_topics,
)

PORTS = ("connect",)
CONNECTORS = (
    "io.debezium.connector.postgresql.PostgresConnector",
    "io.debezium.connector.mariadb.MariaDbConnector",
)


def properties(settings: Settings, plugin_path: str, secrets: Path) -> dict[str, object]:
    """The worker's settings, those of the converters included, which a connector need not repeat. A connector refers
    to a secret as `${directory:<secrets>:<name>}`."""
    address = httpx.URL(settings.connect_url)
    return {
        "bootstrap.servers": settings.brokers,
        "group.id": "suoi-connect",
        "listeners": settings.connect_url,
        "rest.advertised.host.name": address.host,
        "plugin.path": plugin_path,
        "plugin.discovery": "service_load",
        "config.storage.topic": CONNECT_CONFIGS,
        "offset.storage.topic": CONNECT_OFFSETS,
        "status.storage.topic": CONNECT_STATUS,
        "exactly.once.source.support": "enabled",
        "topic.creation.enable": "false",
        # One worker: when it comes back, nobody else could have taken its tasks in the meantime.
        "scheduled.rebalance.max.delay.ms": 0,
        "producer.max.request.size": MAX_MESSAGE_BYTES,
        "producer.compression.type": "lz4",
        "config.providers": "directory",
        "config.providers.directory.class": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
        "config.providers.directory.param.allowed.paths": secrets,
        **converters(settings),
    }


def service(folder: Path, log: Path, jars: Jars, settings: Settings, secrets: Path) -> Service:
    """The worker with its files in `folder`, its neighbours and its own address as in `settings`."""
    config = properties(settings, transforms.plugin_path(jars), secrets)
    file = folder / "connect.properties"
    # A database prints times with a zone in the zone that its driver says: that of the Java process.
    own = {"log4j2.configurationFile": str(folder / "log4j2.properties"), "user.timezone": "UTC"}
    jvm = java.Jvm(heap_min="256m", heap_max="1536m", properties=own)
    main = "org.apache.kafka.connect.cli.ConnectDistributed"
    return Service(
        name="connect",
        command=jvm.command("-cp", jars.kafka_class_path, main, str(file)),
        prepare=lambda: _prepare(folder, file, config, settings, jars),
        ready=lambda pid: is_ready(settings),
        log=log,
        after=("kafka", "registry"),
        folder=folder.parent,
    )


def is_ready(settings: Settings) -> bool:
    """Healthy by its own word, and offering the connectors we need."""
    if not probes.answers(httpx.URL(settings.connect_url).port or 0, "/health"):
        return False
    with contextlib.suppress(Transient, UserError), contextlib.closing(Connect(settings)) as connect:
        return set(CONNECTORS).issubset(connect.plugins())
    return False


def _prepare(folder: Path, file: Path, config: Mapping[str, object], settings: Settings, jars: Jars) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    transforms.compile_(jars)
    java.logging(folder)
    file.write_text(java.render(config))
    ensure(admin(settings), shared_topics(settings), settings.replication_factor)
