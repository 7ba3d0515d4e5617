"""What a PostgreSQL source fills into its templates, and how PostgreSQL writes names."""

from collections.abc import Iterator, Mapping

from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources.model import Source
from suoi.sources.own import OWN_TABLES

MEBIBYTE = 1024 * 1024


def slot_name(agency: AgencyId) -> str:
    """Name of the agency's replication slot, and of its publication."""
    return f"suoi_{agency}"


def connector_values(source: Source, settings: Settings) -> dict[str, str]:
    """What only this kind's connector needs."""
    slot = slot_name(source.agency)
    return {"database": source.database.name, "slot": slot, "publication": slot}


def sql_values(source: Source) -> dict[str, str]:
    """What fills the SQL that prepares the database."""
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
    return {**values, "tag": _unused("do", values)}


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


def _unused(tag: str, values: Mapping[str, str]) -> str:
    """A dollar-quote tag that does not occur in any of `values`."""
    text = "".join(values.values())
    while tag in text:
        tag += "_"
    return tag
