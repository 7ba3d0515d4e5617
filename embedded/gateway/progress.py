"""How far a statement has come, told every 100 ms as increments. It also keeps a waiting client from giving up."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass

from chdb.state.sqlitelike import Connection


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows and bytes, since the last one or in all."""

    rows: int = 0
    size: int = 0
    total_rows: int = 0
    """To be read, as far as known."""
    written: int = 0
    written_size: int = 0

    def since(self, earlier: "Progress") -> "Progress":
        """What has come on top of `earlier`, never less than nothing."""
        pairs = zip(astuple(self), astuple(earlier), strict=True)
        return Progress(*(max(now - before, 0) for now, before in pairs))


class Meter:
    """Turns the engine's totals into increments for `tell`; the engine calls it in the thread that waits for it."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        self._tell = tell
        self.total = Progress()

    def __call__(self, report: Mapping[str, int]) -> None:
        """A report of the engine."""
        names = ("read_rows", "read_bytes", "total_rows_to_read", "written_rows", "written_bytes")
        self.reach(Progress(*(int(report[name]) for name in names)))

    def reach(self, total: Progress) -> None:
        """The statement has come to `total`; what went before is not told again."""
        if (step := total.since(self.total)) != Progress():
            self.total = Progress(*map(max, astuple(total), astuple(self.total)))
            self._tell(step)


@contextmanager
def metered(connection: Connection, tell: Callable[[Progress], None]) -> Iterator[Meter]:
    """Inside, what the statements of `connection` report goes to `tell`."""
    meter = Meter(tell)
    connection.set_progress_callback(meter)
    try:
        yield meter
    finally:
        connection.set_progress_callback(None)
