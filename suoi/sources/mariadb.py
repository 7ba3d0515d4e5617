"""What a MariaDB source fills into its templates, and how MariaDB writes names."""

from collections.abc import Iterator
from zlib import crc32

from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources.model import Source
from suoi.topics import schema_history_topic

_FIRST_REPLICA = 1 << 31
"""Numbers that nobody gives a server by hand."""


def connector_values(source: Source, settings: Settings) -> dict[str, str]:
    """What only this kind's connector needs."""
    return {
        "schema": source.capture_schema,
        "server_id": str(replica_id(source.agency)),
        "schema_history": schema_history_topic(source.agency),
    }


def replica_id(agency: AgencyId) -> int:
    """The number by which the server knows the agency's connector among its replicas: always the same, so that a new
    connection sends a forgotten one away."""
    return _FIRST_REPLICA + crc32(agency.encode()) % (_FIRST_REPLICA - 1)


def sql_values(source: Source) -> dict[str, str]:
    """What fills the SQL that prepares the database."""
    database = source.database
    return {
        "title": source.title,
        "database_plain": database.name,
        "schema": identifier(source.capture_schema),
        "user": account(database.user),
        "password_file": database.password_file,
        "grants": "\n".join(_grants(source)),
        "shapes": "\n  UNION ALL ".join(_shape(source.capture_schema, table) for table in source.tables),
    }


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def text_literal(text: str) -> str:
    """`text` as an SQL literal, under the default meaning of a backslash."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def table_identifier(table: str) -> str:
    """`<database>.<table>` as quoted SQL."""
    database, _, name = table.partition(".")
    return f"{identifier(database)}.{identifier(name)}"


def account(user: str) -> str:
    """The account of `user`, from any host."""
    return f"{text_literal(user)}@'%'"


def _grants(source: Source) -> Iterator[str]:
    user = account(source.database.user)
    for database in dict.fromkeys(table.partition(".")[0] for table in source.tables):
        yield f"GRANT REFERENCES ON {_as_pattern(database)}.* TO {user};"
    for table in source.tables:
        yield f"GRANT SELECT ON {table_identifier(table)} TO {user};"


def _as_pattern(database: str) -> str:
    """The name of a database where a grant takes a pattern."""
    return identifier(database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"))


def _shape(schema: str, table: str) -> str:
    """The lines of one table as a JSON array; no row when it is not there."""
    base, _, name = (text_literal(part) for part in table.partition("."))
    line = "concat_ws(' ', column_name, column_type, character_set_name)"
    lines = f"json_arrayagg({line} ORDER BY ordinal_position)"
    return (
        f"SELECT {text_literal(table)} AS name,\n"
        f"    json_merge_preserve({lines}, {identifier(schema)}.files({base}, {name})) AS told\n"
        f"  FROM information_schema.columns WHERE table_schema = {base} AND table_name = {name} HAVING count(*) > 0"
    )
