"""Bound codes of today: what `_current` adds to the unit as of its date, which no view ever changes.

    <c>__today             the unit in the list that is in force today; null unless one is certain
    <c>__today_status      ok, or why not
    <c>__today_candidates  what stays possible then

Official links alone decide (`codelist.carried`). Candidates that all went to one unit are that unit.
"""

from collections.abc import Iterable, Iterator

from sinks.columns import Column
from suoi.naming import TODAY, TODAY_CANDIDATES, TODAY_STATUS
from suoi.warehouse import quoted

DATED = "admin_unit"
"""The list whose versions are dates."""
_UNIT = "__unit"
_TARGET = "(SELECT version FROM codelist.today)"


def projected(columns: Iterable[Column]) -> Iterator[str]:
    """The expressions for every column that is bound to a dated list."""
    for column in columns:
        if column.codelist == DATED and column.name.endswith(_UNIT):
            yield from _of(column.name.removesuffix(_UNIT))


def _of(name: str) -> Iterator[str]:
    unit, version, status, candidates = (
        quoted(name + suffix) for suffix in ("__unit", "__version", "__status", "__candidates")
    )
    read = f"if({unit} IS NULL, {candidates}, [assumeNotNull({unit})])"
    reached = f"arraySort(arrayDistinct(arrayFlatten(arrayMap(one -> {_found('units', version, 'one')}, {read}))))"
    all_certain = f"arrayAll(one -> {_found('status', version, 'one')} = 'ok', {read})"
    one_home = f"{status} IN ('ok', 'ambiguous') AND {all_certain} AND length({reached}) = 1"
    certain = f"({one_home} AND ({status} = 'ok' OR length({candidates}) > 1))"
    carried = f"if({status} != 'ok', {status}, {_found('status', version, f'assumeNotNull({unit})')})"
    yield f"if({certain}, {reached}[1], NULL) AS {quoted(name + TODAY)}"
    yield f"if({certain}, 'ok', {carried}) AS {quoted(name + TODAY_STATUS)}"
    yield f"if({certain}, [], {reached}) AS {quoted(name + TODAY_CANDIDATES)}"


def _found(what: str, version: str, unit: str) -> str:
    return f"joinGet('codelist.carried', '{what}', {version}, {unit}, {_TARGET})"
