"""The schema registry: Apicurio, its memory in Kafka, so that a restart forgets no id."""

from collections.abc import Mapping
from pathlib import Path

from embedded import java, probes
from embedded.jars import Jars
from embedded.ports import LOOPBACK
from embedded.service import Service

PORTS = ("registry", "registry_management")
_API = "/apis/ccompat/v7"
_SNAPSHOT_WAIT_MS = 1000
_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""It has little to do once it runs: compiling lightly halves the processor time of its start (11.6 s to 6.1 s)."""


def properties(brokers: str, at: Mapping[str, int]) -> dict[str, str]:
    """System properties of the registry."""
    return {
        "quarkus.http.host": LOOPBACK,
        "quarkus.http.port": str(at["registry"]),
        "quarkus.management.host": LOOPBACK,
        "quarkus.management.port": str(at["registry_management"]),
        "apicurio.storage.kind": "kafkasql",
        "apicurio.kafkasql.bootstrap.servers": brokers,
        # At its start it waits this long for a snapshot of its journal, twice; without one it reads the whole journal.
        "apicurio.kafkasql.consumer.poll.timeout": str(_SNAPSHOT_WAIT_MS),
    }


def service(log: Path, jars: Jars, brokers: str, at: Mapping[str, int]) -> Service:
    """The registry on the ports `at` (PORTS)."""
    jvm = java.Jvm("384m", flags=_FLAGS, properties=properties(brokers, at))
    return Service(
        name="registry",
        command=jvm.command("-jar", str(jars.registry_jar)),
        ready=lambda pid: is_ready(at),
        log=log,
        after=("kafka",),
    )


def is_ready(at: Mapping[str, int]) -> bool:
    """Healthy by its own word, and listing subjects."""
    management = at["registry_management"]
    return probes.answers(management, "/health/ready") and probes.answers(at["registry"], f"{_API}/subjects")


def url(at: Mapping[str, int]) -> str:
    """The Confluent-compatible address."""
    return f"http://{LOOPBACK}:{at['registry']}{_API}"
