"""Look-ups per second on one core, cold (every value new) and warm (every value seen before).

Run: .venv/bin/python -m benchmarks.codelists [--values 20000]
"""

import argparse
import csv
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain

from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Resolution
from suoi.resources import resource

REFORM = date(2025, 7, 1)
Call = Callable[[], Resolution]


def timed(work: Callable[[], object]) -> float:
    """Processor seconds, so that a busy machine does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def codes_alone(lists: Lists, codes: list[str], seed: random.Random) -> Iterator[Call]:
    for code in codes:
        on = date.fromordinal(seed.randint(date(2024, 1, 1).toordinal(), date(2026, 12, 31).toordinal()))
        yield lambda c=code, d=on: lists.resolve("admin_unit", c, on=d, recoded=REFORM, level="commune")  # type: ignore[misc]


def codes_with_addresses(lists: Lists, codes: list[str], seed: random.Random) -> Iterator[Call]:
    """Each address is the unit's own, with a house number so that no two are the same."""
    addresses = own_addresses()
    for number in range(len(codes)):
        code, address = seed.choice(addresses)
        text = f"Số {number} tổ {seed.randint(1, 20)}, {address}"
        yield lambda c=code, t=text: lists.resolve(  # type: ignore[misc]
            "admin_unit", c, on=date(2024, 8, 1), text=t, recoded=REFORM, level="commune"
        )


def own_addresses() -> list[tuple[str, str]]:
    """Every commune of 2024 with its district and province written out."""
    with resource("codelists", "admin_unit", "2024-06-11.csv").open(encoding="utf-8", newline="") as file:
        units = {row["code"]: row for row in csv.DictReader(file)}

    def address(code: str) -> str:
        parent = units[code]["parent_code"]
        return units[code]["full_name"] + (f", {address(parent)}" if parent else "")

    return [(code, address(code)) for code, row in units.items() if row["level"] == "commune"]


def peoples(lists: Lists, codes: list[str], seed: random.Random) -> Iterator[Call]:
    for _ in codes:
        code = f"{seed.randint(1, 54):02d}"
        yield lambda c=code: lists.resolve("ethnicity", c, coding="statistics_1979")  # type: ignore[misc]


def report(name: str, calls: list[Call]) -> str:
    def run() -> None:
        for call in calls:
            call()

    cold, warm = timed(run), timed(run)
    per_second = [f"{len(calls) / seconds:>12,.0f}/s {seconds / len(calls) * 1e6:8.2f} µs" for seconds in (cold, warm)]
    return f"{name:<28} cold {per_second[0]}   warm {per_second[1]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=20_000, help="look-ups per line")
    values = parser.parse_args().values
    loaded: list[Lists] = []
    seconds = timed(lambda: loaded.append(Lists.load(resource("codelists"))))
    lists, seed = loaded[0], random.Random(7)
    codes = [f"{number:05d}" for number in seed.sample(range(1, 32300), min(values, 32299))]
    lines = chain(
        [f"load                         {seconds:.2f} s"],
        (
            report(name, list(make(lists, codes, seed)))
            for name, make in (
                ("unit code", codes_alone),
                ("unit code and address", codes_with_addresses),
                ("ethnicity code", peoples),
            )
        ),
    )
    for line in lines:
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
