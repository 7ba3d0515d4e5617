"""The tables of the demo's agencies: plain DDL with primary keys, one file per agency in `demo/schemas/`."""

from pathlib import Path

import psycopg

from suoi.errors import UserError

_FOLDER = Path(__file__).resolve().parent / "schemas"


def agencies() -> list[str]:
    """The agencies that have a schema here, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.sql"))


def ddl(agency: str) -> str:
    """The statements that create the tables of `agency`; they can be run again.

    Raises UserError for an agency that has no schema here.
    """
    if agency not in agencies():
        raise UserError(f"demo agency {agency!r} does not exist: choose one of {', '.join(agencies())}")
    return (_FOLDER / f"{agency}.sql").read_text(encoding="utf-8")


def create_tables(connection: psycopg.Connection, agency: str) -> None:
    """Create the tables of `agency` where they are missing, and commit."""
    with connection.transaction():
        connection.execute(ddl(agency).encode())
