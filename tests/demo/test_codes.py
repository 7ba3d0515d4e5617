"""The shipped source files and the rows of the demo fit together."""

import pytest
from builders.shipped import shipped_environment

from demo import yte
from demo.agencies import AGENCIES
from demo.meant import MEANT, SOILED
from demo.places import REFORM
from demo.population import world
from demo.province import records
from demo.readings import Tables, tables_of
from ops.files import shipped
from suoi.sources import load_source


@pytest.fixture(scope="module")
def tables() -> Tables:
    return tables_of(load_source(path, shipped_environment()) for path in shipped())


def test_every_column_a_file_names_is_in_the_rows(tables: Tables) -> None:
    for agency, one in AGENCIES.items():
        for name, table in one.tables.items():
            assert set(tables[agency, name].columns) <= set(table.columns)


def test_of_every_column_a_file_binds_the_meaning_is_known(tables: Tables) -> None:
    bound = {key: set(tables[key].codes) for key in tables if tables[key].codes}
    assert {key: set(columns) for key, columns in MEANT.items()} == bound


def test_a_fault_is_said_to_concern_columns_that_there_are() -> None:
    bound = {(agency, column) for (agency, _), columns in MEANT.items() for column in columns}
    assert {(agency, column) for (agency, _), columns in SOILED.items() for column in columns} <= bound


def test_new_codes_are_met_in_hospitals_only_since_the_reform() -> None:
    entries = [e for some in records(world(7), 1500, agencies=["yte"]) for e in some.held["yte"]]
    made = [entry.row.ngay_tao.date() for entry in entries if yte.NEW_CODE in entry.dirt]
    assert made
    assert min(made) >= REFORM
