"""What we ask of a connector: rows in the signal table of its source. They come out of the log, so none is lost."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from ops.databases.kinds import of
from ops.databases.port import SourceDatabase
from ops.databases.values import LET_GO
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import exactly


@dataclass(frozen=True, slots=True)
class Signals:
    """The signal table of one source. Every call raises Transient when the database is away."""

    source: Source
    settings: Settings

    def snapshot(self, name: str, table: str, condition: str = "") -> None:
        """Read the rows of `table` (`<schema>.<table>`) that meet `condition` again; the notices carry `name`."""
        about: dict[str, object] = {"data-collections": [exactly(table)], "type": "incremental"}
        if condition:
            about["additional-conditions"] = [{"data-collection": exactly(table), "filter": condition}]
        self._signal(name, "execute-snapshot", about)

    def pause(self, name: str) -> None:
        """Let the snapshot that runs rest; `name` is of this signal."""
        self._signal(name, "pause-snapshot", {"type": "incremental"})

    def resume(self, name: str) -> None:
        """Let a resting snapshot go on."""
        self._signal(name, "resume-snapshot", {"type": "incremental"})

    def stop(self, name: str) -> None:
        """End every snapshot that runs or waits."""
        self._signal(name, "stop-snapshot", {"type": "incremental"})

    def let_go(self, reason: str) -> bool:
        """Give the log back, having noted why where it cannot be lost; False while somebody still reads it."""
        self._database.signal(LET_GO, "suoi", reason)
        return self._database.release()

    def release(self) -> bool:
        """Give the log back to the source; False while somebody still reads it: who does is sent away."""
        return self._database.release()

    def clean(self, names: Sequence[str]) -> None:
        """Take away what is answered."""
        self._database.take_back(names)

    @property
    def _database(self) -> SourceDatabase:
        return of(self.source, self.settings)

    def _signal(self, name: str, kind: str, about: object) -> None:
        self._database.signal(name, kind, orjson.dumps(about).decode())
