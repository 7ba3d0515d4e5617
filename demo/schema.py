"""The tables of the demo's agencies: plain DDL with primary keys in `demo/schemas/`.

One file per agency, `<agency>.sql`, or one per kind of database it may run on, `<agency>.<kind>.sql`.
"""

from pathlib import Path

from demo.store import Store
from suoi.errors import UserError

_FOLDER = Path(__file__).resolve().parent / "schemas"


def agencies() -> list[str]:
    """The agencies that have a schema here, sorted."""
    return sorted({path.name.partition(".")[0] for path in _FOLDER.glob("*.sql")})


def ddl(agency: str, kind: str = "postgresql") -> str:
    """The statements that create the tables of `agency` on a database of that kind; they can be run again.

    Raises UserError for an agency that has no schema here, or none for that kind.
    """
    if agency not in agencies():
        raise UserError(f"demo agency {agency!r} does not exist: choose one of {', '.join(agencies())}")
    for file in (_FOLDER / f"{agency}.{kind}.sql", _FOLDER / f"{agency}.sql"):
        if file.exists() and (kind == "postgresql" or file.name.count(".") > 1):
            return file.read_text(encoding="utf-8")
    raise UserError(f"demo agency {agency!r} has no tables for {kind!r}: choose postgresql")


def create_tables(store: Store, agency: str) -> None:
    """Create the tables of `agency` where they are missing, and commit."""
    store.script(ddl(agency, store.kind))
