"""The agencies' tables."""

import pytest

from demo.schema import agencies, ddl
from suoi.errors import UserError


@pytest.mark.parametrize("agency", ["hotich", "danhmuc"])
def test_every_table_has_a_primary_key(agency: str) -> None:
    assert ddl(agency).count("CREATE TABLE") == ddl(agency).count("PRIMARY KEY") == 2


def test_an_unknown_agency_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=f"'hotic'.*{', '.join(agencies())}"):
        ddl("hotic")
