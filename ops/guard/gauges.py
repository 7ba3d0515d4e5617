"""What the guard sees and decides, told as metrics: does a source answer, what log it keeps for us, what is loaded."""

from collections import Counter
from collections.abc import Mapping

from suoi import metrics
from suoi.control import Control
from suoi.ids import AgencyId
from suoi.sources import Source


class Gauges:
    """Remembers the last answer of every source: one that is still thinking is where it was."""

    def __init__(self) -> None:
        self._up: dict[AgencyId, bool] = {}
        self._kept: dict[AgencyId, int | None] = {}

    def saw(self, agency: AgencyId, up: bool, kept: int | None = None) -> None:
        """Whether a source has answered, and how many bytes of log it keeps for us alone; None for none."""
        self._up[agency], self._kept[agency] = up, kept

    def tell(self, sources: Mapping[AgencyId, Source], decided: Control) -> None:
        """Of the `sources`, as far as they have been looked at."""
        metrics.only(metrics.source_up, {(a,): float(up) for a, up in self._up.items() if a in sources})
        kept = {(a,): float(size) for a, size in self._kept.items() if a in sources and size is not None}
        metrics.only(metrics.log_kept, kept)
        metrics.only(metrics.log_limit, {(a,): source.harm.max_log_bytes for a, source in sources.items()})
        captures = {agency: decided.capture(agency) for agency in sources}
        metrics.only(metrics.halted, {(a,): float(c is not None and c.halted) for a, c in captures.items()})
        metrics.only(metrics.loads, _loads(sources, decided))


def _loads(sources: Mapping[AgencyId, Source], decided: Control) -> Mapping[tuple[str, str], float]:
    return Counter((agency, load.why.value) for agency in sources for load in decided.loads(agency) if load.under_way)
