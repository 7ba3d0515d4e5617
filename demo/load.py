"""The province into the database of `hotich`: by COPY, a few thousand persons per transaction.

Who has been loaded is kept beside the agency's tables in `demo.province` and committed with the rows, so a load that
was broken off goes on where it stopped, a second load of the same writes nothing, and a greater number of persons lets
the province grow. Another seed, or rows that are not ours, are refused.
"""

from collections.abc import Iterable
from itertools import islice

import psycopg

from demo.alone import alone
from demo.copying import copy_rows
from demo.population import world
from demo.progress import Loaded, Report, silent
from demo.province import Records, records
from demo.rows import Birth, Death
from demo.schema import create_tables
from suoi.errors import UserError

FAMILIES_PER_TRANSACTION = 400

_COLUMNS = {"khai_sinh": Birth._fields, "khai_tu": Death._fields}
_PROGRESS = b"""
    CREATE SCHEMA IF NOT EXISTS demo;
    CREATE TABLE IF NOT EXISTS demo.province (seed bigint PRIMARY KEY, persons bigint NOT NULL)
"""


def load(connection: psycopg.Connection, persons: int, seed: int, report: Report = silent) -> Loaded:
    """Bring the province of `seed` to `persons` persons; returns the rows written per table.

    `report` is called with (persons done, persons asked for) after each transaction. Raises UserError where the
    database holds another province, and for a number of persons or a seed that cannot be made.
    """
    if not 0 <= seed < 2**62:
        raise UserError(f"seed {seed} cannot be used: choose 0 to {2**62 - 1}")
    with alone(connection, "load"):
        done = _begin(connection, seed)
        return _go_on(connection, persons, seed, done, report)


def _begin(connection: psycopg.Connection, seed: int) -> int:
    """Make the tables where they are missing; returns how many persons of this seed are there."""
    create_tables(connection, "hotich")
    with connection.transaction():
        connection.execute(_PROGRESS)
        there = connection.execute("SELECT seed, persons FROM demo.province").fetchone()
        if there is None:
            _refuse_foreign_rows(connection)
            connection.execute("INSERT INTO demo.province VALUES (%s, 0)", [seed])
            return 0
    if there[0] != seed:
        name = connection.info.dbname
        raise UserError(f"database {name!r} holds the province of seed {there[0]}, not {seed}: use that seed")
    return int(there[1])


def _refuse_foreign_rows(connection: psycopg.Connection) -> None:
    for table in _COLUMNS:
        found = connection.execute(f"SELECT EXISTS (SELECT FROM {table})".encode()).fetchone()
        if found and found[0]:
            name = connection.info.dbname
            raise UserError(f"database {name!r} has rows in {table} that no demo loaded: choose an empty database")


def _go_on(connection: psycopg.Connection, persons: int, seed: int, done: int, report: Report) -> Loaded:
    written = dict.fromkeys(_COLUMNS, 0)
    stream = records(world(seed), persons, after=done)
    while some := list(islice(stream, FAMILIES_PER_TRANSACTION)):
        with connection.transaction():
            for table in _COLUMNS:
                written[table] += _copy(connection, table, some)
            done = some[-1].persons[-1].id
            connection.execute("UPDATE demo.province SET persons = %s WHERE seed = %s", [done, seed])
        report(done, persons)
    return Loaded(written)


def _copy(connection: psycopg.Connection, table: str, some: Iterable[Records]) -> int:
    rows = [entry.row for one in some for entry in one.entries if entry.table == table]
    with connection.cursor() as cursor:
        copy_rows(cursor, table, _COLUMNS[table], rows)
    return len(rows)
