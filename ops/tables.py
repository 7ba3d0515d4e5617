"""What a person orders for one table: rest, go on, read again, give a record up. Decided here, done by the workers."""

import getpass
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import orjson

from ops import files
from ops.guard.loads import a_load, whole_under_way
from ops.guard.sweeping import Sweeper
from suoi import presence
from suoi.clock import Clock
from suoi.control import Control, ControlTopic, Load, Order, Record, Why
from suoi.errors import UserError
from suoi.ids import TableName
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import conformed_topic, raw_topic
from suoi.warehouse import Warehouse

_EXPIRED = ("expired", "not in the log any more")
_RECORD = re.compile(r"\[(\d+)\]@(\d+)")


@dataclass(frozen=True, slots=True)
class Subject:
    """One table of an active source."""

    source: Source
    key: str
    """`<schema>.<table>` at the source."""
    name: TableName

    def __str__(self) -> str:
        return f"{self.source.agency}.{self.name}"


def subject(text: str, settings: Settings) -> Subject:
    """The table `<agency>.<table>`. Raises UserError naming those there are."""
    agency, _, name = text.partition(".")
    source = files.find(settings.home, agency)
    for key, table in source.tables.items():
        if table.name == name:
            return Subject(source, key, table.name)
    known = " ".join(f"{agency}.{table.name}" for table in source.tables.values())
    raise UserError(f"table {text!r} is not captured; valid: {known}")


class Orders:
    """Publishes decisions about one table, in the name of whoever runs this process."""

    def __init__(self, about: Subject, settings: Settings, clock: Clock) -> None:
        self._about, self._settings, self._clock = about, settings, clock

    def pause(self, reason: str) -> None:
        """Let the table rest; its changes wait in the raw topic as long as that keeps them."""
        self._order({"paused": True, "reason": reason})

    def resume(self) -> None:
        """Let the table go on, also after what stopped it."""
        self._order({"paused": False})

    def read_again(self) -> Load:
        """The whole table, from the source; the load that is under way already, when there is one."""
        with closing(ControlTopic(self._settings)) as control:
            control.refresh()
            running = whole_under_way(control.state, self._about.source.agency, self._about.name)
            if running is not None:
                return running
            load = self._load(Why.RESNAPSHOT)
            control.publish(load)
        return load

    def read_keys(self, keys: Sequence[str]) -> Load:
        """Only the rows with `keys`: JSON arrays, or plain values when the key has one column.

        Raises UserError for a key that the table cannot have.
        """
        with Warehouse(self._settings) as warehouse:
            sweeper = Sweeper(self._settings, Registry(self._settings), warehouse)
            canonical = sweeper.canonical(self._about.source, self._about.key, [_parts(key) for key in keys])
        load = self._load(Why.RELOAD, canonical)
        self._publish(load)
        return load

    def skip(self) -> str:
        """Give up what stops the table; what that was. Raises UserError when nothing does, or it is not one record."""
        raw = raw_topic(self._about.source, self._about.key)
        causes = held(self._about, self._settings)
        cause = causes.get(raw) or next(iter(causes.values()), None)
        if cause is None:
            raise UserError(f"{self._about}: no record stops it; valid: a table that suoi status calls stopped")
        if any(sign in cause for sign in _EXPIRED):
            self._order({"paused": False, "gap_accepted": True})
            return f"the gap in its changes; {self.read_again().id} brings its rows again"
        if raw not in causes or not (found := _RECORD.search(cause)):
            raise UserError(f"{self._about}: it is not one record that stops it: {cause}; valid: suoi table resnapshot")
        partition, offset = int(found[1]), int(found[2])
        self._order({"paused": False}, give_up=(partition, offset))
        return (
            f"record {raw_topic(self._about.source, self._about.key)}[{partition}]@{offset}: it becomes a dead letter"
        )

    def _order(self, fields: Mapping[str, Any], give_up: tuple[int, int] | None = None) -> None:
        with closing(ControlTopic(self._settings)) as control:
            control.refresh()
            before = _skipped(control.state, self._about)
            skipped = (*before, give_up) if give_up and give_up not in before else before
            order = Order(
                agency=self._about.source.agency,
                table=self._about.name,
                time=self._clock.now(),
                author=author(),
                skipped=skipped,
                **fields,
            )
            control.publish(order)

    def _load(self, why: Why, keys: Sequence[str] = ()) -> Load:
        return a_load(self._about.source.agency, self._about.name, why, self._clock.now(), author(), keys)

    def _publish(self, record: Record) -> None:
        with closing(ControlTopic(self._settings)) as control:
            control.publish(record)


def held(about: Subject, settings: Settings) -> dict[str, str]:
    """The topics of a table that a worker holds, and why."""
    mine = {raw_topic(about.source, about.key), conformed_topic(about.source.agency, about.name)}
    every = {topic: cause for worker in presence.present(settings.home) for topic, cause in worker.held.items()}
    return {topic: cause for topic, cause in every.items() if topic in mine}


def author() -> str:
    """Who runs this process."""
    return getpass.getuser()


def _skipped(decided: Control, about: Subject) -> tuple[tuple[int, int], ...]:
    order = decided.order(about.source.agency, about.name)
    return order.skipped if order is not None else ()


def _parts(key: str) -> list[str]:
    """The columns of a key as typed: a JSON array, or one plain value. Raises UserError."""
    if not key.startswith("["):
        return [key]
    try:
        values = orjson.loads(key)
    except orjson.JSONDecodeError as exc:
        raise UserError(f"key {key!r}: {exc}; valid: a JSON array such as '[7, \"a\"]', or a plain value") from None
    return [value if isinstance(value, str) else orjson.dumps(value).decode() for value in values]
