"""How MariaDB's logs and servers are told apart, and what their places are called. Pure."""

from suoi.position import Position, binlog

_EVENT_BITS = 48
_ROW_BITS = 16
_POS_BITS = 32


def place(position: Position) -> int:
    """File, place in the file, row: one number that rises along the log."""
    return position.commit << _EVENT_BITS | position.event


def place_in(file: str, pos: int) -> int:
    """The same for a file of the log, such as mysql-bin.000003, and bytes from its beginning."""
    return place(binlog(file, pos))


def spelled(found: int) -> str:
    """Number of the file and bytes from its beginning."""
    commit, event = found >> _EVENT_BITS, found & (1 << _EVENT_BITS) - 1
    low = commit & (1 << _ROW_BITS) - 1
    return f"{commit >> _ROW_BITS:06d}:{low << _POS_BITS | event >> _ROW_BITS}"


def told_apart(known: str, found: str) -> str:
    """An identity is server id / GTID domain / what we left on it."""
    before, now = known.split("/"), found.split("/")
    if before[0] != now[0]:
        return f"this is another server: its server_id is {now[0]}, known is {before[0]}"
    if before[1:2] != now[1:2]:
        return f"the server writes another GTID domain: {now[1]}, known is {before[1]}"
    return "the server was set up anew: what we had left on it is another one"
