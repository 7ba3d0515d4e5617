"""How single values of a source file are read, whatever was typed: the value, or what is wrong and what is valid.

YAML is read without guessing types, so every scalar arrives as text; a value of the right type is taken as well.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NoReturn

from pydantic_core import PydanticCustomError

from suoi.ids import AgencyId
from suoi.sources.kinds import OWN_PREFIX

RESERVED = ("suoi", "identity", "codelist", "quality", "ops", "system", "default")
NEVER: Literal["never"] = "never"
SIZES = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TERMS = "{const: <text>} or {column: <name>, split: <separator>}"
_LONGEST_NAME = 58
"""`suoi_<agency>` is a replication slot at PostgreSQL, which takes 63 characters."""


@dataclass(frozen=True, slots=True)
class Term:
    """Where a value about a person comes from: columns, joined by a space, or a constant."""

    columns: tuple[str, ...]
    const: str | None
    split: str | None = None
    """What stands between several values in the one column; None: it holds one."""


def refuse(value: object, problem: str, valid: str) -> NoReturn:
    """Refuse `value`: the reader of the file turns this into one line with file, line and key."""
    raise PydanticCustomError("suoi", "{line}", {"line": f"{shown(value)} {problem}; valid: {valid}"})


def lack(key: str, valid: str) -> NoReturn:
    """Refuse a binding of administrative units without `key`."""
    line = f"{key} is missing for administrative units; valid: {valid}"
    raise PydanticCustomError("suoi", "{line}", {"line": line})


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else "a mapping" if isinstance(value, Mapping) else str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def read_name(value: object) -> str:
    """A name that is safe everywhere downstream."""
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > _LONGEST_NAME:
        refuse(value, "is not a name", f"a-z, 0-9 and _, a letter first, at most {_LONGEST_NAME} characters")
    return value


def read_agency(value: object) -> AgencyId:
    """A name that is not one of ours."""
    name = read_name(value)
    if name in RESERVED:
        refuse(name, "is reserved", f"any name but {' '.join(RESERVED)}")
    return AgencyId(name)


def read_text(value: object) -> str:
    """One printable line, not empty."""
    if not isinstance(value, str) or not value.strip():
        refuse(value, "is not a text", "one line of text")
    if any(not c.isprintable() for c in value):
        refuse(value, "holds a control character", "one line of text")
    return value


def read_host(value: object) -> str:
    """A host without its port, or anything that would mean more in the address of a database."""
    if not isinstance(value, str) or not re.fullmatch(
        r"[^\W_][\w.-]*|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*", value
    ):
        refuse(value, "is not a host", "a name or an address, such as 10.0.0.5; the port is a key of its own")
    return value


def read_file_name(value: object) -> str:
    """The name of a file in the folder of secrets."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
        refuse(value, "is not the name of a secret", "a file name inside the folder `secrets`, such as hotich.password")
    return value


def whole(lowest: int, highest: int) -> Callable[[object], int]:
    """A reader of whole numbers between two bounds."""

    def read(value: object) -> int:
        text = str(value)
        number = int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else -1
        if not lowest <= number <= highest:
            refuse(value, "is not a whole number in range", f"{lowest} to {highest}")
        return number

    return read


def measure(units: Mapping[str, int], example: str) -> Callable[[object], int]:
    """A reader of a number with a unit, giving seconds or bytes."""

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        match = re.fullmatch(r"(\d{1,9}) ?([A-Za-z]+)", str(value), re.ASCII)
        if match is None or match[2] not in units or int(match[1]) == 0:
            refuse(value, "cannot be read", f"a whole number and one of {' '.join(units)}, such as {example}")
        return int(match[1]) * units[match[2]]

    return read


def read_columns(value: object) -> tuple[str, ...]:
    """One column, or several, each once."""
    columns = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ()
    if not columns:
        refuse(value, "names no column", "a column or a list of columns")
    if len(set(map(str, columns))) < len(columns):
        refuse(value, "names a column twice", "every column once")
    return tuple(read_text(column) for column in columns)


def read_term(value: object) -> Term:
    """A column, several, a column that holds several values, or a constant."""
    if isinstance(value, Term):
        return value
    if not isinstance(value, Mapping):
        return Term(read_columns(value), None)
    if set(value) == {"const"}:
        return Term((), read_text(value["const"]))
    if set(value) == {"column", "split"}:
        return Term((read_text(value["column"]),), None, read_separator(value["split"]))
    refuse(" ".join(map(str, value)), "is not how a value is given", f"a column, several, {_TERMS}")


def read_separator(value: object) -> str:
    """What stands between values: a sign or two, such as `;`, never a letter or a digit."""
    if not isinstance(value, str) or not re.fullmatch(r"[^\w\s]{1,2}", value):
        refuse(value, "cannot separate values", "one or two signs, such as ';'")
    return value


def read_recoded(value: object) -> date | Literal["never"]:
    """A date, or `never`."""
    if value == NEVER:
        return NEVER
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        refuse(value, "is neither a date nor never", "the day of the switch to the new codes (2025-07-01), or never")


def read_table_key(value: object) -> str:
    """`<schema>.<table>` of the agency."""
    schema, dot, table = value.partition(".") if isinstance(value, str) else ("", "", "")
    if not (schema and dot and table) or not str(value).isprintable():
        refuse(value, "is not a table", "<schema>.<table>, such as public.khai_sinh")
    if schema.startswith(OWN_PREFIX):
        refuse(value, "belongs to Suối itself", "a table of the agency")
    return str(value)
