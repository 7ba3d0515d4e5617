"""Are the codes of the synthetic province read right? Every bound code of every agency, held against its meaning.

Run: .venv/bin/python -m benchmarks.readings [--persons 20000] [--seed 7]
Prints Markdown: by column; by agency and kind of dirt; by rule. Ends with an error if one ok is wrong.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from demo.meant import SOILED
from demo.readings import NOBODY, WRONG, Reading, Tables, outcome, outcome_today, readings, tables_of
from ops.files import shipped
from suoi.codelists.lists import Lists
from suoi.codelists.units import Units
from suoi.resources import resource
from suoi.sources import load_source

OUTCOMES = ("ok", WRONG, "ambiguous", "unmapped", "contradiction", "empty")
OUTCOMES_TODAY = (*OUTCOMES, NOBODY)
CLEAN = "–"
Tally = Counter[tuple[str, str]]
"""What is counted of and how it came out → how often."""


class Counts:
    """The readings of a province, counted."""

    def __init__(self, found: Iterable[Reading], units: Units) -> None:
        self.columns, self.today, self.dirt, self.rules = Tally(), Tally(), Tally(), Tally()
        for one in found:
            self._count(one, units)

    def _count(self, one: Reading, units: Units) -> None:
        column, came_out = f"{one.agency}.{one.table}.{one.column}", outcome(one.meaning, one.found)
        self.columns[column, came_out] += 1
        self.rules[column, f"{came_out}: {one.found.rule}"] += 1
        if one.found.version and "-" in one.found.version:
            self.today[column, outcome_today(one, units)] += 1
        for kind in [kind for kind in one.dirt if one.column in SOILED.get((one.agency, kind), ())] or [CLEAN]:
            self.dirt[f"{column} | {kind}", came_out] += 1

    @property
    def wrong(self) -> int:
        """How many units are said to be certain, as of their date or today, and are not what was meant."""
        return sum(number for tally in (self.columns, self.today) for (_, how), number in tally.items() if how == WRONG)


def table(title: str, tally: Tally, outcomes: Iterable[str]) -> Iterator[str]:
    """A Markdown table: rows, the share that is ok, and how many came out how."""
    columns = list(outcomes)
    yield f"| {title} | values | ok | {' | '.join(columns[1:])} |"
    yield "|" + "---|" * (title.count("|") + len(columns) + 2)
    for what in dict.fromkeys(what for what, _ in sorted(tally)):
        all_of = sum(tally[what, how] for how in columns)
        counted = " | ".join(f"{tally[what, how]:,}" for how in columns[1:])
        yield f"| {what} | {all_of:,} | {_share(tally[what, 'ok'], all_of)} | {counted} |"


def _soiled(tally: Tally) -> Tally:
    """What is counted of columns that some fault concerns."""
    soiled = {what.split(" | ")[0] for what, _ in tally if not what.endswith(CLEAN)}
    return Tally({(what, how): number for (what, how), number in tally.items() if what.split(" | ")[0] in soiled})


def _share(part: int, whole: int) -> str:
    """Per cent, never rounded up to all or down to none."""
    share = 100 * part / whole if whole else 0.0
    return f"{min(share, 99.99) if part < whole else share:.{0 if part in (0, whole) else 2}f} %"


def rules(tally: Tally) -> Iterator[str]:
    """A Markdown table of what decided, by column."""
    yield "| column | what decided |"
    yield "|---|---|"
    for what in dict.fromkeys(what for what, _ in sorted(tally)):
        counted = (f"{how} {number:,}" for (of, how), number in sorted(tally.items()) if of == what)
        yield f"| {what} | {', '.join(counted)} |"


def shipped_tables() -> Tables:
    """The tables of the shipped source files."""
    files = shipped()
    named = {name for path in files for name in re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8"))}
    anything = {name: "postgresql" if name.endswith("_KIND") else "1" for name in named}
    return tables_of(load_source(path, anything) for path in files)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    lists = Lists.load(resource("codelists"))
    counts = Counts(readings(options.persons, options.seed, shipped_tables(), lists), lists.units)
    parts = (
        table("as of its date", counts.columns, OUTCOMES),
        table("in the list of today", counts.today, OUTCOMES_TODAY),
        table("column | dirt in the code or beside it", _soiled(counts.dirt), OUTCOMES),
        rules(counts.rules),
    )
    for part in parts:
        print("\n".join(part), end="\n\n")
    print(f"{options.persons:,} persons, {counts.columns.total():,} codes, wrong: {counts.wrong}")
    sys.exit(1 if counts.wrong else 0)


if __name__ == "__main__":
    main()
