"""What a snapshot of MariaDB can see: everything that stands in the log before the place where it was taken."""

from dataclasses import dataclass

from suoi.position import Position, pack


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A consistent snapshot: the log stood at `position` when it was taken, between two transactions."""

    position: Position
    epoch: int
    """Which history of the source this is a snapshot of."""

    @property
    def version(self) -> int:
        """The first version that it does not see."""
        return pack(self.epoch, self.position.commit, self.position.event, 0)

    def visible_sql(self) -> str:
        """The condition on a history table; what belongs to an older history lies below."""
        return f"_version < toUInt128('{self.version}')"

    def sees_truncation(self, version: int) -> bool:
        """A truncation stands in the log as everything else does."""
        return version < self.version

    def passed_by(self, position: Position) -> bool:
        """The log is written in commit order: what stands behind a place was committed after what stands before it."""
        return (position.commit, position.event) >= (self.position.commit, self.position.event)
