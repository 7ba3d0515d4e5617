"""What happens at a one-stop office: dossiers are taken in, go from desk to desk, and are handed back."""

from demo.clerk import Clerk, Customs
from demo.draw import Weighted
from demo.motcua import AT_WORK, DONE, RETURNED, WAITING, dossier, dossier_key, person_of_dossier
from demo.news import Born, Died, Moved
from demo.papers import phone

_LIVE_NUMBERS = (50, 99)
_NEXT = {1: AT_WORK, AT_WORK: WAITING, WAITING: DONE, DONE: RETURNED}


def taken_in(clerk: Clerk) -> None:
    """A dossier is handed in."""
    of, person = clerk.household_of(clerk.anyone())
    if not person.died and clerk.today.year - person.born.year >= 16:
        entry = dossier(of, person, clerk.today, clerk.draw.between(*_LIVE_NUMBERS), over=False)
        clerk.insert(entry)
        clerk.open_cases.append(entry.row.ma_ho_so)


def moved_on(clerk: Clerk) -> None:
    """A dossier goes to the next desk; the last one hands it back."""
    if not clerk.open_cases:
        return taken_in(clerk)
    key = clerk.open_cases.popleft()
    row = clerk.first("ho_so", key, key)
    if row and (state := _NEXT.get(row["trang_thai"])):
        values = {"trang_thai": state, "phien_ban": row["phien_ban"] + 1}
        if state == RETURNED:
            values["ngay_tra"] = clerk.moment
        else:
            clerk.open_cases.append(key)
        clerk.update("ho_so", key, values, by="moved on")
    return None


def corrected(clerk: Clerk) -> None:
    """What was typed wrong is put right: the name, or the telephone."""
    day, home = clerk.draw.between(1, 28), clerk.draw.of(clerk.world.places.homes)
    since = clerk.today.replace(year=clerk.draw.between(2024, 2026), month=clerk.draw.between(1, 12), day=day)
    unit = f"H08.{home.on(since).district if clerk.draw.chance(0.7) else home.new.code}"
    row = clerk.first("ho_so", dossier_key(unit, since, 0, 0), "H08.99999")
    if row:
        _, person = clerk.household_of(person_of_dossier(row["ma_ho_so"]))
        values = clerk.draw.one(
            ({"ho_ten": person.name.full}, {"dien_thoai": phone(clerk.world.seed, person, later=1)})
        )
        clerk.update("ho_so", row["ma_ho_so"], {**values, "phien_ban": row["phien_ban"] + 1}, by="correction")


def withdrawn(clerk: Clerk) -> None:
    """A dossier is taken back before anybody worked at it."""
    if clerk.open_cases:
        clerk.delete("ho_so", clerk.open_cases.pop())


def hear(_clerk: Clerk, _news: Born | Died | Moved) -> None:
    """A dossier says what was true when it was handed in: news change nothing."""


CUSTOMS = Customs(
    {"taken_in": taken_in, "moved_on": moved_on, "corrected": corrected, "withdrawn": withdrawn},
    Weighted([("taken_in", 20.0), ("moved_on", 70.0), ("corrected", 8.0), ("withdrawn", 2.0)]),
    hear,
)
