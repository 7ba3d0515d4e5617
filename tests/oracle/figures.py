"""What a run says in the end: per seed and in all, as lines and as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from oracle.strikes import Recovery


@dataclass
class Outcome:
    """One seed."""

    seed: int
    seconds: float = 0.0
    transactions: int = 0
    changes: int = 0
    """Row changes committed at the source while they were captured: each might have been lost."""
    lost: int = 0
    rows: int = 0
    """Rows and versions compared."""
    samples: int = 0
    """Moments of tables asked for."""
    withheld: int = 0
    """Moments of tables that a load left unpromised."""
    verified: int = 0
    refused: int = 0
    members: int = 0
    """Rows whose persons were held against a batch rebuild."""
    workload: Mapping[str, int] = field(default_factory=dict)
    recoveries: Sequence[Recovery] = ()
    findings: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Nothing was found."""
        return not self.findings


def upper_bound(trials: int) -> float:
    """The 95 % upper bound of a rate of which `trials` showed none: the rule of three. 1 without a trial."""
    return min(1.0, 3 / trials) if trials else 1.0


def by_kind(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How often each kind of fault struck."""
    return Counter(kind for one in outcomes for recovery in one.recoveries for kind in recovery.kind.split(" + "))


def seed_line(one: Outcome) -> str:
    """One seed in one line."""
    verdict = "passed" if one.passed else f"FAILED ({len(one.findings)} findings)"
    faults = ", ".join(f"{kind} {times}" for kind, times in sorted(by_kind([one]).items())) or "none"
    return (
        f"seed {one.seed}: {verdict} in {one.seconds:.0f} s; faults: {faults}; {one.transactions} transactions, "
        f"{one.changes} changes, {one.rows} rows compared, {one.samples} samples, {one.verified} times verified, "
        f"{one.members} rows of persons"
    )


def last_line(outcomes: Sequence[Outcome]) -> str:
    """Everything in one line."""
    passed, changes = sum(one.passed for one in outcomes), sum(one.changes for one in outcomes)
    lost = sum(one.lost for one in outcomes)
    faults = ", ".join(f"{kind} {times}" for kind, times in sorted(by_kind(outcomes).items())) or "none"
    bound = f"loss rate below {upper_bound(changes):.1e} (95 %)" if not lost else "no bound: something was lost"
    return (
        f"seeds {passed} passed {len(outcomes) - passed} failed; faults: {faults}; changes {changes}; "
        f"rows compared {sum(one.rows for one in outcomes)}; lost {lost}; {bound}"
    )


def recovery_table(outcomes: Sequence[Outcome]) -> list[str]:
    """Seconds from strike to complete again, by kind: times, median, worst."""
    seconds: dict[str, list[float]] = {}
    for one in outcomes:
        for recovery in one.recoveries:
            kind = f"{recovery.kind} (while loading)" if recovery.loading else recovery.kind
            if recovery.complete is not None:
                seconds.setdefault(kind, []).append(recovery.complete)
    head = f"{'fault':<70} {'times':>5} {'median s':>9} {'worst s':>9}"
    rows = [
        f"{kind:<70} {len(found):>5} {sorted(found)[len(found) // 2]:>9.1f} {max(found):>9.1f}"
        for kind, found in sorted(seconds.items())
    ]
    return [head, *rows] if rows else []


def as_json(outcomes: Sequence[Outcome], about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, for a page."""
    changes = sum(one.changes for one in outcomes)
    return {
        **about,
        "seeds": [{**asdict(one), "passed": one.passed} for one in outcomes],
        "passed": sum(one.passed for one in outcomes),
        "failed": sum(not one.passed for one in outcomes),
        "faults": dict(sorted(by_kind(outcomes).items())),
        "changes": changes,
        "lost": sum(one.lost for one in outcomes),
        "rows_compared": sum(one.rows for one in outcomes),
        "upper_bound": upper_bound(changes),
        "line": last_line(outcomes),
    }
