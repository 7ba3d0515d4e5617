"""The version of a row: where its change stands in the log of its source, never when.

    epoch (16 bits) | commit position (48) | event position (48) | revision (16)

Compared as one unsigned number; per key the highest wins. `docs/decisions/0001-row-version.md` (PostgreSQL) and
`docs/decisions/0006-mariadb-positions.md` say what was seen on the running connectors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from suoi.errors import Contract, Reason
from suoi.ids import Epoch, Revision, Version

FIRST_EPOCH = Epoch(1)
SIZE = 16
_POSITION_LIMIT = 1 << 48
EVENT_SHIFT, EVENT_MASK = 16, _POSITION_LIMIT - 1
"""Where a version has its event position, for who takes it apart elsewhere than here."""
_SMALL_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Position:
    """Where a change stands in its source's log: the order of transactions, then the order inside one."""

    commit: int
    event: int


@dataclass(frozen=True, slots=True)
class Place:
    """A version taken apart."""

    epoch: Epoch
    position: Position
    revision: Revision


def pack(epoch: int, commit: int, event: int, revision: int) -> Version:
    """The version as one number. Raises Contract when a part does not fit: a version must never wrap."""
    if not (0 <= commit < _POSITION_LIMIT and 0 <= event < _POSITION_LIMIT):
        raise Contract(
            f"position {commit}/{event} does not fit 48 bits: this log has outgrown the version layout",
            reason=Reason.POSITION_OUT_OF_RANGE,
        )
    if not (0 < epoch < _SMALL_LIMIT and 0 <= revision < _SMALL_LIMIT):
        raise Contract(f"epoch {epoch} or revision {revision} is outside 1..65535", reason=Reason.POSITION_OUT_OF_RANGE)
    return Version(epoch << 112 | commit << 64 | event << 16 | revision)


def unpack(version: int) -> Place:
    """The inverse of `pack`."""
    position = Position(version >> 64 & _POSITION_LIMIT - 1, version >> 16 & _POSITION_LIMIT - 1)
    return Place(Epoch(version >> 112), position, Revision(version & _SMALL_LIMIT - 1))


def to_bytes(version: int) -> bytes:
    """16 bytes, big-endian: byte order is version order."""
    return version.to_bytes(SIZE, "big")


def from_bytes(raw: bytes) -> Version:
    """The inverse of `to_bytes`."""
    return Version(int.from_bytes(raw, "big"))


def to_hex(version: int) -> str:
    """32 hexadecimal digits: string order is version order."""
    return f"{version:032x}"


def postgresql(source: Mapping[str, Any], read: bool) -> Position:
    """The position in a PostgreSQL source block of Debezium; `read`: of a row that was read, not changed.

    `sequence` is [commit, event] as LSNs; commit is that of the *previous* transaction the connector delivered, so
    it rises from transaction to transaction. Without one (nothing delivered yet) a streamed event stands at its own
    LSN, and a snapshot row below every streamed event. A connector may go on marking
    changes as of a snapshot (decision 1): whether one is, its operation says.
    Raises ValueError when the block carries no position.
    """
    commit, event = _sequence(source)
    streamed = not read or (source.get("snapshot") or "false") in ("false", "incremental")
    if commit is None:
        return Position(event, event) if streamed else Position(0, event)
    return Position(commit, event if streamed else 0)


def _sequence(source: Mapping[str, Any]) -> tuple[int | None, int]:
    sequence = orjson.loads(source.get("sequence") or "[]")
    if not isinstance(sequence, list) or len(sequence) != 2 or sequence[1] is None:
        raise ValueError(f"sequence {source.get('sequence')!r} is not [commit, event]")
    commit, event = sequence
    return (None if commit is None else int(commit)), int(event)


def postgresql_offset(offset: Mapping[str, Any]) -> Position | None:
    """How far a PostgreSQL connector has produced, by the offset that Connect stored; None before its first change."""
    if offset.get("lsn") is None:
        return None
    sequence = [None if (commit := offset.get("lsn_commit")) is None else str(commit), str(offset["lsn"])]
    return postgresql({"sequence": orjson.dumps(sequence).decode()}, read=False)


def mariadb(source: Mapping[str, Any], read: bool) -> Position:
    """The position in a MariaDB source block of Debezium: file, place in the file, row within the event.

    The binary log is written in commit order, so the place of an event is enough. A row of a snapshot carries the place
    up to which the log had been read when it was given out.
    Raises ValueError when the block carries no position, Contract when it is outside the layout.
    """
    return binlog(source.get("file"), source.get("pos"), source.get("row") or 0)


def mariadb_offset(offset: Mapping[str, Any]) -> Position | None:
    """How far a MariaDB connector has produced, by the offset that Connect stored: `pos` is where its unfinished
    transaction begins, so everything below has been produced. None before it reads the log."""
    return None if offset.get("file") is None else binlog(offset["file"], offset.get("pos"), 0)


def binlog(file: object, place: object, row: object = 0) -> Position:
    """The position of `row` within the event at `place` (bytes) of the binary log `file`, such as mariadb-bin.000003.

    Raises ValueError for what is no such thing, Contract when `row` does not fit 16 bits.
    """
    number = str(file).rpartition(".")[2]
    if not (number.isascii() and number.isdigit() and isinstance(place, int) and isinstance(row, int)):
        raise ValueError(f"file {file!r}, pos {place!r}, row {row!r} are no place in a binary log")
    if place < 0:
        raise _outside(file, place, row, "events do not tell their place: set binlog_legacy_event_pos = ON")
    if not 0 <= row < _SMALL_LIMIT:
        raise _outside(file, place, row, "a row number does not fit 16 bits: lower binlog_row_event_max_size")
    return Position(int(number) << 16 | place >> 32, (place & 0xFFFF_FFFF) << 16 | row)


def transaction(source: Mapping[str, Any]) -> int | None:
    """The number of a change's transaction as its database counts them: PostgreSQL's txid, the last part of MariaDB's
    GTID. None where the block tells none, and for rows of a snapshot of MariaDB."""
    if (number := source.get("txId")) is not None:
        return int(number)
    last = str(source.get("gtid") or "").rpartition("-")[2]
    return int(last) if last.isascii() and last.isdigit() else None


def _outside(file: object, place: int, row: int, why: str) -> Contract:
    return Contract(f"{file}, pos {place}, row {row}: {why}", reason=Reason.POSITION_OUT_OF_RANGE)


POSITION_OF: dict[str, Callable[[Mapping[str, Any], bool], Position]] = {"postgresql": postgresql, "mariadb": mariadb}
"""How each kind of source database tells a change's position, by its source block and whether the row was only read."""
PRODUCED_OF: Mapping[str, Callable[[Mapping[str, Any]], Position | None]] = {
    "postgresql": postgresql_offset,
    "mariadb": mariadb_offset,
}
"""How each kind's connector tells, by its stored offset, up to where it has produced."""
