"""How often Python looks for cycles that nobody holds: seldom, where much is held for long."""

import gc

SELDOM = (5_000, 20, 100)
"""Thresholds of the collector's three generations."""


def collect_seldom() -> None:
    """For the whole process, before it holds much.

    The rows that an engine keeps live long, and looking through all of them takes up to a second, in which no other row
    goes on. At Python's own thresholds that was a third of the time.
    """
    gc.set_threshold(*SELDOM)
