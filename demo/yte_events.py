"""What happens in a hospital: people come, leave and pay; newborns get their names; counters correct and mistype."""

from datetime import datetime
from typing import Any

from demo.clerk import Clerk, Customs
from demo.draw import Weighted
from demo.news import Born, Died, Moved
from demo.papers import phone
from demo.visits import ended, visit
from demo.yte import address, newborn, patient, patient_key, person_of_patient

_MOST_VISITS = 999


def came(clerk: Clerk) -> None:
    """Somebody comes: a visit begins, after a patient row was made where the system does not know them."""
    if not (row := _someone(clerk)):
        return
    person = person_of_patient(row["mabn"])
    last = clerk.last_key("dot_kcb", f"{row['mabn']}000", f"{row['mabn']}{_MOST_VISITS}")
    number = int(last[-3:]) + 1 if last else 0
    if number <= _MOST_VISITS:
        key = f"{row['mabn']}{number:03d}"
        _, true = clerk.household_of(person)
        clerk.insert(visit(clerk.draw, true, row["mabn"], key, clerk.today, over=False))
        clerk.open_cases.append(key)


def left(clerk: Clerk) -> None:
    """A visit ends: diagnosis, result, costs."""
    if not clerk.open_cases:
        return came(clerk)
    key = clerk.open_cases.popleft()
    if row := clerk.first("dot_kcb", key, key):
        begin = datetime.strptime(row["ngay_vao"], "%Y%m%d%H%M")
        clerk.update("dot_kcb", key, ended(clerk.draw, row["ma_loai_kcb"], begin, row["chan_doan_vao"]), by="left")
    return None


def paid(clerk: Clerk) -> None:
    """A bill is paid, some of them weeks late."""
    row = clerk.first("dot_kcb", f"{patient_key(clerk.anyone())}000", f"{patient_key(clerk.persons, '9')}999")
    if row:
        clerk.update("dot_kcb", row["ma_lk"], {"ngay_ttoan": f"{clerk.now:%Y%m%d%H%M}"}, by="paid")


def registered(clerk: Clerk) -> None:
    """A patient row is made: of somebody not known here, or a second one of somebody who is."""
    of, person = clerk.household_of(clerk.anyone())
    if person.died:
        return
    known = clerk.last_key("benh_nhan", patient_key(person.id, "0"), patient_key(person.id, "1"))
    which = "0" if known is None else "1"
    clerk.insert(patient(of, person, which, clerk.today))


def corrected(clerk: Clerk) -> None:
    """A counter puts the telephone, the name or the number right."""
    if not (row := _someone(clerk)):
        return
    of, person = clerk.household_of(person_of_patient(row["mabn"]))
    values = clerk.draw.one(
        (
            {"dien_thoai": phone(of.world.seed, person, later=1)},
            {"ho_ten": person.name.full.upper()},
            {"so_cccd": person.number},
        )
    )
    clerk.update("benh_nhan", row["mabn"], {**values, "ngay_sua": clerk.moment}, by="correction")


def named(clerk: Clerk) -> None:
    """A child that was its mother's name gets its own, and its number."""
    members, _ = clerk.household_of(clerk.anyone())
    child = max(members.persons, key=lambda person: person.born)
    values = {"ho_ten": child.name.full.upper(), "so_cccd": child.number, "ngay_sua": clerk.moment}
    clerk.update("benh_nhan", patient_key(child.id, "9"), values, by="named")


def deleted(clerk: Clerk) -> None:
    """A visit entered by mistake is deleted."""
    if clerk.open_cases:
        clerk.delete("dot_kcb", clerk.open_cases.pop())


def hear(clerk: Clerk, news: Born | Died | Moved) -> None:
    """A child is born here before it is registered; who moved or died is known here only now and then."""
    if isinstance(news, Born):
        mother = phone(clerk.world.seed, news.family[0])
        clerk.insert(newborn(clerk.draw, news.child, clerk.world.seed, mother, clerk.today))
    elif isinstance(news, Moved) and clerk.draw.chance(0.3):
        values = {**address(clerk.draw, news.home, clerk.today, []), "ngay_sua": clerk.moment}
        clerk.update("benh_nhan", patient_key(news.person), values, by="move")


CUSTOMS = Customs(
    {
        "came": came,
        "left": left,
        "paid": paid,
        "registered": registered,
        "corrected": corrected,
        "named": named,
        "deleted": deleted,
    },
    Weighted(
        [
            ("came", 32.0),
            ("left", 30.0),
            ("paid", 22.0),
            ("registered", 5.0),
            ("corrected", 8.0),
            ("named", 1.0),
            ("deleted", 1.0),
        ]
    ),
    hear,
)


def _someone(clerk: Clerk) -> dict[str, Any] | None:
    return clerk.first("benh_nhan", patient_key(clerk.anyone()), patient_key(clerk.persons, "1"))
