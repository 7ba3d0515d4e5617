"""The table of the torture agency whose rows tell of persons, and who has to be known in the end.

Its values come from so few names, days and numbers that rows merge and part all the time.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from random import Random

from oracle.ending import LAG_SECONDS
from oracle.model import Column as Known
from oracle.model import TableTruth, value
from oracle.tables import Column, Table, Text, maybe, small

from ops.barriers import Barriers
from ops.identity.verifying import Verified, verify
from ops.marks import past
from suoi.clock import Clock, until
from suoi.errors import SuoiError, Transient
from suoi.settings import Settings
from suoi.topics import IDENTITY_GROUP, PERSON_RECORD
from suoi.warehouse import Warehouse

NAME = "cong_dan"
MOST_LINES = 5
_SURNAMES, _MIDDLES = ("Nguyễn", "Trần", "Lê", "Phạm"), ("Văn", "Thị", "Đức", "Ngọc")
_GIVEN = ("Hùng", "Hưng", "Lan", "Minh", "Mai", "Hoà")
_NUMBERS = 1_500
_MEMBERS = "SELECT key[1], role FROM identity.member_current WHERE agency = %(agency)s AND `table` = %(table)s"
_ROLES = {"person": "ho_ten", "mother": "me"}
"""Role → the column that says whether a row tells of anybody in it."""


def called(random: Random) -> Text:
    """A name."""
    return f"{random.choice(_SURNAMES)} {random.choice(_MIDDLES)} {random.choice(_GIVEN)}"


def born(random: Random) -> Text:
    """A day."""
    return f"{random.randint(1984, 1986)}-{random.choice((3, 12)):02d}-{random.choice((3, 12, 21)):02d}"


def numbered(random: Random) -> Text:
    """A personal number."""
    return f"052085{random.randrange(_NUMBERS):06d}"


def citizens(key: str) -> Table:
    """The table, its key of the type that a database calls `key`."""
    return Table(
        NAME,
        (
            Column("id", key, small(8_000)),
            Column("ho_ten", "varchar", called),
            Column("ngay_sinh", "date", maybe(born)),
            Column("so_dinh_danh", "varchar", maybe(numbered, 0.4)),
            Column("me", "varchar", maybe(called, 0.5)),
            Column("ghi_chu", "varchar", maybe(numbered)),
        ),
        ("id",),
        f"CREATE TABLE {NAME} (id int PRIMARY KEY, ho_ten varchar(60) NOT NULL, ngay_sinh date,"
        " so_dinh_danh varchar(20), me varchar(60), ghi_chu varchar(60));",
        600,
        persons="persons: {person: {full_name: ho_ten, birth_date: ngay_sinh, personal_number: so_dinh_danh}, "
        "mother: {full_name: me, sex: {const: female}}}",
        bound=frozenset({"ho_ten", "ngay_sinh", "so_dinh_danh", "me"}),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """How the persons of an agency are, and how many rows of it tell of one."""

    findings: list[str]
    members: int


def judged(settings: Settings, agency: str, truth: TableTruth, clock: Clock, patience: float) -> Judged:
    """Wait for identity, hold its persons against a batch rebuild, and its rows against those that live."""
    if not until(lambda: _has_all(settings), LAG_SECONDS, clock, pause=0.5):
        return Judged(
            [f"stalled: {IDENTITY_GROUP} has not committed over {PERSON_RECORD} after {LAG_SECONDS:.0f} s"], 0
        )
    try:
        found = list(_differences(verify(settings, clock, patience)))
        with Warehouse(settings) as warehouse:
            known = {(key, role) for key, role in warehouse.query(_MEMBERS, {"agency": agency, "table": NAME})}
    except SuoiError as exc:
        return Judged([f"identity verify: {' '.join(str(exc).split())}"], 0)
    wanted = set(_told(truth))
    found += [f"{NAME} {row}: tells of a person and is nobody's" for row in sorted(wanted - known)[:MOST_LINES]]
    found += [f"{NAME} {row}: is somebody's and tells of nobody" for row in sorted(known - wanted)[:MOST_LINES]]
    return Judged(found, len(wanted))


def _told(truth: TableTruth) -> Iterator[tuple[str, str]]:
    """Key and role of whoever the live rows tell of."""
    columns: dict[str, Known] = {column.name: column for column in truth.columns}
    for key, row in truth.live.items():
        yield from ((key[0], role) for role, column in _ROLES.items() if value(row, columns[column]))


def _differences(found: Verified) -> Iterator[str]:
    for rows in found.otherwise[:MOST_LINES]:
        yield f"identity verify: not the same rows in a batch rebuild: {sorted(rows)}"
    for rid in found.not_served[:MOST_LINES]:
        yield f"identity verify: served otherwise than the worker says: {rid}"


def _has_all(settings: Settings) -> bool:
    try:
        with closing(Barriers(settings)) as barriers:
            barriers.have([PERSON_RECORD])
            committed = barriers.committed(IDENTITY_GROUP, [PERSON_RECORD]).get(PERSON_RECORD, {})
            return past(committed, barriers.ends([PERSON_RECORD])[PERSON_RECORD])
    except Transient:
        return False
