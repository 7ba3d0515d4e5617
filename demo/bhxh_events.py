"""What happens at social insurance: cards are renewed, numbers verified, second numbers given, the dead closed late."""

from datetime import date
from typing import Any

from demo.bhxh import AGREES, CLOSED, participant
from demo.clerk import Clerk, Customs
from demo.draw import Weighted
from demo.entry import Household
from demo.news import Born, Died, Moved
from demo.papers import insurance_number, insured
from demo.places import spot


def renewed(clerk: Clerk) -> None:
    """A card runs for another year."""
    if row := _someone(clerk):
        year = date(clerk.today.year + 1, 12, 31)
        clerk.update("nguoi_tham_gia", row["ma_so_bhxh"], {"tu_ngay": clerk.today, "den_ngay": year}, by="renewed")


def verified(clerk: Clerk) -> None:
    """The population database agrees: name and personal number are put right, the card becomes ten characters."""
    if row := _someone(clerk):
        whose = insured(clerk.world.seed, row["ma_so_bhxh"])
        _, person = clerk.household_of(whose.person)
        values = {
            "ho_ten": person.name.full,
            "so_ddcn": person.number,
            "ma_the": row["ma_so_bhxh"],
            "trang_thai_xac_thuc": AGREES,
        }
        clerk.update("nguoi_tham_gia", row["ma_so_bhxh"], values, by="verified")


def given_again(clerk: Clerk) -> None:
    """One field differed, and somebody gets a second number."""
    of, person = clerk.household_of(clerk.anyone())
    if not person.died:
        clerk.insert(participant(of, person, again=True, today=clerk.today))


def withdrawn(clerk: Clerk) -> None:
    """A second number is found out and taken out."""
    _, person = clerk.household_of(clerk.anyone())
    clerk.delete("nguoi_tham_gia", insurance_number(clerk.world.seed, person, again=True))


def hear(clerk: Clerk, news: Born | Died | Moved) -> None:
    """Newborns are insured; of deaths and moves some never arrive."""
    if isinstance(news, Born):
        of = Household(clerk.world, news.family, clerk.draw)
        clerk.insert(participant(of, news.child, again=False, today=clerk.today))
    elif isinstance(news, Died) and clerk.draw.chance(0.7):
        key = insurance_number(clerk.world.seed, news.person)
        clerk.update("nguoi_tham_gia", key, {"trang_thai_xac_thuc": CLOSED, "den_ngay": clerk.today}, by="death")
    elif isinstance(news, Moved) and clerk.draw.chance(0.5):
        _, person = clerk.household_of(news.person)
        address = f"{spot(clerk.draw, news.home.new)}, {news.home.new.tail}"
        clerk.update("nguoi_tham_gia", insurance_number(clerk.world.seed, person), {"dia_chi_lh": address}, by="move")


CUSTOMS = Customs(
    {"renewed": renewed, "verified": verified, "given_again": given_again, "withdrawn": withdrawn},
    Weighted([("renewed", 60.0), ("verified", 30.0), ("given_again", 6.0), ("withdrawn", 4.0)]),
    hear,
)


def _someone(clerk: Clerk) -> dict[str, Any] | None:
    """A participant of the loaded province."""
    _, person = clerk.household_of(clerk.anyone())
    key = insurance_number(clerk.world.seed, person)
    return clerk.first("nguoi_tham_gia", key, key)
