"""One client's connection to the engine, with the settings of each query laid over those the client SET itself."""

import re
from collections.abc import Iterable

from embedded.gateway.engine import Engine, rows
from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.requests import Setting
from embedded.gateway.sql import quote
from embedded.gateway.statements import check, first_word

_IGNORED = frozenset(["send_logs_level", "log_queries"])
"""chDB would write its log to standard error."""
_CHANGES = frozenset(["MUTATING", "MUTATING_GLOBAL"])
_LEAVING = frozenset(["SET", "USE", "BEGIN"])
_TEMPORARY = re.compile(r"\bTEMPORARY\b", re.I)
_OWN_CONTROL = frozenset(["SET", "USE", "KILL"])


class Session:
    """Owned by one thread. Raises ClickHouseError for an unknown database."""

    def __init__(self, engine: Engine, database: str) -> None:
        self._engine = engine
        self.database = database
        self.connection = engine.connect(database)
        self.marked = False
        """Whether a statement left something in the session that only its own client may meet."""
        self.readonly = False
        """Kept from the engine, which would let nobody take it back."""
        self._applied: dict[str, str] = {}
        self._before: dict[str, str] = {}

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()

    def apply(self, settings: Iterable[Setting]) -> None:
        """Make exactly `settings` hold, and what the last query set hold no longer."""
        wanted = self._known(settings)
        if wanted == self._applied:
            return
        self._undo([name for name in self._applied if name not in wanted])
        self._remember([name for name in wanted if name not in self._applied])
        for name, value in wanted.items():
            if self._applied.get(name) != value:
                # One by one, so that a refused value leaves a known state.
                self.connection.query(f"SET {name} = {quote(value)}")
                self._applied[name] = value

    def check(self, sql: str) -> None:
        """Raise ClickHouseError if the statement reaches beyond the data folder, or writes although it may not."""
        check(sql)
        self.marked = self.marked or first_word(sql) in _LEAVING or bool(_TEMPORARY.search(sql))
        if self.readonly and self._writes(sql):
            raise ClickHouseError(Code.READONLY, "DB::Exception: Cannot execute query in readonly mode.")

    def _writes(self, sql: str) -> bool:
        kind = self.connection._conn.classify_query(sql)["query_class"].name
        return kind in _CHANGES or (kind == "CONTROL" and first_word(sql) not in _OWN_CONTROL)

    def _known(self, settings: Iterable[Setting]) -> dict[str, str]:
        wanted = {}
        self.readonly = False
        for setting in settings:
            if setting.name == "readonly":
                self.readonly = setting.value != "0"
            elif setting.name in self._engine.settings:
                wanted[setting.name] = setting.value
            elif setting.important:
                raise ClickHouseError(Code.UNKNOWN_SETTING, f"DB::Exception: Unknown setting {setting.name}")
        return {name: value for name, value in wanted.items() if name not in _IGNORED}

    def _undo(self, names: list[str]) -> None:
        for name in names:
            self.connection.query(f"SET {name} = {self._before.pop(name, 'DEFAULT')}")
            del self._applied[name]

    def _remember(self, names: list[str]) -> None:
        if not names:
            return
        listed = ", ".join(map(quote, names))
        changed = f"SELECT name, value FROM system.settings WHERE changed AND name IN ({listed})"
        self._before.update({name: quote(value) for name, value in rows(self.connection, changed)})
