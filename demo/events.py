"""What happens in a register of civil status: each event is some statements at a `Desk`, of one transaction.

An event that finds nobody it can happen to returns without having written.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from demo.desk import Desk
from demo.draw import Weighted
from demo.entry import Entry
from demo.hotich import birth, death
from demo.names import FEMALE, MALE
from demo.news import Born, Died, Moved, News
from demo.numbers import ISSUED_FROM, LIVE_FROM, identity_card, live_number, prefix
from demo.places import spot
from demo.population import Parent, Person, partner, person_key, registration_province
from demo.rows import AGAIN, CORRECTED, DIED, LATE, NEW, REPLACED, Registration, key_of, person_of
from demo.truth import person_line
from demo.words import date_in_words

_SINGLE_MOTHER, _BORN_LATE_REGISTERED = 0.06, 0.05


def newborn(desk: Desk) -> None:
    """A birth is registered: one row."""
    if entry := _birth_of_newborn(desk):
        desk.insert(entry)


def registered_again(desk: Desk) -> None:
    """A lost book: the birth is registered a second time and the first registration, where there is one, replaced."""
    row = desk.someone("alive")
    if not row or desk.has("khai_sinh", [key_of(person_of(row.id), again=True)]):
        return
    person = desk.truth_of(row)
    key = key_of(person.id, again=True)
    desk.insert(birth(desk.draw, person, Registration(key, AGAIN, desk.today, person.home)))
    desk.update([row.id], {"trang_thai": REPLACED}, by="registered again")


def correction(desk: Desk) -> None:
    """What is wrong in a row is put right; where nothing is, the person takes another middle name."""
    row = desk.someone("alive")
    if not row:
        return
    person = desk.truth_of(row)
    values: dict[str, object]
    if row.ngay_sinh != person.born:
        values = {"ngay_sinh": person.born, "ngay_sinh_chu": date_in_words(person.born)}
    elif (row.ho_chu_dem, row.ten) != (person.name.before_given, person.name.given):
        values = {"ho_chu_dem": person.name.before_given, "ten": person.name.given}
    else:
        person = _renamed(desk, person)
        values = {"ho_chu_dem": person.name.before_given}
    desk.update([row.id], {**values, "trang_thai": CORRECTED}, by="correction")
    desk.lines.append(person_line(person, desk.world.seed))


def number_given(desk: Desk) -> None:
    """The personal number reaches a row that had none."""
    if row := desk.someone("without number"):
        person = desk.truth_of(row)
        if not person.died or person.died >= ISSUED_FROM:
            desk.update([row.id], {"so_dinh_danh": person.number}, by="number")


def move(desk: Desk) -> None:
    """A household moves: every row of it that was registered since the reform (older rows keep their day's commune)."""
    row = desk.someone_recent()
    if not row:
        return
    home = desk.draw.of(desk.world.places.homes)
    address = f"{spot(desk.draw, home.new)}, {home.new.tail}"
    keys = desk.household(row) if person_of(row.id) < LIVE_FROM else [row.id]
    desk.news.extend(Moved(person_of(key), home) for key in keys if person_of(key) < LIVE_FROM)
    desk.update(keys, {"ma_xa_cu_tru": home.new.code, "noi_cu_tru": address}, by="move")


def died(desk: Desk) -> None:
    """A death, today's or one nobody had registered: a row of its own, and the births of that person are marked."""
    row = desk.someone("alive")
    if not row:
        return
    person, keys = desk.truth_of(row), [key_of(person_of(row.id), again) for again in (False, True)]
    if desk.has("khai_tu", keys):
        return
    kind = LATE if person.died else NEW
    person = person._replace(died=person.died or desk.today - timedelta(days=desk.draw.between(0, 3)))
    desk.insert(death(desk.draw, person, Registration(key_of(person.id), kind, desk.today, person.home)))
    desk.update(
        [key for key in keys if key == row.id or desk.has("khai_sinh", [key])], {"trang_thai": DIED}, by="death"
    )
    desk.news.append(Died(person))
    desk.lines.append(person_line(person, desk.world.seed))


def deleted(desk: Desk) -> None:
    """A row entered by mistake is deleted; never the one with the highest key, so that no key is given twice."""
    row = desk.someone_recent()
    if row and desk.keys_after(row.id + 1, 1):
        desk.delete(row.id)


def slip(desk: Desk) -> None:
    """A row is entered and, before the clerk has saved for good, changed, or taken out and another entered."""
    entry = _birth_of_newborn(desk)
    if not entry:
        return
    desk.insert(entry)
    if desk.draw.chance(0.7):
        desk.update([entry.row.id], {"so": str(desk.draw.between(1, 400))}, by="slip")
    else:
        desk.delete(entry.row.id)
        newborn(desk)


def saved_again(desk: Desk) -> None:
    """A script saves some dozens of rows anew without changing anything but the moment."""
    row = desk.someone()
    if row:
        desk.update(desk.keys_after(row.id, desk.draw.between(20, 60)), {}, by="saved again")


EVENTS: Mapping[str, Callable[[Desk], None]] = MappingProxyType(
    {
        "newborn": newborn,
        "registered_again": registered_again,
        "correction": correction,
        "number_given": number_given,
        "move": move,
        "died": died,
        "deleted": deleted,
        "slip": slip,
        "saved_again": saved_again,
    }
)

MIX = Weighted(
    [
        ("newborn", 34.0),
        ("registered_again", 9.0),
        ("correction", 24.0),
        ("number_given", 6.0),
        ("move", 11.0),
        ("died", 10.0),
        ("deleted", 3.0),
        ("slip", 2.5),
        ("saved_again", 0.5),
    ]
)
"""Events by share: about two births to a re-registration and a death each, as nationally in 2024."""


class Registrar(Desk):
    """Who works at the register of civil status."""

    def act(self) -> str:
        """Let one event happen; returns its name."""
        event = self.draw.of(MIX)
        EVENTS[event](self)
        return event

    def hear(self, _news: News) -> None:
        """The register is where news come from."""


def _birth_of_newborn(desk: Desk) -> Entry | None:
    row = desk.someone("mother")
    if not row:
        return None
    mother = desk.truth_of(row)
    members = desk.family_of(row)
    child = _child_of(desk, mother, partner(members, mother))
    desk.news.append(Born(child, [*members, child]))
    kind = LATE if (desk.today - child.born).days > 60 else NEW
    desk.lines.append(person_line(child, desk.world.seed))
    return birth(desk.draw, child, Registration(key_of(child.id), kind, desk.today, child.home))


def _child_of(desk: Desk, mother: Person, husband: Person | None) -> Person:
    draw, number = desk.draw, desk.new_person()
    late = draw.chance(_BORN_LATE_REGISTERED)
    born = desk.today - timedelta(days=draw.between(61, 400) if late else draw.between(1, 20))
    sex = MALE if draw.chance(0.52) else FEMALE
    father = None if draw.chance(_SINGLE_MOTHER) else _father(desk, number, husband)
    surname = father.full_name.split(" ", 1)[0] if father else mother.name.surname
    six = prefix(registration_province(mother.home, desk.today), sex, born.year)
    return Person(
        id=number,
        name=desk.world.names.name(draw, sex, born.year, surname),
        sex=sex,
        born=born,
        died=None,
        people=mother.people,
        number=live_number(six, number - LIVE_FROM),
        card=None,
        birth_home=mother.home,
        home=mother.home,
        native=True,
        mother=mother.as_parent(),
        father=father,
    )


def _father(desk: Desk, child: int, husband: Person | None) -> Parent:
    if husband and not husband.died:
        return husband.as_parent()
    draw, names = desk.draw, desk.world.names
    year = desk.today.year - draw.between(22, 45)
    name = names.name(draw, MALE, year, draw.of(names.surnames))
    return Parent(f"{person_key(child)}.father", name.full, year, None, identity_card("052", draw.fraction()))


def _renamed(desk: Desk, person: Person) -> Person:
    name = desk.world.names.name(desk.draw, person.sex, person.born.year, person.name.surname)
    return person._replace(name=name._replace(given=person.name.given))
