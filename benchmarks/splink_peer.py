"""Splink beside us: the same rows, read by us, told apart by it, and held against the same truth.

    pip install --group compare
    .venv/bin/python -m benchmarks.splink_peer FOLDER

FOLDER is one of `benchmarks.evaluations`. Splink gets the canonical fields of every row that lives in the end, so
neither has cleaner data; it learns from them without the truth, as we do. Its set-up is what its documentation advises:
a comparison per field with term frequencies, expectation maximisation on two blockings, clusters above a threshold.
Printed is each threshold: .95 is what one would choose, the best of them is known only afterwards.
"""

import argparse
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from ops.identity.evaluate import Reading, reading
from ops.identity.events import read_events
from ops.identity.outside import Outside
from ops.identity.scores import Scores, scores
from ops.identity.truth import read_truth
from suoi.codelists.lists import Lists
from suoi.person import Day, Name, PersonRecord, Place
from suoi.resources import resource

PEER = "splink"
THRESHOLDS = (0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999)
SEED, PAIRS, RECALL = 1, 2_000_000, 0.8
NUMERAL = ("text_house", "text_postcode")
"""Texts that are compared by edits."""
RARE = 0.01
"""A field that fewer rows than this share tell is left out: nothing could be learned of it."""
Row = dict[str, str | None]


def row_of(record: PersonRecord) -> Row:
    """A record as a row of one table: text or nothing in each column."""
    name, birth = record.name, record.birth
    row: Row = {
        "unique_id": record.rid,
        "full": _full(name),
        "given": name.given or None if name else None,
        "surname": name.surname or None if name else None,
        "dob": _dob(birth),
        "month_day": (_dob(birth) or "")[5:] or None,
        "year": str(birth.year) if birth and birth.year else None,
        "sex": record.sex,
        "mother": _full(record.mother),
        "father": _full(record.father),
        "residence": _place(record.residence),
        "birth_place": _place(record.birth_place),
        "phone": record.phones[0] if record.phones else None,
    }
    row |= {f"number_{number.kind}": number.value for number in record.numbers}
    return row | {f"text_{field}": value for field, value in record.other}


def _full(name: Name | None) -> str | None:
    return " ".join(name.plain) or None if name else None


def _dob(day: Day | None) -> str | None:
    if day is None or not (day.year and day.month and day.day):
        return None
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


def _place(place: Place | None) -> str | None:
    return (place.unit or " ".join(place.words) or None) if place else None


def table_of(read: Reading) -> list[Row]:
    """The rows that live in the end, each with every column that enough of them fill."""
    newest = {one.rid: one.record for one in sorted(read.said, key=lambda one: one.version)}
    rows = [row_of(record) for rid, record in newest.items() if record is not None and rid in read.live]
    filled: dict[str, int] = {}
    for row in rows:
        for column, value in row.items():
            filled[column] = filled.get(column, 0) + (value is not None)
    kept = [column for column, times in filled.items() if times > RARE * len(rows)]
    return [{column: row.get(column) for column in kept} for row in rows]


def comparisons(columns: Iterable[str]) -> Iterator[Any]:
    """A comparison per column, as the library of Splink has them."""
    has, library = set(columns), importlib.import_module("splink.comparison_library")
    if {"given", "surname"} <= has:
        yield from map(library.NameComparison, ("given", "surname"))
    else:
        yield library.NameComparison("full")
    yield library.ExactMatch("year")
    yield library.DamerauLevenshteinAtThresholds("month_day", [1])
    for column in sorted(has - {"unique_id", "full", "given", "surname", "dob", "year", "month_day"}):
        yield _of_column(library, column)


def _of_column(library: Any, column: str) -> Any:
    if column.startswith("number_"):
        return library.DamerauLevenshteinAtThresholds(column, [1, 2])
    if column.startswith(NUMERAL):
        return library.DamerauLevenshteinAtThresholds(column, [1]).configure(term_frequency_adjustments=True)
    if column in ("mother", "father") or column.startswith("text_"):
        return library.JaroWinklerAtThresholds(column, [0.95, 0.88]).configure(term_frequency_adjustments=True)
    return library.ExactMatch(column).configure(term_frequency_adjustments=column != "sex")


def blocking(columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Which pairs are looked at: those that agree in one of these."""
    names: tuple[str, ...] = ("given", "surname") if "given" in columns else ("full",)
    wanted: list[tuple[str, ...]] = [names, ("dob",), (names[0], "year"), ("full",), ("phone",)]
    wanted += [("mother", names[0]), *((column, names[0]) for column in columns if column.startswith("text_"))]
    wanted += [(column,) for column in columns if column.startswith("number_")]
    return [rule for rule in dict.fromkeys(wanted) if set(rule) <= set(columns)]


def predicted(rows: list[Row]) -> Iterator[tuple[float, Mapping[str, str]]]:
    """Threshold and row → cluster."""
    splink, arrow = importlib.import_module(PEER), importlib.import_module("pyarrow")
    columns = list(rows[0])
    rules = [splink.block_on(*rule) for rule in blocking(columns)]
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(comparisons(columns)),
        blocking_rules_to_generate_predictions=rules,
    )
    database = splink.DuckDBAPI()
    linker = splink.Linker(database.register(arrow.Table.from_pylist(rows)), settings)
    sure = [splink.block_on(name, "dob") for name in ("full", "given", "surname") if name in columns]
    sure += [splink.block_on(column) for column in columns if column.startswith("number_")]
    linker.training.estimate_probability_two_random_records_match(sure, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=SEED)
    for rule in (splink.block_on("year", "month_day"), rules[0]):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLDS[0])
    for threshold in THRESHOLDS:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
        yield threshold, {one["unique_id"]: one["cluster_id"] for one in found.as_record_list()}


def line(threshold: float, found: Scores) -> str:
    """One threshold in one line."""
    pairs = found.pairs
    return (
        f"{threshold:<9} {pairs.f1:.5f}  {pairs.precision:.5f}  {pairs.recall:.5f}  {found.clusters.f1:.5f}  "
        f"{found.wrong_merge_per_10000:.2f}"
    )


def main() -> None:
    """Measure one folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    if importlib.util.find_spec(PEER) is None:
        print(f"{PEER} is not installed, nothing was measured; valid: pip install --group compare")
        return
    lists = Lists.load(resource("codelists"))
    changes, outside = list(read_events(folder / "E.jsonl")), Outside(folder / "sources", lists)
    read = reading(changes, outside, read_truth(folder / "T.csv"), lists)
    rows = table_of(read)
    print(f"{PEER} {importlib.metadata.version(PEER)}: {len(rows):,} rows, {len(read.persons):,} of them with a truth")
    print("threshold pairs f1 precision recall   clusters wrong persons per 10,000")
    begun = perf_counter()
    for threshold, clusters in predicted(rows):
        print(line(threshold, scores(read.persons, {rid: clusters.get(rid, rid) for rid in read.persons})))
    print(f"{perf_counter() - begun:.1f} s, training and {len(THRESHOLDS)} clusterings included")


if __name__ == "__main__":
    main()
