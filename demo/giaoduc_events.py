"""What happens at schools: classes change, pupils come and go, addresses and numbers are completed."""

from collections.abc import Mapping
from typing import Any

from demo.clerk import Clerk, Customs
from demo.draw import Weighted
from demo.giaoduc import AT_SCHOOL, LEFT, MOVED, address, class_of, pupil, pupil_key
from demo.news import Born, Died, Moved


def other_class(clerk: Clerk) -> None:
    """A pupil changes class."""
    if row := _someone(clerk):
        person = clerk.household_of(int(row["ma_hs"][:9]))[1]
        lop = class_of(clerk.draw, clerk.today.year - person.born.year)
        _saved(clerk, row["ma_hs"], {"lop": lop}, "class")


def completed(clerk: Clerk) -> None:
    """What was missing or misspelt is put right: the number, the name."""
    if row := _someone(clerk):
        person = clerk.household_of(int(row["ma_hs"][:9]))[1]
        values = {"ma_dinh_danh": person.number, "ho_dem": person.name.before_given, "ten": person.name.given}
        _saved(clerk, row["ma_hs"], values, "correction")


def changed_school(clerk: Clerk) -> None:
    """A pupil leaves for another school of the province, where a second row begins."""
    row = _someone(clerk)
    if row and row["ma_hs"].endswith("0") and row["trang_thai"] == AT_SCHOOL:
        of, person = clerk.household_of(int(row["ma_hs"][:9]))
        _saved(clerk, row["ma_hs"], {"trang_thai": MOVED}, "changed school")
        clerk.insert(pupil(of, person, 1, AT_SCHOOL))


def left(clerk: Clerk) -> None:
    """A pupil leaves school."""
    if row := _someone(clerk):
        _saved(clerk, row["ma_hs"], {"trang_thai": LEFT}, "left")


def deleted(clerk: Clerk) -> None:
    """A second row is found to be a mistake."""
    row = _someone(clerk)
    if row and row["ma_hs"].endswith("1"):
        clerk.delete("hoc_sinh", row["ma_hs"])


def hear(clerk: Clerk, news: Born | Died | Moved) -> None:
    """Who died leaves school; whoever moved tells the school half of the time."""
    if isinstance(news, Died):
        _saved(clerk, pupil_key(news.person.id), {"trang_thai": LEFT}, "death")
    elif isinstance(news, Moved) and clerk.draw.chance(0.5):
        _saved(clerk, pupil_key(news.person), address(clerk.draw, news.home), "move")


CUSTOMS = Customs(
    {
        "other_class": other_class,
        "completed": completed,
        "changed_school": changed_school,
        "left": left,
        "deleted": deleted,
    },
    Weighted([("other_class", 55.0), ("completed", 25.0), ("changed_school", 10.0), ("left", 4.0), ("deleted", 6.0)]),
    hear,
)


def _saved(clerk: Clerk, key: str, values: Mapping[str, object], by: str) -> None:
    clerk.update("hoc_sinh", key, {**values, "ngay_cap_nhat": clerk.moment}, by)


def _someone(clerk: Clerk) -> dict[str, Any] | None:
    return clerk.first("hoc_sinh", pupil_key(clerk.anyone()), pupil_key(clerk.persons, 9))
