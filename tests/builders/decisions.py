"""Decisions of a steward."""

from datetime import UTC, date, datetime
from typing import Any

from suoi.codelists.decision import Decision, Scope

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
REFORM = date(2025, 7, 1)


def a_decision(raw: str = "B12", unit: str = "00004", **given: Any) -> Decision:
    """That `raw` means `unit`; `given` are other fields of the decision or of its scope."""
    scope = {name: given.pop(name) for name in ("place", "since", "until", "text") if name in given}
    fields = {"id": "7", "list": "admin_unit", "version": "2025-07-01", "author": "lan", "reason": "asked", **given}
    return Decision(raw=raw, unit=unit, scope=Scope(**scope), time=NOW, **fields)
