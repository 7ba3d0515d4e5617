"""Values of bound columns that wait for a steward: what could not be read, how often, and one row that has it.

Counted when it is asked for, over the rows as they are now: `<table>_codes`, and `codelist.open` over all tables.
"""

from collections.abc import Iterable, Iterator, Sequence

from sinks.columns import Column
from suoi.ids import AgencyId, TableName
from suoi.warehouse import literal, quoted

_UNIT = "__unit"
_SETTLED = "('ok', 'empty', '')"


def values_waiting(agency: AgencyId, table: TableName, key: Sequence[str], columns: Iterable[Column]) -> str:
    """The query of `<table>_codes`; empty for a table without bound columns."""
    return " UNION ALL ".join(_of_columns(agency, table, key, columns))


def _of_columns(agency: AgencyId, table: TableName, key: Sequence[str], columns: Iterable[Column]) -> Iterator[str]:
    sample = ", ".join(f"toString({quoted(name)})" for name in key)
    rows = f"{quoted(agency)}.{quoted(table + '_current')}"
    for column in columns:
        if column.codelist:
            name = column.name.removesuffix(_UNIT)
            where = f"{literal(column.codelist)} AS list, {literal(agency)} AS agency, {literal(table)} AS `table`"
            value = f"{literal(name)} AS `column`, ifNull(toString({quoted(name)}), '') AS value"
            reading = f"toString({quoted(name + '__status')}) AS status, {quoted(name + '__candidates')} AS candidates"
            counted = f"count() AS rows, any([{sample}]) AS sample, max(_commit_time) AS newest"
            yield (
                f"SELECT {where}, {value}, {reading}, {counted} FROM {rows} "
                f"WHERE {quoted(name + '__status')} NOT IN {_SETTLED} GROUP BY value, status, candidates"
            )
