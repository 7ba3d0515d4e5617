"""Which warehouse types hold every value of another one, exactly: what may be widened in place, and what may not.

A wider type says the same of an old value as the source itself does after its ALTER TYPE: so rows of before stay right,
and rows of an older schema that come late still fit.
"""

import re

_NULLABLE = re.compile(r"Nullable\((.*)\)")
_DECIMAL = re.compile(r"Decimal\((\d+), (\d+)\)")
_HOLDS = frozenset({("Int64", "Int32"), ("Float64", "Int32"), ("Float64", "Float32"), ("String", "UUID")})


def holds(wide: str, narrow: str) -> bool:
    """Whether a column of type `wide` takes every value of `narrow` as it is; true of equal types."""
    if nullable := _NULLABLE.fullmatch(wide):
        wide, narrow = nullable[1], _without_null(narrow)
    return wide == narrow or (wide, narrow) in _HOLDS or _decimal_holds(wide, narrow)


def roomy(key_type: str) -> str:
    """The type a key column is made with: it cannot be widened later, and one day the numbers of an int key run out."""
    return "Int64" if key_type == "Int32" else key_type


def _without_null(kind: str) -> str:
    found = _NULLABLE.fullmatch(kind)
    return found[1] if found else kind


def _decimal_holds(wide: str, narrow: str) -> bool:
    of, to = _DECIMAL.fullmatch(narrow), _DECIMAL.fullmatch(wide)
    if not of or not to:
        return False
    more_behind = int(to[2]) - int(of[2])
    return more_behind >= 0 and int(to[1]) - int(of[1]) >= more_behind
