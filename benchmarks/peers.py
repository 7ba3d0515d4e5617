"""The common package beside us: `vietnamadminunits` and the code lists asked the same, on what is officially decided.

Run: pip install --group compare, then .venv/bin/python -m benchmarks.peers [--all]
Prints the 58 decided splits, all other communes of before the reform, and the golden cases that come with a text; of
each, who is right, who is wrong and who says nothing. Without the package it says so and measures nothing.

The package knows no date: it is told which era to read a golden case in, which is more than a row says. Codes alone it
cannot be asked about.
"""

import argparse
import importlib
import importlib.metadata
import importlib.util
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

import yaml

from suoi.codelists.lists import Lists
from suoi.codelists.units import EVE, REFORM, REFORM_DATE, UnitList
from suoi.resources import resource

PEER = "vietnamadminunits"
Answer = str | None


class Asked(NamedTuple):
    """One question, the official answer (None: not to be decided), and both answers."""

    what: str
    right: Answer
    ours: Answer
    theirs: Answer


def verdict(right: Answer, said: Answer) -> str:
    """`right` also for whoever says nothing where nothing is decided."""
    if said == right:
        return "right"
    return "silent" if said is None else "wrong"


def address(where: UnitList, code: str) -> str:
    """A unit with all that it lies in, as people write it."""
    unit = where.units[code]
    return f"{unit.full_name}, {address(where, unit.parent)}" if unit.parent else unit.full_name


def reform(lists: Lists, convert: Callable[[str], Any], every: bool) -> Iterator[tuple[str, Asked]]:
    """Communes of the eve, the split ones or every one, told in the list of the reform, and what links they have."""
    eve = lists.units.at(EVE)
    for code, links in lists.units.targets.items():
        if eve.units[code].level == "commune" and (every or len(links) > 1):
            people = [link.target for link in links if link.coverage == "whole_population"]
            kind = "one target" if len(links) == 1 else "split, decided" if people else "split, not decided"
            right = links[0].target if len(links) == 1 else people[0] if people else None
            ours = lists.project(code, EVE, REFORM).unit
            yield kind, Asked(f"{code} {address(eve, code)}", right, ours, convert(address(eve, code)).ward_code)


def golden(lists: Lists, parse: Callable[..., Any]) -> Iterator[Asked]:
    """The golden cases of administrative units that have a text."""
    path = resource("codelists", "cases", "admin_unit.yaml")
    for case in yaml.safe_load(path.read_text(encoding="utf-8")):
        given = {"level": "commune", **case["given"]}
        if given.get("text"):
            ours = lists.resolve("admin_unit", given.pop("raw", None), on=given.pop("date", None), **given)
            version = case["expect"].get("version") or case["given"].get("date") or REFORM_DATE
            era = "FROM_2025" if version >= REFORM_DATE else "LEGACY"
            yield Asked(case["case"], case["expect"].get("unit"), ours.unit, _parsed(parse, given, era))


def _parsed(parse: Callable[..., Any], given: dict[str, Any], era: str) -> Answer:
    found = parse(given["text"], mode=era)
    code = found.province_code if given["level"] == "province" else found.ward_code
    return None if code is None else str(code)


def counted(title: str, asked: Iterable[Asked]) -> str:
    """One line of the table."""
    every = list(asked)
    ours = Counter(verdict(one.right, one.ours) for one in every)
    theirs = Counter(verdict(one.right, one.theirs) for one in every)
    shown = " | ".join(f"{of[how]:,}" for of in (ours, theirs) for how in ("right", "wrong", "silent"))
    return f"| {title} | {len(every):,} | {shown} |"


def differing(asked: Iterable[Asked]) -> Iterator[str]:
    """Question by question, where the package is not right."""
    for one in asked:
        if verdict(one.right, one.theirs) != "right" or verdict(one.right, one.ours) != "right":
            yield f"  {one.what}: official {one.right or '–'}, ours {one.ours or '–'}, {PEER} {one.theirs or '–'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="also every commune of before the reform (minutes)")
    every = parser.parse_args().all
    if importlib.util.find_spec(PEER) is None:
        print(f"{PEER} is not installed: nothing to compare with (pip install --group compare)")
        return
    peer, lists = importlib.import_module(PEER), Lists.load(resource("codelists"))
    links = list(reform(lists, peer.convert_address, every))
    cases = list(golden(lists, peer.parse_address))
    print(f"{date.today()}, {PEER} {importlib.metadata.version(PEER)}\n")
    print(
        f"| | asked | ours right | wrong | silent | {PEER} right | wrong | silent |\n|---|---|---|---|---|---|---|---|"
    )
    for kind in dict.fromkeys(kind for kind, _ in links):
        print(counted(kind, (asked for of, asked in links if of == kind)))
    print(counted("golden cases with a text", cases))
    decided = [asked for kind, asked in links if kind == "split, decided"]
    for title, asked in (("split, decided", decided), ("golden cases", cases)):
        print(f"\n{title}, where not both are right:", *differing(asked), sep="\n")


if __name__ == "__main__":
    main()
