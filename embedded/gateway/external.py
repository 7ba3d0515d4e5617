"""External tables: rows a client sends along with a query, there for this query only, as temporary tables."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from chdb.state.sqlitelike import Connection

from embedded.gateway import insert
from embedded.gateway.sql import quote_name
from embedded.gateway.staging import Staging
from embedded.gateway.statements import Insert


@dataclass(frozen=True, slots=True)
class External:
    """A table to be: its name, its columns as SQL declares them, and its rows in a format."""

    name: str
    columns: str
    format: str
    rows: Staging


@contextmanager
def present(connection: Connection, tables: Iterable[External]) -> Iterator[None]:
    """Inside, statements of `connection` see `tables`. Raises what the engine raises, and then there are none."""
    with ExitStack() as stack:
        for table in tables:
            name = quote_name(table.name)
            connection.query(f"CREATE TEMPORARY TABLE {name} ({table.columns}) ENGINE = Memory")
            stack.callback(connection.query, f"DROP TEMPORARY TABLE {name}")
            insert.write(connection, Insert(name, "", "", table.format, ""), table.rows, table.format)
        yield
