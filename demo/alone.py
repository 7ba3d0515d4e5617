"""One load and one live stream per database: a second of the same kind is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import psycopg

from suoi.errors import UserError

_CLASS = 7_301_952
_WORKS = {"load": 1, "live": 2}


@contextmanager
def alone(connection: psycopg.Connection, work: Literal["load", "live"]) -> Iterator[None]:
    """Hold the database for `work` while the block runs; raises UserError when somebody else does that work there."""
    with connection.transaction():
        taken = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", [_CLASS, _WORKS[work]]).fetchone()
    if not taken or not taken[0]:
        raise UserError(f"demo {work}: another one is at work on database {connection.info.dbname!r}: stop it first")
    try:
        yield
    finally:
        if not connection.closed and not connection.broken:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_unlock(%s, %s)", [_CLASS, _WORKS[work]])
