"""How every table stands: what the watermark says of it, what was ordered for it, and the load that is under way."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ops import complete
from suoi.change import TableState
from suoi.control import Control, ControlTopic, Load, Order
from suoi.ids import AgencyId, TableName
from suoi.settings import Settings
from suoi.sources import Source
from suoi.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Standing:
    """One table."""

    agency: AgencyId
    table: TableName
    state: str
    order: Order | None
    load: Load | None

    @property
    def name(self) -> str:
        """`<agency>.<table>`"""
        return f"{self.agency}.{self.table}"

    def ordered(self) -> str:
        """What a person ordered, in words; empty for nothing that still holds."""
        return order_words(self.order) if self.order else ""

    def loading(self) -> str:
        """The load that is under way, in words."""
        return load_words(self.load) if self.load else ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "table": self.name,
            "state": self.state,
            "order": self.order.model_dump(mode="json") if self.order else None,
            "load": self.load.model_dump(mode="json") if self.load else None,
        }


def order_words(order: Order) -> str:
    """What of an order still holds."""
    why = f": {order.reason}" if order.reason else ""
    rests = [f"paused by {order.author}{why}"] if order.paused else []
    given_up = [f"{len(order.skipped)} records given up"] if order.skipped else []
    return "; ".join(rests + given_up)


def load_words(load: Load) -> str:
    """What a load is about and how far it is."""
    keys = f" of {len(load.keys)} keys" if load.keys else ""
    rows = f", {load.rows} rows" if load.rows else ""
    detail = f": {load.detail}" if load.detail else ""
    return f"{load.why}{keys} {load.stage}{rows}{detail}"


def standings(sources: Iterable[Source], settings: Settings) -> list[Standing]:
    """How the tables of `sources` stand. Raises Transient when a neighbour is away."""
    with closing(ControlTopic(settings)) as control:
        control.refresh()
        decided = control.state
    with Warehouse(settings) as warehouse:
        marks = complete.read(warehouse)
    found = []
    for source in sources:
        for table in source.tables.values():
            mark = marks.get((source.agency, table.name))
            state = mark.state if mark else TableState.LOADING
            order, load = decided.order(source.agency, table.name), under_way(decided, source.agency, table.name)
            found.append(Standing(source.agency, table.name, state.value, order, load))
    return found


def under_way(decided: Control, agency: AgencyId, table: TableName) -> Load | None:
    """The load of a table that is furthest; None when there is none."""
    mine = [load for load in decided.loads(agency) if load.table == table and load.under_way]
    return next((load for load in mine if load.floor), next(iter(mine), None))
