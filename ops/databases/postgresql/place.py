"""How PostgreSQL's logs and databases are told apart, and what their places are called. Pure."""

from suoi.position import Position


def place(position: Position) -> int:
    """The LSN that a heartbeat at `position` has passed: its own, or that of the commit before it."""
    return max(position.commit, position.event)


def spelled(lsn: int) -> str:
    """As PostgreSQL prints it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def told_apart(known: str, found: str) -> str:
    """An identity is system identifier / timeline / database oid."""
    before, now = known.split("/"), found.split("/")
    if before[0] != now[0]:
        return f"this is another database cluster: system identifier {now[0]}, known is {before[0]}"
    if before[1:2] != now[1:2]:
        return f"the cluster was promoted or restored: its timeline is {now[1]}, known is {before[1]}"
    return f"the database was created anew: its oid is {now[-1]}, known is {before[-1]}"
