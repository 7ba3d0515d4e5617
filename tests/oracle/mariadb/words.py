"""How values and keys are written in the SQL of MariaDB, and how its log is searched. Pure."""

from collections.abc import Iterable, Sequence

from oracle.engine import Row, Seen
from oracle.model import Key, Text

from suoi.sources.mariadb import identifier

_GIVEN = {"bytea": "UNHEX(SUBSTRING({}, 3))", "bool": "({} = 'true')"}
_PRINTED = {
    "bytea": "CONCAT(_utf8mb4 X'5C78', LOWER(HEX({})))",
    "bool": "ELT({} + 1, 'false', 'true')",
    "float4": "CAST({} AS DOUBLE)",
}
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})
_GTID, _ANNOTATION, _QUERY = "Gtid", "Annotate_rows", "Query"


def given(kind: str, place: str) -> str:
    """The value of a column that is compared as `kind`, of the text that stands at `place`."""
    return _GIVEN.get(kind, "{}").format(place)


def printed(seen: Seen) -> str:
    """The columns of a table as texts."""
    return ", ".join(_PRINTED.get(column.type, "{}").format(identifier(column.name)) for column in seen.columns)


def kinds(seen: Seen) -> dict[str, str]:
    """Column → as what it is compared."""
    return {column.name: column.type for column in seen.columns}


def among(seen: Seen, keys: Sequence[Key]) -> tuple[str, list[str]]:
    """The condition for the rows with `keys`, and its parameters, as ranges of the index: of a list of pairs the server
    makes none. Numbers stand in it as they are: one that is compared with a text is compared as a double."""
    known = kinds(seen)
    parts = [(f"{identifier(name)} = ", known[name] == "int8") for name in seen.key]
    where, values = list[str](), list[str]()
    for key in keys:
        one = zip(parts, key, strict=True)
        where.append(" AND ".join(name + (str(int(text)) if plain else "%s") for (name, plain), text in one))
        values += [text for (_, plain), text in zip(parts, key, strict=True) if not plain]
    return " OR ".join(f"({each})" for each in where), values


def lines(rows: Sequence[Row]) -> str:
    """Rows as LOAD DATA reads them."""
    return "".join("\t".join(map(_field, row.values())) + "\n" for row in rows)


def _field(value: Text) -> str:
    return "\\N" if value is None else value.translate(_ESCAPED)


def columns_of(seen: Seen, rows: Iterable[Sequence[Text]]) -> dict[Key, Sequence[Text]]:
    """Key → row."""
    names = [column.name for column in seen.columns]
    places = [names.index(name) for name in seen.key]
    return {tuple(row[place] or "" for place in places): row for row in rows}


def told(events: Iterable[tuple[str, str]], text: str) -> int | None:
    """The number of the transaction whose statement holds `text`, among events of the log (kind, what it says)."""
    number = None
    for kind, says in events:
        if kind == _GTID:
            number = int(says.rpartition("GTID ")[2].split()[0].rpartition("-")[2])
        elif kind in (_ANNOTATION, _QUERY) and text in says:
            return number
    return None
