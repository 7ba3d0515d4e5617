"""What follows from a source file: its connector, and the SQL its DBA runs. Templates are in `cdc-config/templates`."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from typing import NamedTuple

from suoi.ids import AgencyId
from suoi.resources import resource
from suoi.settings import Settings
from suoi.sources import mariadb, postgresql
from suoi.sources.model import Source
from suoi.sources.own import OWN_TABLES as OWN_TABLES
from suoi.sources.own import OWN_VIEWS as OWN_VIEWS
from suoi.sources.postgresql import identifier as identifier
from suoi.sources.postgresql import slot_name as slot_name
from suoi.sources.postgresql import table_identifier as table_identifier
from suoi.topics import notifications_topic, signals_topic


class Filling(NamedTuple):
    """What a kind of database fills into its templates."""

    connector: Callable[[Source, Settings], dict[str, str]]
    sql: Callable[[Source], dict[str, str]]


_FILLING: Mapping[str, Filling] = {
    "postgresql": Filling(postgresql.connector_values, postgresql.sql_values),
    "mariadb": Filling(mariadb.connector_values, mariadb.sql_values),
}


def connector_name(agency: AgencyId) -> str:
    """Name of the agency's connector in Kafka Connect."""
    return f"suoi-{agency}"


def connector(source: Source, settings: Settings) -> dict[str, str]:
    """The configuration of the agency's connector, as Kafka Connect takes it; secrets are references, never values.

    It never reads a snapshot by itself: the rows that are there are loads of the guard, which know when they are whole.
    """
    kind = source.database.kind
    values = {
        "agency": source.agency,
        "host": source.database.host,
        "port": str(source.database.port),
        "user": source.database.user,
        "password": _secret(settings.home.absolute() / "secrets", source.database.password_file),
        "tables": ",".join([exactly(table) for table in (*source.tables, f"{source.capture_schema}.heartbeat")]),
        "brokers": settings.brokers,
        "signals": signals_topic(source.agency),
        "notifications": notifications_topic(source.agency),
        "chunk": str(chunk_rows(source)),
        **_FILLING[kind].connector(source, settings),
    }
    config = {**_filled("common.connector", values), **_filled(f"{kind}.connector", values)}
    return {"name": connector_name(source.agency), **config, **_security(source, settings), **converters(settings)}


def chunk_rows(source: Source) -> int:
    """Rows that an incremental snapshot reads at once: some twenty such reads a second are what it manages alone."""
    return min(max(source.harm.snapshot_rows_per_second // 20, 10), 2048)


def converters(settings: Settings) -> dict[str, str]:
    """How keys and values become Avro: the same settings for both."""
    values = {"registry": settings.registry_url.replace("/apis/ccompat/v7", "/apis/registry/v2")}
    one = _filled("converter", values)
    return {f"{side}.{name}": value for side in ("key", "value") for name, value in one.items()}


def source_sql(source: Source) -> str:
    """The SQL that prepares the agency's database: role, grants, our own tables, and what capture needs besides.

    Without any client command, so that a driver runs it as well; idempotent; holds no password.
    """
    kind = source.database.kind
    return Template(_template(f"{kind}.source.sql")).substitute(_FILLING[kind].sql(source))


def exactly(table: str) -> str:
    """A regular expression for this one table: Debezium ignores case unless the expression itself does not."""
    return "(?-i)" + re.sub(r"[^\w]", lambda match: "\\" + match[0], table)


def _security(source: Source, settings: Settings) -> dict[str, str]:
    """The clients that a connector has beside Connect's own reach the brokers as we do; their login is the secret
    `kafka.jaas`."""
    config: dict[str, str] = {"security.protocol": settings.kafka_security_protocol}
    if settings.kafka_security_protocol.startswith("SASL"):
        config["sasl.mechanism"] = settings.kafka_sasl_mechanism
        config["sasl.jaas.config"] = _secret(settings.home.absolute() / "secrets", "kafka.jaas")
    if settings.kafka_ca_file:
        config |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(settings.kafka_ca_file)}
    history = ("schema.history.internal.producer", "schema.history.internal.consumer")
    clients = ("signal.consumer", *(history if source.keeps_schema_history else ()))
    return {f"{client}.{name}": value for client in clients for name, value in config.items()}


def _secret(folder: Path, name: str) -> str:
    return "${directory:" + str(folder) + ":" + name + "}"


def _filled(name: str, values: Mapping[str, str]) -> dict[str, str]:
    settings: dict[str, str] = json.loads(_template(f"{name}.json"))
    return {key: Template(value).substitute(values) for key, value in settings.items()}


def _template(name: str) -> str:
    return resource("cdc-config", "templates", name).read_text(encoding="utf-8")
