"""Kafka Connect, distributed, with Debezium: where capture runs. Converters and secrets are the worker's, so that a
connector's own file holds neither an address of the registry nor a password."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

import httpx

from embedded import java, probes
from embedded.jars import CONVERTER_CLASS, Jars
from embedded.ports import LOOPBACK
from embedded.service import Service
from suoi.kafka import admin
from suoi.settings import Settings
from suoi.topics import (
    CONNECT_CONFIGS,
    CONNECT_OFFSETS,
    CONNECT_STATUS,
    MAX_MESSAGE_BYTES,
    ensure,
    shared_topics,
)

PORTS = ("connect",)
CONNECTORS = ("io.debezium.connector.postgresql.PostgresConnector",)
_SECONDS = 5.0


def converter(registry: str) -> dict[str, str]:
    """Settings of the Avro converter: the Confluent wire format with whole schemas, able to do without the registry
    for a while. A misspelt name would be ignored in silence: `tests/stack` reads what it writes."""
    return {
        "url": registry,
        "auto-register": "true",
        "as-confluent": "true",
        "use-id": "contentId",
        "headers.enabled": "false",
        "dereference-schema": "true",
        # Known schemas are looked up again every 30 s by default, and a task fails for good when that fails once.
        "check-period-ms": "600000",
        "fault-tolerant-refresh": "true",
        "retry-count": "20",
        "retry-backoff-ms": "1000",
    }


def properties(brokers: str, port: int, registry: str, plugin_path: str, secrets: Path) -> dict[str, object]:
    """The worker's settings. A connector refers to a secret as `${directory:<secrets>:<name>}`."""
    settings = converter(registry)
    converters: dict[str, object] = {
        name: value
        for side in ("key", "value")
        for name, value in {
            f"{side}.converter": CONVERTER_CLASS,
            **{f"{side}.converter.apicurio.registry.{key}": value for key, value in settings.items()},
        }.items()
    }
    return {
        "bootstrap.servers": brokers,
        "group.id": "suoi-connect",
        "listeners": f"http://{LOOPBACK}:{port}",
        "rest.advertised.host.name": LOOPBACK,
        "plugin.path": plugin_path,
        "plugin.discovery": "service_load",
        "config.storage.topic": CONNECT_CONFIGS,
        "offset.storage.topic": CONNECT_OFFSETS,
        "status.storage.topic": CONNECT_STATUS,
        "exactly.once.source.support": "enabled",
        "topic.creation.enable": "false",
        "scheduled.rebalance.max.delay.ms": 0,
        "producer.max.request.size": MAX_MESSAGE_BYTES,
        "producer.compression.type": "lz4",
        "config.providers": "directory",
        "config.providers.directory.class": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
        "config.providers.directory.param.allowed.paths": secrets,
        **converters,
    }


def service(folder: Path, log: Path, jars: Jars, config: Mapping[str, object], settings: Settings) -> Service:
    """The worker with its files in `folder`; `config` as of `properties`, `settings` to make its topics with."""
    file = folder / "connect.properties"
    log4j = {"log4j2.configurationFile": str(folder / "log4j2.properties")}
    jvm = java.Jvm(heap_min="256m", heap_max="1536m", properties=log4j)
    main = "org.apache.kafka.connect.cli.ConnectDistributed"
    return Service(
        name="connect",
        command=jvm.command("-cp", jars.kafka_class_path, main, str(file)),
        prepare=lambda: _prepare(folder, file, config, settings),
        ready=lambda pid: is_ready(settings.connect_url),
        log=log,
        after=("kafka", "registry"),
        folder=folder.parent,
    )


def is_ready(url: str) -> bool:
    """Healthy by its own word, and offering the connectors we need."""
    return probes.answers(f"{url}/health") and plugins(url).issuperset(CONNECTORS)


def plugins(url: str) -> set[str]:
    """Classes of the connectors this worker offers; empty when it does not answer."""
    with contextlib.suppress(httpx.HTTPError, ValueError):
        answer = httpx.get(f"{url}/connector-plugins", timeout=_SECONDS, trust_env=False)
        return {plugin["class"] for plugin in answer.json()}
    return set()


def _prepare(folder: Path, file: Path, config: Mapping[str, object], settings: Settings) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    java.logging(folder)
    file.write_text(java.render(config))
    ensure(admin(settings), shared_topics(settings), settings.replication_factor)
