"""One person, once, in the running stack: merged, taken apart, deleted, through a kill, a lost store, a replay."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from builders.operator import Operator
from builders.stack import CLOCK, Agency, Stack, beside, soon
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from suoi import kafka
from suoi.clock import until
from suoi.topics import IDENTITY_ALIAS, IDENTITY_EVENT, IDENTITY_GROUP, IDENTITY_MEMBER, IDENTITY_PERSON, PERSON_RECORD

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NAME, WORKER = "nhan_than", "identity"
DDL = """
CREATE TABLE public.nguoi (id int PRIMARY KEY, ten text, ngay_sinh date, so text);
INSERT INTO public.nguoi VALUES
  (1, 'Nguyễn Văn Nhất', '1985-03-13', '052085004321'),
  (2, 'Nguyen Van Nhat', '1985-03-13', '052085004321'),
  (3, 'Lê Thị Bảy', '1971-11-02', '052171000077');
"""
TABLES = """
public.nguoi: {as: nguoi, persons: {person: {full_name: ten, birth_date: ngay_sinh, personal_number: so}}}
"""
CORRECTED = "UPDATE nguoi SET ten = 'Trần Quốc Toản', ngay_sinh = '1990-07-01', so = '052090001111' WHERE id = 2"
TWICE = """
INSERT INTO nguoi SELECT 1000 + 2 * %(at)s + one, 'Phạm Quang B' || chr(97 + %(at)s %% 26),
  make_date(1930 + %(at)s %% 60, 1 + %(at)s / 60, 20),
  '0520'::text || 30 + %(at)s %% 60 || 100000 + 617 * %(at)s FROM generate_series(0, 1) one
"""
MOST, ENOUGH = 700, 20
PATIENCE_SECONDS = 60.0
Groups = dict[frozenset[int], str]


def members(stack: Stack) -> Mapping[int, str]:
    """Row of this agency → its person, as the member topic says."""
    newest = latest(stack, IDENTITY_MEMBER)
    mine = {key: of for key, of in newest.items() if key.startswith(f"{NAME}.nguoi|")}
    return {int(key.split("|")[1].strip("[]")): of["person"] for key, of in mine.items() if of["person"] is not None}


def latest(stack: Stack, topic: str) -> dict[str, Mapping[str, Any]]:
    """Key → the record of the highest version, the last of equal ones."""
    found: dict[str, Mapping[str, Any]] = {}
    for record in stack.records(topic):
        key = record["_key"].decode()
        if key not in found or found[key]["version"] <= record["version"]:
            found[key] = record
    return found


def groups(stack: Stack) -> Groups:
    """The rows that are one person → the id of that person."""
    rows: dict[str, set[int]] = {}
    for row, person in members(stack).items():
        rows.setdefault(person, set()).add(row)
    return {frozenset(held): person for person, held in rows.items()}


def see(stack: Stack, wanted: set[frozenset[int]]) -> Groups:
    """Back when the topics tell these groups and no other."""

    found: list[Groups] = []

    def agreed() -> Groups | None:
        found.append(groups(stack))
        return found[-1] if found[-1].keys() == wanted else None

    if told := until(agreed, PATIENCE_SECONDS, CLOCK, pause=0.2):
        return told
    more, missing = found[-1].keys() - wanted, wanted - found[-1].keys()
    raise AssertionError(f"not told: {missing}; told instead: {more}")


def agree(stack: Stack, wanted: Groups) -> None:
    """The person topic says the same as the member topic, and every other id leads to one that lives or to nobody."""
    persons, aliases = latest(stack, IDENTITY_PERSON), latest(stack, IDENTITY_ALIAS)
    live = {key for key, of in persons.items() if of["live"]}
    for rows, person in wanted.items():
        assert set(persons[person]["rows"]) == {f"{NAME}.nguoi|[{row}]|person" for row in rows}
    assert {aliases[key]["person"] for key in persons.keys() - live} <= live | {None}


def happened(stack: Stack) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Every event told, in no order."""
    told = latest(stack, IDENTITY_EVENT).values()
    return sorted((of["what"], tuple(of["before"]), tuple(of["after"])) for of in told)


def rewound(stack: Stack) -> bool:
    """The group is at the beginning of its input; False while somebody is in the group."""
    number = stack.settings.partitions
    to = ConsumerGroupTopicPartitions(IDENTITY_GROUP, [TopicPartition(PERSON_RECORD, at, 0) for at in range(number)])
    admin = kafka.admin(stack.settings)
    try:
        (answer,) = admin.alter_consumer_group_offsets([to], request_timeout=10).values()
        return all(tp.error is None for tp in answer.result().topic_partitions)
    except KafkaException:
        return False


def told(stack: Stack) -> int:
    """How many records the member topic has had."""
    return sum(1 for _ in stack.records(IDENTITY_MEMBER))


class Pairs:
    """Two rows of one person after the other."""

    def __init__(self, here: Agency) -> None:
        self._here, self.count = here, 0

    def insert(self, stopping: threading.Event) -> None:
        with self._here.connection() as source:
            while self.count < MOST and not stopping.wait(0.01):
                source.execute(TWICE, {"at": self.count})
                self.count += 1

    def groups(self) -> set[frozenset[int]]:
        return {frozenset({1000 + 2 * at, 1001 + 2 * at}) for at in range(self.count)}


def test_a_person_is_one_as_long_as_the_rows_say_so(stack: Stack, agency: Callable[[str, str, str], Agency]) -> None:
    here, operator = agency(NAME, DDL, TABLES), Operator(stack.home)
    here.add()
    one, other, third = frozenset({1}), frozenset({2}), frozenset({3})
    first = see(stack, {one | other, third})

    with here.connection() as source:
        source.execute(CORRECTED)
    apart = see(stack, {one, other, third})
    assert first[one | other] in (apart[one], apart[other])
    assert apart[third] == first[third]
    agree(stack, apart)

    pairs = Pairs(here)
    with beside(pairs.insert):
        soon(lambda: len(members(stack)) > ENOUGH, "persons while rows come")
        dead = operator.kills(WORKER)
        operator.sees_back(WORKER, dead)
    with here.connection() as source:
        source.execute("DELETE FROM nguoi WHERE id = 3")
    known = see(stack, {one, other, *pairs.groups()})
    assert (known[one], known[other]) == (apart[one], apart[other])
    agree(stack, known)
    operator.does("identity", "verify")
    rows, events = len(members(stack)), happened(stack)

    before, dead = told(stack), operator.kills(WORKER)
    shutil.rmtree(stack.home / "data" / WORKER / "store")
    operator.sees_back(WORKER, dead)
    soon(lambda: told(stack) >= before + rows, "the lost store rebuilt")
    assert groups(stack) == known
    agree(stack, known)
    operator.does("identity", "verify")

    before, process = told(stack), operator.process(WORKER)
    os.kill(process.pid, signal.SIGTERM)
    soon(lambda: rewound(stack), "the group rewound")
    operator.sees_back(WORKER, process)
    soon(lambda: told(stack) >= before + rows, "the whole input heard again")
    assert groups(stack) == known
    agree(stack, known)
    assert happened(stack) == events

    dead = operator.process(WORKER)
    assert "is in force" in operator.does("identity", "train", "--apply")
    operator.sees_back(WORKER, dead)
    operator.does("identity", "verify")
    assert latest(stack, IDENTITY_PERSON).keys() >= set(known.values())
