"""The oracle for a minute per kind of database: one seed, faults of every family, nothing lost, inverted or twice.

`make torture` runs more. `SUOI_ORACLE_SECONDS` and `SUOI_ORACLE_SEED` make it longer or another.
"""

import os
import sys

import pytest
from builders.stack import CLOCK, Stack
from oracle import figures
from oracle.engine import Engine
from oracle.engines import ENGINES
from oracle.nemesis.every import faults
from oracle.trial import PATIENCE_SECONDS, Plan, trial

SECONDS = float(os.environ.get("SUOI_ORACLE_SECONDS", "60"))
SEED = int(os.environ.get("SUOI_ORACLE_SEED", "1"))
FAMILIES = ("kill", "pause", "restart", "rewind", "redeliver")

pytestmark = [pytest.mark.stack, pytest.mark.timeout(SECONDS + 5 * PATIENCE_SECONDS)]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))
def test_nothing_is_lost_inverted_or_twice_whatever_strikes(stack: Stack, engine: Engine) -> None:
    if missing := engine.missing(stack):
        pytest.skip(missing)
    plan = Plan(SEED, SECONDS, 150.0, ddl="plain", faults=faults, only=FAMILIES, engine=engine)
    outcome = trial(plan, stack, CLOCK, print)
    sys.stdout.write("\n".join(["", figures.seed_line(outcome), *figures.recovery_table([outcome]), ""]))
    assert outcome.findings == []
    assert outcome.changes > 0
    assert outcome.recoveries
