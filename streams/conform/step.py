"""conform: one change in, one row version out. Pure, total, stateless: the same change always gives the same bytes.

1. position   where the change stands in its source's log
2. image      the row after it, or before it for a delete
3. values     every column in its published type; what a type cannot hold goes to `_faults`
4. codes      every bound column read as of its date
5. provenance where the row came from, and under which revision
"""

from collections.abc import Mapping
from typing import Any

import orjson

from streams.conform.faults import Fault
from streams.conform.plan import TablePlan
from suoi import position
from suoi.change import Change, Conformed, Dead, Operation, Row, Truncated
from suoi.errors import Actor, Contract, Reason
from suoi.ids import Revision, Version

RULES = 1
"""Raised with every change of what conform writes: a check compares it with the code (see `streams.revisions`)."""

_MARKERS = frozenset(
    (
        "__debezium_unavailable_value",
        "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
        b"__debezium_unavailable_value",
    )
)
"""The unavailable-value marker as text, base64 and bytes."""
_OPERATIONS = frozenset(operation.value for operation in Operation)


def conform(change: Change, plan: TablePlan, revision: Revision) -> Conformed | Truncated | Dead:
    """The row version of `change` under `plan`; a Dead when it can never have one. Never raises for bad data."""
    if change.operation not in _OPERATIONS:
        return _dead(change, Reason.UNKNOWN_OPERATION, f"op {change.operation!r}; valid: {' '.join(_OPERATIONS)}")
    try:
        where = position.POSITION_OF[plan.kind](change.source, change.operation == Operation.SNAPSHOT)
        version = position.pack(plan.epoch, where.commit, where.event, revision)
    except (ValueError, TypeError) as exc:
        return _dead(change, Reason.NO_POSITION, str(exc))
    except Contract as exc:
        return _dead(change, Reason.POSITION_OUT_OF_RANGE, str(exc), Actor.OWNER)
    if change.operation == Operation.TRUNCATE:
        return Truncated(_described(change, {}, {}, version, revision), version)
    return _row_version(change, plan, version, revision)


def _row_version(change: Change, plan: TablePlan, version: Version, revision: Revision) -> Conformed | Dead:
    deleted = change.operation == Operation.DELETE
    image = (change.before or change.key) if deleted else change.after
    if image is None:
        return _dead(change, Reason.NO_ROW_IMAGE, f"op {change.operation!r} without the row it speaks of")
    if not deleted and (hidden := _unavailable(image)):
        return _dead(change, Reason.UNAVAILABLE_VALUE, f"column {hidden!r} came without its value", Actor.OPERATOR)
    row, faults = _values(image, plan)
    if missing := [name for name in plan.key if row.get(name) is None]:
        return _dead(change, Reason.NO_KEY, f"key column {missing[0]!r} is null or cannot be read")
    try:
        key = canonical_key(row, plan.key)
    except TypeError as exc:
        return _dead(change, Reason.NO_KEY, f"the key cannot be written: {exc}")
    for reader in plan.codes:
        unit, list_version, status, candidates = reader.names
        row[unit], row[list_version], row[status], row[candidates] = reader.read(row)
    return Conformed(key, _described(change, row, faults, version, revision), version)


def _values(image: Row, plan: TablePlan) -> tuple[dict[str, Any], dict[str, str]]:
    row: dict[str, Any] = dict.fromkeys(plan.columns) if len(image) < len(plan.columns) else {}
    row.update(image)
    faults: dict[str, str] = {}
    for name, convert in plan.converts:
        if (value := row[name]) is not None:
            try:
                row[name] = convert(value)
            except Fault as fault:
                row[name], faults[name] = None, str(fault)
            except (ValueError, TypeError, KeyError, OverflowError, ArithmeticError):
                row[name], faults[name] = None, f"unreadable: {value}"
    return row, faults


def _unavailable(image: Row) -> str | None:
    """The first column whose value the source did not send."""
    try:
        if _MARKERS.isdisjoint(image.values()):
            return None
    except TypeError:
        pass  # a column holds a list or a mapping: look at each value below
    return next((name for name, value in image.items() if _is_marker(value)), None)


def _is_marker(value: Any) -> bool:
    if isinstance(value, str | bytes):
        return value in _MARKERS
    if isinstance(value, list):
        return len(value) == 1 and _is_marker(value[0])
    return isinstance(value, Mapping) and any(_is_marker(item) for item in value)


def _described(
    change: Change, row: dict[str, Any], faults: dict[str, str], version: Version, revision: Revision
) -> dict[str, Any]:
    at, source = change.at, change.source
    row["_faults"] = faults
    row["_version"] = position.to_bytes(version)
    row["_deleted"] = change.operation == Operation.DELETE
    row["_op"] = change.operation
    row["_commit_time"] = _commit_micros(source)
    row["_tx"] = position.transaction(source)
    row["_topic"], row["_partition"], row["_offset"] = at.topic, at.partition, at.offset
    row["_revision"] = revision
    return row


def _commit_micros(source: Row) -> int:
    micros = source.get("ts_us")
    return int(micros) if micros is not None else int(source.get("ts_ms") or 0) * 1000


def canonical_key(row: Row, key: tuple[str, ...]) -> bytes:
    """The primary key as a JSON array, without blanks: equal keys give equal bytes."""
    return orjson.dumps([row[name] for name in key], default=_key_text)


def _key_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} cannot be part of a key")


def _dead(change: Change, reason: Reason, detail: str, actor: Actor = Actor.DEVELOPER) -> Dead:
    return Dead(change.at, reason, actor, detail)
