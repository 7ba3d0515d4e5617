"""A made-up version of the administrative units of 2027-01-01: one renamed, one merged, one split, one new."""

import csv
from pathlib import Path

from suoi.resources import resource

BEFORE, VERSION = "2026-04-30", "2027-01-01"
RENAMED, MERGED, SPLIT, NEW = "00004", "00008", "00025", "99901"
INTO = "00070"
"""What the merged one went into, and what got a part of the split one."""


def a_coming_version(folder: Path) -> Path:
    """Writes `2027-01-01.csv` and its crosswalk into `folder`."""
    with (resource("codelists") / "admin_unit" / f"{BEFORE}.csv").open(encoding="utf-8", newline="") as file:
        before = {row["code"]: row for row in csv.DictReader(file)}
    after = {code: dict(row) for code, row in before.items() if code != MERGED}
    after[RENAMED] |= {"name": "Tên Mới", "full_name": "Phường Tên Mới"}
    after[NEW] = {**before[RENAMED], "code": NEW, "name": "Đảo Mới", "full_name": "Phường Đảo Mới"}
    pairs = [(code, INTO if code == MERGED else code) for code in before]
    pairs += [(SPLIT, INTO), ("", NEW)]
    links: list[tuple[str, ...]] = [(old, _name(before, old), new, _name(after, new)) for old, new in pairs]
    folder.mkdir(exist_ok=True)
    _write(folder / f"{VERSION}.csv", list(before[RENAMED]), [tuple(row.values()) for row in after.values()])
    _write(folder / f"crosswalk_{VERSION}.csv", ["old_code", "old_full_name", "new_code", "new_full_name"], links)
    return folder


def _name(units: dict[str, dict[str, str]], code: str) -> str:
    return units[code]["full_name"] if code else ""


def _write(path: Path, header: list[str], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)
