"""The official units as rows: complete, keyed, and with parents that exist."""

from collections import Counter

from demo.danhmuc import links, units


def test_every_version_is_whole() -> None:
    counts = Counter(row[0] for row in units())
    assert counts == {
        "2024-06-11": 11_363,
        "2025-01-04": 10_810,
        "2025-06-30": 10_794,
        "2025-07-01": 3_355,
        "2026-04-30": 3_355,
    }


def test_keys_are_unique() -> None:
    assert max(Counter(row[:2] for row in units()).values()) == 1
    assert max(Counter(row[:3] for row in links()).values()) == 1


def test_every_parent_is_a_unit_of_the_same_version() -> None:
    there = {row[:2] for row in units()}
    assert all(row[6] is None or (row[0], row[6]) in there for row in units())


def test_every_link_leads_from_the_eve_of_the_reform_to_the_reform() -> None:
    there = {row[:2] for row in units()}
    all_links = list(links())
    assert len(all_links) == 10_565
    assert all(("2025-06-30", old) in there and ("2025-07-01", new) in there for _, old, new, _, _ in all_links)
