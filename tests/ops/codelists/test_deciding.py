"""What a steward types: checked with one line before anybody sees it, and shown with names."""

from datetime import date
from typing import Any

import pytest
from builders.decisions import NOW, a_decision
from builders.shipped import shipped_environment

from ops.codelists.deciding import Meant, decision
from ops.codelists.decisions import history, named
from ops.files import shipped
from streams import revisions
from streams.revisions import Declared
from suoi.codelists.lists import Lists
from suoi.errors import UserError
from suoi.ids import AgencyId
from suoi.resources import resource
from suoi.sources import Source, load_source


def sources() -> dict[AgencyId, Source]:
    """Those that ship."""
    read = [load_source(path, shipped_environment()) for path in shipped()]
    return {one.agency: one for one in read}


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


def typed(**given: Any) -> Meant:
    """A decision about a commune code that no list has, as typed."""
    fields: dict[str, Any] = {
        "list": "admin_unit",
        "raw": "B12",
        "unit": "00004",
        "version": None,
        "place": "",
        "since": None,
        "until": None,
        "text": None,
        "why": "asked",
        **given,
    }
    return Meant(**fields)


def test_a_unit_is_of_the_newest_version_that_has_it_unless_told(lists: Lists) -> None:
    assert decision(lists, {}, typed(), NOW).version == "2026-04-30"
    assert decision(lists, {}, typed(unit="00001"), NOW).version == "2025-06-30"
    assert decision(lists, {}, typed(version="2024-06-11"), NOW).version == "2024-06-11"
    assert named(lists, decision(lists, {}, typed(), NOW)) == "00004 (Phường Ba Đình, Thành phố Hà Nội) of 2026-04-30"


def test_value_text_and_reason_are_taken_without_needless_blanks(lists: Lists) -> None:
    new = decision(lists, {}, typed(raw=" B\u00a012 ", text=" Xã  A", why=" so "), NOW)
    assert (new.raw, new.scope.text, new.reason) == ("B 12", "Xã A", "so")


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"list": "ethnic"}, "unknown list 'ethnic'; valid are admin_unit"),
        ({"raw": " - "}, "means that nothing was filled in"),
        ({"why": " "}, "--why is empty"),
        ({"unit": "99999"}, "has the unit '99999'; valid: 2, 3 or 5 digits"),
        ({"version": "2025-06-31"}, "the list of '2025-06-31' has no unit '00004'; valid: --of 2024-06-11"),
        ({"since": date(2025, 7, 1), "until": date(2025, 7, 1)}, "no day is from 2025-07-01"),
        ({"place": "yte.benh_nhan.gioi_tinh"}, "nothing there is bound to list admin_unit; valid: .*maxa_cu_tru"),
        ({"list": "ethnicity", "unit": "77"}, "list ethnicity has no unit '77'; valid: 01"),
        ({"list": "ethnicity", "unit": "01", "version": "hr_2008"}, "written in statistics_1979, not 'hr_2008'"),
    ],
)
def test_what_cannot_be_meant_is_one_line_with_what_can(lists: Lists, wrong: dict[str, Any], line: str) -> None:
    with pytest.raises(UserError, match=line):
        decision(lists, sources(), typed(**wrong), NOW)


def test_a_table_or_an_agency_is_a_place_as_well_as_a_column(lists: Lists) -> None:
    for place in ("yte", "yte.benh_nhan", "yte.benh_nhan.maxa_cu_tru"):
        assert decision(lists, sources(), typed(place=place), NOW).scope.place == place


def test_the_history_tells_who_ended_a_decision_and_why() -> None:
    declared: list[Declared] = []
    declared.append(revisions.following(declared, 1, "abc", NOW, "lan", "first"))
    declared.append(revisions.deciding(declared, 1, "abc", a_decision(place="yte")))
    declared.append(revisions.revoking(declared, 1, "abc", "2", NOW, "minh", "it moved"))
    (told,) = history(declared)
    assert (told["id"], told["means"], told["where"], told["why"]) == ("2", "00004 of 2025-07-01", "yte", "asked")
    assert told["revoked"] == "2026-11-23 08:00 by minh: it moved"
