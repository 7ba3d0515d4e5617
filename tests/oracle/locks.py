"""Who touches what among several open transactions of one thread: it must never wait for itself."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from oracle.model import Key


@dataclass
class Locks:
    """Rows and whole tables in the hands of open transactions, which are named by anything hashable."""

    _rows: dict[tuple[str, Key], Hashable] = field(default_factory=dict)
    _touched: dict[str, set[Hashable]] = field(default_factory=dict)
    _whole: dict[str, Hashable] = field(default_factory=dict)

    def row(self, owner: Hashable, table: str, key: Key) -> bool:
        """Take a row, existing or not; False when another transaction has it, or the whole table."""
        if not self.is_free(owner, table, key):
            return False
        self._rows[table, key] = owner
        self._touched.setdefault(table, set()).add(owner)
        return True

    def is_free(self, owner: Hashable, table: str, key: Key) -> bool:
        """Whether `row` would say yes."""
        return self._whole.get(table, owner) == owner and self._rows.get((table, key), owner) == owner

    def is_open(self, owner: Hashable, table: str) -> bool:
        """Whether no other transaction has the whole table."""
        return self._whole.get(table, owner) == owner

    def table(self, owner: Hashable, table: str) -> bool:
        """Take a whole table; False when another transaction has touched it."""
        if self._touched.get(table, set()) - {owner} or not self.is_open(owner, table):
            return False
        self._whole[table] = owner
        self._touched.setdefault(table, set()).add(owner)
        return True

    def release(self, owner: Hashable) -> None:
        """The transaction has ended."""
        self._rows = {row: holder for row, holder in self._rows.items() if holder != owner}
        self._whole = {table: holder for table, holder in self._whole.items() if holder != owner}
        for holders in self._touched.values():
            holders.discard(owner)
