"""MariaDB's types: under which name their values are compared, how they are selected, and how a key's value is written.

A value is compared under the name of the PostgreSQL type that means the same (`ops.verify.canon`): one table of texts
serves both kinds.
"""

import re
from collections.abc import Callable
from typing import Any

from suoi.sources.mariadb import identifier

_SAME = {
    "tinyint": "int8",
    "smallint": "int8",
    "mediumint": "int8",
    "int": "int8",
    "bigint": "int8",
    "decimal": "numeric",
    "float": "float4",
    "double": "float8",
    "year": "int8",
    "date": "date",
    "datetime": "timestamp",
    "timestamp": "timestamptz",
    "time": "time",
    "binary": "bytea",
    "varbinary": "bytea",
    "tinyblob": "bytea",
    "blob": "bytea",
    "mediumblob": "bytea",
    "longblob": "bytea",
    "bit": "bit",
    "uuid": "uuid",
    "geometry": "point",
    "point": "point",
    "linestring": "point",
    "polygon": "point",
    "multipoint": "point",
    "multilinestring": "point",
    "multipolygon": "point",
    "geometrycollection": "point",
}
_NUMBERS = frozenset(("int8", "numeric", "float8", "float4"))
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_BITS = re.compile(r"bit\((\d+)\)")
_PLAIN = re.compile(r"[A-Za-z0-9 .:_/-]*")
_TRUE = frozenset(("t", "true", "1"))


def compared_as(data_type: str, column_type: str) -> str:
    """The name in `ops.verify.canon` for a column, such as `int` declared as `int(10) unsigned`."""
    if column_type == "bit(1)":
        return "bool"
    unsigned = data_type == "bigint" and "unsigned" in column_type
    return "numeric" if unsigned else _SAME.get(data_type, "text")


def selected(column: str, declared: str) -> str:
    """The expression that prints a column without loss: a float as the double it is, no leading zeros, all bits.

    An enumeration is ordered and compared by its text.
    """
    name = f"`row`.{identifier(column)}"
    if declared.startswith("float"):
        return f"CAST({name} AS DOUBLE)"
    if "zerofill" in declared or declared == "bit(1)" or declared.startswith("year"):
        return f"({name} + 0)"
    bits = _BITS.fullmatch(declared)
    return f"LPAD(BIN({name} + 0), {bits[1]}, '0')" if bits else name


def ordered(column: str, declared: str) -> str:
    """The expression that a key is ordered by: an enumeration by its text, as it is compared."""
    name = f"`row`.{identifier(column)}"
    return f"CAST({name} AS CHAR)" if declared.startswith(("enum(", "set(")) else name


def reading(kind: str) -> Callable[[Any], Any]:
    """From a value as the driver gives it to what `ops.verify.canon` reads for the type of this name."""
    return _bit if kind == "bool" else _octets if kind == "bytea" else _text


def raw(kind: str, value: Any) -> str:
    """A key's value as `ops.databases.values.Raw` has it."""
    if kind == "bytea":
        return "\\x" + _octets(value).hex()
    text = _text(value)
    return f"{text}+00" if kind == "timestamptz" else _bit(text) if kind == "bool" else text


def literal(kind: str, text: str) -> str:
    """The same value in SQL, whatever zone, character set or mode the session that reads it has."""
    if kind in _NUMBERS and _NUMBER.fullmatch(text):
        return text
    if kind == "bytea":
        return f"X'{text.removeprefix(chr(92) + 'x')}'"
    if kind == "bool":
        return "b'1'" if text in _TRUE else "b'0'"
    if kind == "timestamptz":
        return f"CONVERT_TZ({_quoted(text.removesuffix('+00'))}, '+00:00', @@SESSION.time_zone)"
    return _quoted(text)


def _quoted(text: str) -> str:
    return f"'{text}'" if _PLAIN.fullmatch(text) else f"_utf8mb4 X'{text.encode().hex()}'"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _bit(value: Any) -> str:
    return "true" if _text(value) in _TRUE else "false"
