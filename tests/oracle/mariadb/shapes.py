"""Tables of MariaDB reshaped: statements that commit by themselves."""

from dataclasses import dataclass

from oracle.engine import Types
from oracle.mariadb.link import Link
from oracle.mariadb.tables import TYPES
from oracle.model import Text

from suoi.sources.mariadb import identifier, text_literal

_DECLARED = """
SELECT concat_ws(' ', column_type, concat('COLLATE ', collation_name)), column_default, is_nullable
FROM information_schema.columns WHERE table_schema = %s AND table_name = %s AND column_name = %s
"""
_BIT = "bit(1)"


@dataclass(eq=False)
class Reshaping(Link):
    """See `oracle.engine.Shapes`."""

    types: Types = TYPES

    def add(self, table: str, column: str, declared: str, default: Text) -> None:
        """The rows that are there are not written."""
        if default is not None:
            declared = f"{declared.removesuffix(' NULL')} NOT NULL DEFAULT {_literal(declared, default)}"
        self._alter(table, f"ADD COLUMN {identifier(column)} {declared}")

    def add_identity(self, table: str, column: str) -> str:
        """The rows are written anew, without an event."""
        self._alter(table, f"ADD COLUMN {identifier(column)} varchar(36) NOT NULL DEFAULT (uuid())")
        return "text"

    def drop(self, table: str, column: str) -> None:
        """Its values go."""
        self._alter(table, f"DROP COLUMN {identifier(column)}")

    def replace(self, table: str, column: str, declared: str) -> None:
        """One statement: between two of them the server could die."""
        self._alter(table, f"DROP COLUMN {identifier(column)}, ADD COLUMN {identifier(column)} {declared}")

    def rename(self, table: str, column: str, new: str) -> None:
        """Only the name."""
        self._alter(table, f"RENAME COLUMN {identifier(column)} TO {identifier(new)}")

    def retype(self, table: str, column: str, declared: str) -> None:
        """All else stays as it is declared."""
        _, default, may = self._declared(table, column)
        self._modify(table, column, declared, default, may)

    def default(self, table: str, column: str, value: str) -> None:
        """For rows to come."""
        declared, _, _ = self._declared(table, column)
        self._alter(table, f"ALTER COLUMN {identifier(column)} SET DEFAULT {_literal(declared, value)}")

    def nullable(self, table: str, column: str, may: bool) -> None:
        """The rows are written anew."""
        declared, default, _ = self._declared(table, column)
        self._modify(table, column, declared, None if not may and default == "NULL" else default, may)

    def drop_partition(self, table: str) -> bool:
        """Its part of the keys is the default partition's from then on."""
        asked = "SELECT count(*) FROM information_schema.partitions WHERE table_schema = %s AND partition_name = 'bac'"
        ((left,),) = self.run(asked, [self.database])
        if table != "nguoi" or left == "0":
            return False
        self._alter(table, "DROP PARTITION bac")
        return True

    def sample(self, table: str, column: str) -> Text:
        """As MariaDB prints it."""
        declared, _, _ = self._declared(table, column)
        name = identifier(column)
        shown = f"ELT({name} + 1, 'false', 'true')" if declared == _BIT else name
        rows = self.run(f"SELECT {shown} FROM {self.named(table)} LIMIT 1")
        return rows[0][0] if rows else None

    def _declared(self, table: str, column: str) -> tuple[str, Text, bool]:
        """A column's type, its default as SQL, and whether it may be NULL."""
        ((declared, default, may),) = self.run(_DECLARED, [self.database, table, column])
        return declared, default, may == "YES"

    def _modify(self, table: str, column: str, declared: str, default: Text, may: bool) -> None:
        null = "NULL" if may else "NOT NULL"
        given = "" if default is None else f" DEFAULT {default}"
        self._alter(table, f"MODIFY COLUMN {identifier(column)} {declared} {null}{given}")

    def _alter(self, table: str, action: str) -> None:
        self.settle(f"ALTER TABLE {self.named(table)} {action}")


def _literal(declared: str, text: str) -> str:
    return f"b'{int(text == 'true')}'" if declared == _BIT else text_literal(text)
