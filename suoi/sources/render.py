"""What follows from a source file: its connector, and the SQL its DBA runs. Templates are in `cdc-config/templates`."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from suoi.ids import AgencyId
from suoi.resources import resource
from suoi.settings import Settings
from suoi.sources.model import Source
from suoi.topics import notifications_topic, signals_topic

MEBIBYTE = 1024 * 1024
OWN_TABLES = ("heartbeat", "debezium_signal")
OWN_VIEWS = ("shape", "told")
"""What our tables are filled from: what the source says of itself."""


def connector_name(agency: AgencyId) -> str:
    """Name of the agency's connector in Kafka Connect."""
    return f"suoi-{agency}"


def slot_name(agency: AgencyId) -> str:
    """Name of the agency's replication slot, and of its publication."""
    return f"suoi_{agency}"


def connector(source: Source, settings: Settings) -> dict[str, str]:
    """The configuration of the agency's connector, as Kafka Connect takes it; secrets are references, never values.

    It never reads a snapshot by itself: the rows that are there are loads of the guard, which know when they are whole.
    """
    values = {
        "agency": source.agency,
        "host": source.database.host,
        "port": str(source.database.port),
        "database": source.database.name,
        "user": source.database.user,
        "password": _secret(settings.home.absolute() / "secrets", source.database.password_file),
        "slot": slot_name(source.agency),
        "publication": slot_name(source.agency),
        "tables": ",".join([exactly(table) for table in (*source.tables, f"{source.capture_schema}.heartbeat")]),
        "brokers": settings.brokers,
        "signals": signals_topic(source.agency),
        "notifications": notifications_topic(source.agency),
        "chunk": str(chunk_rows(source)),
    }
    config = {**_filled("common.connector", values), **_filled(f"{source.database.kind}.connector", values)}
    return {"name": connector_name(source.agency), **config, **_signal_security(settings), **converters(settings)}


def chunk_rows(source: Source) -> int:
    """Rows that an incremental snapshot reads at once: some twenty such reads a second are what it manages alone."""
    return min(max(source.harm.snapshot_rows_per_second // 20, 10), 2048)


def converters(settings: Settings) -> dict[str, str]:
    """How keys and values become Avro: the same settings for both."""
    values = {"registry": settings.registry_url.replace("/apis/ccompat/v7", "/apis/registry/v2")}
    one = _filled("converter", values)
    return {f"{side}.{name}": value for side in ("key", "value") for name, value in one.items()}


def source_sql(source: Source) -> str:
    """The SQL that prepares the agency's database: role, grants, our own tables, publication.

    One transaction without any client command, so psql and a driver both run it; idempotent; holds no password.
    """
    database, tables = source.database, [table_identifier(table) for table in source.tables]
    values = {
        "title": source.title,
        "database": identifier(database.name),
        "database_plain": database.name,
        "user": identifier(database.user),
        "user_plain": database.user,
        "user_text": text_literal(database.user),
        "password_file": database.password_file,
        "max_log": f"{max(1, source.harm.max_log_bytes // MEBIBYTE)}MB",
        "publication": identifier(slot_name(source.agency)),
        "publication_text": text_literal(slot_name(source.agency)),
        "grants": "\n".join(_grants(source)),
        "listed": ",\n      ".join(text_literal(table) for table in tables),
        "published": ",\n  ".join([*tables, *(f"{source.capture_schema}.{table}" for table in OWN_TABLES)]),
    }
    template = _template(f"{database.kind}.source.sql")
    return Template(template).substitute(values, tag=_unused("do", "".join(values.values())))


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """`text` as an SQL literal, whatever standard_conforming_strings says."""
    quoted = "'" + text.replace("'", "''") + "'"
    return quoted if "\\" not in text else " E" + quoted.replace("\\", "\\\\")


def table_identifier(table: str) -> str:
    """`<schema>.<table>` as quoted SQL."""
    schema, _, name = table.partition(".")
    return f"{identifier(schema)}.{identifier(name)}"


def _grants(source: Source) -> Iterator[str]:
    user = identifier(source.database.user)
    for schema in dict.fromkeys(table.partition(".")[0] for table in source.tables):
        yield f"GRANT USAGE ON SCHEMA {identifier(schema)} TO {user};"
    for table in source.tables:
        yield f"GRANT SELECT ON {table_identifier(table)} TO {user};"


def _unused(tag: str, text: str) -> str:
    """A dollar-quote tag that does not occur in `text`."""
    while tag in text:
        tag += "_"
    return tag


def exactly(table: str) -> str:
    """A regular expression for this one table: Debezium ignores case unless the expression itself does not."""
    return "(?-i)" + re.sub(r"[^\w]", lambda match: "\\" + match[0], table)


def _signal_security(settings: Settings) -> dict[str, str]:
    """The signal channel has a consumer of its own; its login is the secret `kafka.jaas`."""
    config: dict[str, str] = {"security.protocol": settings.kafka_security_protocol}
    if settings.kafka_security_protocol.startswith("SASL"):
        config["sasl.mechanism"] = settings.kafka_sasl_mechanism
        config["sasl.jaas.config"] = _secret(settings.home.absolute() / "secrets", "kafka.jaas")
    if settings.kafka_ca_file:
        config |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(settings.kafka_ca_file)}
    return {f"signal.consumer.{name}": value for name, value in config.items()}


def _secret(folder: Path, name: str) -> str:
    return "${directory:" + str(folder) + ":" + name + "}"


def _filled(name: str, values: Mapping[str, str]) -> dict[str, str]:
    settings: dict[str, str] = json.loads(_template(f"{name}.json"))
    return {key: Template(value).substitute(values) for key, value in settings.items()}


def _template(name: str) -> str:
    return resource("cdc-config", "templates", name).read_text(encoding="utf-8")
