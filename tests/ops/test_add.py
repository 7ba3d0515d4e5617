"""What is decided about a source before it is captured: once, and never over another database."""

from datetime import UTC, datetime

import pytest
from builders.control import decided
from builders.sources import a_source_file

from ops.add import first_decisions, left_out, of_persons
from ops.databases.values import Kept, Seen, Sight
from ops.guard.loads import begun_anew
from suoi.control import Control, Epoch, Load, Shape, Why
from suoi.errors import UserError
from suoi.ids import TableName
from suoi.sources import Source

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SOURCE = a_source_file()
SIGHT = Sight("77/1/16384", 100, Kept(), {key: Seen("abc", ("1 id bigint",)) for key in SOURCE.tables})


def found(before: Source | None = None, known: Control | None = None, sight: Sight = SIGHT) -> list[Epoch | Load]:
    return list(first_decisions(SOURCE, before, sight, known or decided(), NOW))


def covered(table: TableName) -> Shape:
    return Shape(agency=SOURCE.agency, table=table, hash="abc", time=NOW)


def test_a_new_source_is_introduced_and_the_rows_it_has_are_to_be_loaded() -> None:
    first, *others = found()
    assert isinstance(first, Epoch)
    assert (first.number, first.identity) == (1, "77/1/16384")
    loaded = [(load.table, load.why) for load in others if isinstance(load, Load)]
    assert loaded == [(table.name, Why.JOINED) for table in SOURCE.tables.values()]
    assert len(others) == len(loaded)


def test_done_again_it_decides_nothing() -> None:
    assert found(known=decided(*found())) == []
    assert found(before=SOURCE) == []


def test_a_table_that_joins_is_loaded_and_asked_for_once() -> None:
    wider = SOURCE.model_copy(update={"tables": {**SOURCE.tables, "public.moi": next(iter(SOURCE.tables.values()))}})
    sight = Sight("77/1/16384", 100, Kept(), {})
    decisions = list(first_decisions(wider, SOURCE, sight, decided(), NOW))
    assert [(load.why, load.table) for load in decisions if isinstance(load, Load)] == [
        (Why.JOINED, wider.tables["public.moi"].name)
    ]
    load = decisions[0]
    assert isinstance(load, Load)
    assert list(first_decisions(wider, SOURCE, sight, decided(begun_anew(load, "", NOW)), NOW)) == []


def test_a_table_that_was_left_out_for_a_while_is_loaded_again() -> None:
    known = decided(*found(), *(covered(table.name) for table in SOURCE.tables.values()))
    key, *others = SOURCE.tables
    without = SOURCE.model_copy(update={"tables": {other: SOURCE.tables[other] for other in others}})
    shapes_gone = decided(*(record for record in known.records.values() if not isinstance(record, Load)))
    assert [load.table for load in found(without, shapes_gone) if isinstance(load, Load)] == [SOURCE.tables[key].name]
    assert [shape.table for shape in left_out(without, known)] == [SOURCE.tables[key].name]


def test_a_source_that_was_removed_goes_on_where_it_was() -> None:
    introduced, *_ = found()
    known = decided(introduced, *(covered(table.name) for table in SOURCE.tables.values()))
    assert found(None, known) == []
    assert left_out(SOURCE, known) == []


def test_a_served_table_is_read_again_when_its_rows_say_otherwise_of_persons() -> None:
    table, *_ = SOURCE.tables.values()
    told = a_source_file(persons={"child": {"full_name": "ten"}})
    other = a_source_file(persons={"child": {"full_name": "ho_ten"}})
    served, new = decided(covered(table.name)), decided()

    def loads(now: Source, before: Source | None, known: Control = served) -> list[tuple[str, Why]]:
        return [(load.table, load.why) for load in of_persons(now, before, known, NOW)]

    again = [(table.name, Why.RELOAD)]
    assert (loads(told, SOURCE), loads(other, told)) == (again, again)
    assert loads(told, None) == again, "a source that was removed"
    assert (loads(told, told), loads(SOURCE, told), loads(told, None, new)) == ([], [], [])


def test_another_database_under_the_same_name_is_refused_with_the_way_back() -> None:
    known = decided(*found())
    with pytest.raises(UserError, match=f"suoi source new-epoch {SOURCE.agency}"):
        found(known=known, sight=Sight("78/1/16384", 100, Kept(), {}))
