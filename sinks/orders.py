"""What people ordered for tables, as the sink follows it: only what is new since the last look."""

import logging
from typing import Protocol

from suoi.control import Control, Order
from suoi.errors import Transient

log = logging.getLogger(__name__)


class Decisions(Protocol):
    """The control topic, as far as the sink needs it."""

    state: Control

    def refresh(self) -> bool: ...


class Orders:
    """Remembers which orders it has told."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._known: dict[str, Order] = {}

    def news(self) -> list[Order]:
        """Orders given since the last call; none while the broker is away: the live path does not wait for them."""
        try:
            self._decisions.refresh()
        except Transient as exc:
            log.info("%s; going on with what was ordered before", exc)
        orders = {key: order for key, order in self._decisions.state.records.items() if isinstance(order, Order)}
        new = [order for key, order in orders.items() if order != self._known.get(key)]
        self._known = orders
        return new
