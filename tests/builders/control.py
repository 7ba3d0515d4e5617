"""Decisions, built by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from suoi.control import Control, Epoch, Load, Order, Record, Shape, Why
from suoi.control.state import control
from suoi.ids import AgencyId, TableName, Topic
from suoi.ids import Epoch as EpochNumber

AGENCY, TABLE = AgencyId("hotich"), TableName("khai_sinh")
RAW_TOPIC = Topic("hotich.public.khai_sinh")
NOON = datetime(2025, 7, 1, 12, 0, tzinfo=UTC)


def an_epoch(number: int, starts: Mapping[int, int] | None = None, **fields: Any) -> Epoch:
    """An epoch that starts at these offsets of the raw topic of khai_sinh."""
    return Epoch(
        agency=AGENCY, time=NOON, number=EpochNumber(number), starts={RAW_TOPIC: starts} if starts else {}, **fields
    )


def an_order(**fields: Any) -> Order:
    return Order(agency=AGENCY, table=TABLE, **{"time": NOON, **fields})


def a_shape(**fields: Any) -> Shape:
    return Shape(agency=AGENCY, table=TABLE, time=NOON, **{"hash": "abc", **fields})


def a_load(minutes: int = 0, **fields: Any) -> Load:
    """A load requested so many minutes after noon."""
    requested = NOON + timedelta(minutes=minutes)
    usual = {"id": f"load{minutes}", "why": Why.SHAPE, "requested": requested, "time": requested}
    return Load(agency=AGENCY, table=TABLE, **{**usual, **fields})


def decided(*records: Record) -> Control:
    """The state these decisions amount to."""
    return control(records)
