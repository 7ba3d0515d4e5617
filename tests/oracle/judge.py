"""Lost, invented, twice, out of order, or with another content: every version against the log and against the truth.

Pure: what was read goes in, one line per finding comes out.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from oracle.log import RawChange
from oracle.model import TOLD, Entry, Key, TableTruth
from oracle.served import Held, true_version

from ops.verify.compare import Shape
from suoi.position import to_hex

_REVISION = 16
"""Bits of a version that say which rules made it, not where it stands."""
MOST_LINES = 5
_LOST = "] lost: "


@dataclass(frozen=True, slots=True)
class Read:
    """Everything there is to know of one table in the end."""

    name: str
    truth: TableTruth
    transactions: Mapping[int, int]
    """Transaction id at the source → number of its commit."""
    raw: Sequence[RawChange]
    held: Sequence[Held]
    truncations: Collection[int]
    dead: Collection[tuple[int, int]]
    """Partition and offset of raw records with a dead letter."""
    shape: Shape
    """The columns of `held`."""


def findings(read: Read, first: int) -> tuple[list[str], int]:
    """The findings about a table, and how many changes are lost; commits from `first` on were streamed."""
    kinds = [list(kind) for kind in (invented(read), twice(read), unordered(read))]
    unled, unread, untold = list(unprocessed(read)), list(never_read(read, first)), list(told_otherwise(read, first))
    lost = max(len(unled), sum(_LOST in line for line in untold)) + len(unread)
    return [line for kind in (unled, unread, untold, *kinds) for line in _cut(read.name, kind)], lost


def first_streamed(reads: Iterable[Read]) -> int:
    """The number of the first commit that came as changes, not as part of a snapshot; 0 when none did."""
    numbers = (
        read.transactions.get(change.transaction or 0)
        for read in reads
        for change in read.raw
        if change.operation != "r"
    )
    return min((number for number in numbers if number is not None), default=0)


def unprocessed(read: Read) -> Iterator[str]:
    """Raw records that led to nothing: no version, no truncation, no dead letter."""
    held = {(version.key, version.version >> _REVISION) for version in read.held}
    truncations = {version >> _REVISION for version in read.truncations}
    for change in read.raw:
        place = change.version >> _REVISION
        arrived = place in truncations if change.operation == "t" else (change.key, place) in held
        if not arrived and (change.partition, change.offset) not in read.dead:
            yield f"{_named(change.key)} lost: {_raw(change)} led to nothing"


def invented(read: Read) -> Iterator[str]:
    """Versions that come from no raw record."""
    raw = {(change.key, change.version >> _REVISION) for change in read.raw}
    for version in read.held:
        if version.offset >= 0 and (version.key, version.version >> _REVISION) not in raw:
            yield f"{_named(version.key)} invented: version {to_hex(version.version)} stands in no raw record"


def twice(read: Read) -> Iterator[str]:
    """Two different changes of one key under one version: one of them would win by chance."""
    known: dict[tuple[Key, int], RawChange] = {}
    for change in read.raw:
        if change.operation != "t":
            other = known.setdefault((change.key, change.version), change)
            if other.digest != change.digest:
                yield f"{_named(change.key)} one version for two changes: {_raw(other)} and {_raw(change)}"


def unordered(read: Read) -> Iterator[str]:
    """Versions of one key whose order is not that of the log: a newer change has the older version."""
    for key, versions in groupby(sorted(_first_seen(read.raw), key=lambda one: one.key), key=lambda one: one.key):
        for before, after in pairwise(sorted(versions, key=lambda one: (one.partition, one.offset))):
            if before.version > after.version:
                yield f"{_named(key)} inverted: {_raw(after)} came after {_raw(before)}"


def never_read(read: Read, first: int) -> Iterator[str]:
    """Rows that were there before the first change that was streamed, stayed as they were, and came by no snapshot."""
    held = {version.key for version in read.held}
    for key, _ in read.truth.as_of(first - 1):
        if key not in held and read.truth.entries[key][-1].commit < first:
            yield f"{_named(key)} lost: it was there before capture began and never came"


def told_otherwise(read: Read, first: int) -> Iterator[str]:
    """Per key and transaction, what the history says against what was done: missing, extra, inverted, different."""
    done = _by_commit(read.truth, first)
    held: dict[Key, dict[int, list[Held]]] = defaultdict(lambda: defaultdict(list))
    for version in read.held:
        if version.operation == "r" or version.offset < 0:
            continue
        number = read.transactions.get(version.transaction or 0)
        if number is None:
            yield f"{_named(version.key)} extra: {to_hex(version.version)} is of a transaction nobody committed"
        else:
            held[version.key][number].append(version)
    for key in done.keys() | held.keys():
        yield from _key_told(read, key, done.get(key, {}), held.get(key, {}))


def _key_told(
    read: Read, key: Key, done: Mapping[int, Sequence[Entry]], held: Mapping[int, Sequence[Held]]
) -> Iterator[str]:
    for number in sorted(done.keys() | held.keys()):
        ours, theirs = done.get(number, ()), held.get(number, ())
        if len(theirs) != len(ours) - _refused(read, key, number):
            kind = "lost" if len(theirs) < len(ours) else "extra"
            yield f"{_named(key)} {kind}: commit {number} made {len(ours)} changes, the history has {len(theirs)}"
        elif len(theirs) == len(ours):
            for entry, version in zip(ours, theirs, strict=True):
                if true_version(read.shape, entry) != version.row:
                    how = _how(read, entry, version)
                    yield f"{_named(key)} different: {to_hex(version.version)} of commit {number}{how}"
    order = [number for number, _ in sorted(_numbered(held), key=lambda pair: pair[1])]
    if order != sorted(order):
        yield f"{_named(key)} inverted: by their versions the commits come as {order}"


def _how(read: Read, entry: Entry, version: Held) -> str:
    ours, theirs = true_version(read.shape, entry), version.row
    if ours is None or theirs is None:
        return " is a delete on one side only"
    pairs = zip(read.shape.columns, ours, theirs, strict=True)
    return "".join(f"; {column.name}: {a!r:.60}, held {b!r:.60}" for column, a, b in pairs if a != b)


def _numbered(held: Mapping[int, Sequence[Held]]) -> Iterator[tuple[int, int]]:
    for number, versions in held.items():
        for version in versions:
            yield number, version.version


def _refused(read: Read, key: Key, number: int) -> int:
    """How many changes of this key and commit are dead letters."""
    if not read.dead:
        return 0
    return sum(
        change.key == key
        and read.transactions.get(change.transaction or 0) == number
        and (change.partition, change.offset) in read.dead
        for change in read.raw
    )


def _by_commit(truth: TableTruth, first: int) -> dict[Key, dict[int, list[Entry]]]:
    done: dict[Key, dict[int, list[Entry]]] = {}
    for key, entries in truth.entries.items():
        for entry in entries:
            if entry.commit >= first and entry.what in TOLD:
                done.setdefault(key, {}).setdefault(entry.commit, []).append(entry)
    return done


def _first_seen(raw: Iterable[RawChange]) -> Iterator[RawChange]:
    """Each change where it stands first: what is delivered again stands later and says nothing new."""
    seen: set[tuple[Key, int]] = set()
    for change in raw:
        if change.operation != "t" and (change.key, change.version) not in seen:
            seen.add((change.key, change.version))
            yield change


def _cut(table: str, lines: list[str]) -> list[str]:
    """The first few lines, and how many more there are of each kind."""
    told = [f"{table} {line}" for line in lines[:MOST_LINES]]
    kinds = Counter(line.partition("]")[2].split(":")[0].strip() for line in lines[MOST_LINES:])
    return told + [f"{table}: {count} more {kind}" for kind, count in kinds.items()]


def _named(key: Key) -> str:
    return f"[{', '.join(key)}]"


def _raw(change: RawChange) -> str:
    return f"{change.operation} {to_hex(change.version)} at [{change.partition}]@{change.offset}"
