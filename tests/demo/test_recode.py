"""What an address becomes in the July night."""

from demo.places import places
from demo.recode import RECODES, renewed


def test_an_old_commune_becomes_its_heir_without_a_district() -> None:
    code, homes = next(iter(places().by_old.items()))
    row = {"maxa_cu_tru": code, "mahuyen_cu_tru": homes[0].old.district, "matinh_cu_tru": "64", "ho_ten": "X"}
    new = homes[0].new.code
    assert renewed("yte", row) == {"maxa_cu_tru": new, "mahuyen_cu_tru": None, "matinh_cu_tru": "52", "ho_ten": "X"}


def test_numbers_stay_numbers() -> None:
    code, homes = next(iter(places().by_old.items()))
    row = renewed("giaoduc", {"ma_xa": int(code), "ma_huyen": 540, "ma_tinh": 52})
    assert row == {"ma_xa": int(homes[0].new.code), "ma_huyen": None, "ma_tinh": 52}


def test_what_holds_no_address_stays_as_it_is() -> None:
    assert all(renewed(agency, {"ho_ten": "X"}) == {"ho_ten": "X"} for agency in RECODES)
