"""What happens in a personnel office: titles, units and degrees change, people retire, some numbers are put right."""

from typing import Any

from demo.cbcc import GONE, RANKS, RETIRED, cadre_key, person_of_cadre
from demo.clerk import Clerk, Customs
from demo.draw import Weighted
from demo.news import Born, Died, Moved


def promoted(clerk: Clerk) -> None:
    """Somebody gets another rank and title."""
    if row := _someone(clerk):
        rank, title = clerk.draw.one(RANKS)
        clerk.update("can_bo", row["ma_cb"], {"ma_ngach": rank, "chuc_vu": f"{title} (2026)"}, by="promoted")


def transferred(clerk: Clerk) -> None:
    """Somebody works elsewhere now."""
    if row := _someone(clerk):
        unit = f"H08.{clerk.draw.between(1, 90)}.{clerk.draw.between(1, 9)}"
        clerk.update("can_bo", row["ma_cb"], {"ma_don_vi": unit}, by="transferred")


def put_right(clerk: Clerk) -> None:
    """Name and number are put right, and what the spreadsheet did."""
    if row := _someone(clerk):
        person = clerk.household_of(person_of_cadre(row["ma_cb"]))[1]
        values = {"ho_ten": person.name.full, "cccd": person.number, "trinh_do_pt": "12/12"}
        clerk.update("can_bo", row["ma_cb"], values, by="correction")


def retired(clerk: Clerk) -> None:
    """Somebody retires."""
    if row := _someone(clerk):
        clerk.update("can_bo", row["ma_cb"], {"trang_thai": RETIRED}, by="retired")


def hear(clerk: Clerk, news: Born | Died | Moved) -> None:
    """A cadre's death is known to the office."""
    if isinstance(news, Died):
        clerk.update("can_bo", cadre_key(news.person.id), {"trang_thai": GONE}, by="death")


CUSTOMS = Customs(
    {"promoted": promoted, "transferred": transferred, "put_right": put_right, "retired": retired},
    Weighted([("promoted", 40.0), ("transferred", 30.0), ("put_right", 27.0), ("retired", 3.0)]),
    hear,
)


def _someone(clerk: Clerk) -> dict[str, Any] | None:
    return clerk.first("can_bo", cadre_key(clerk.anyone()), cadre_key(clerk.persons))
