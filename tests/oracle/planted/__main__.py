"""Does the oracle find what it is there to find? One seed per planted bug, and one without any.

    PYTHONPATH=tests python -m oracle.planted [--bugs version_by_time ...] [--seed 1] [--home H]

Per bug: what was planted, the seed, the first findings. Exit code 0 only when each bug was found, and nothing where
none was planted. --home: a stack that runs under switches already, or a folder for one; it is left as it was found.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from builders.operator import Operator
from builders.stack import CLOCK, Stack
from oracle.nemesis.clocks import know_tests
from oracle.nemesis.victims import workers
from oracle.planted.bugs import BUGS
from oracle.planted.hunt import all_hunts
from oracle.planted.switch import with_switches

from embedded import stack as embedded_stack
from embedded.state import Phase
from ops.up import WORKERS
from suoi.settings import Settings


def main(words: Sequence[str]) -> int:
    """Hunt every bug; 0 when all were found."""
    parser = argparse.ArgumentParser("oracle.planted", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bugs", nargs="+", choices=list(BUGS), default=list(BUGS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args(words)
    good = True
    with a_switched_stack(asked.home) as stack:
        table = workers(Operator(stack.home))
        for one in all_hunts(stack, table, [BUGS[name] for name in asked.bugs], asked.seed):
            good = good and one.success
            sys.stdout.write("\n".join([*one.lines(), ""]))
            sys.stdout.flush()
    return 0 if good else 1


@contextmanager
def a_switched_stack(home: Path | None) -> Iterator[Stack]:
    """A stack whose workers can be replaced, without any source."""
    if home and embedded_stack.state(home).phase is Phase.RUNNING:
        yield Stack(Settings.load(home))
        return
    with tempfile.TemporaryDirectory(prefix="suoi-") as folder:
        place = home or Path(folder)
        know_tests()
        embedded_stack.up(place, _tell, with_switches(WORKERS), CLOCK)
        try:
            yield Stack(Settings.load(place))
        finally:
            embedded_stack.down(place, _tell, CLOCK)
            if not home:
                embedded_stack.clean(place, _tell)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
