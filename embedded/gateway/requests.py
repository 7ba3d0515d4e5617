"""What the client sends, at revision 54459."""

from dataclasses import dataclass, field
from enum import IntEnum

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.frames import Codec
from embedded.gateway.packets import REVISION
from embedded.gateway.sql import unquote
from embedded.gateway.wire import Recorder

_INITIAL_QUERY_HAS_TRACE = b"\1"
_LONGEST_NAME = 1 << 16
"""Bytes of a text by somebody who has not shown a password yet."""


class Kind(IntEnum):
    """Packets of the client."""

    HELLO = 0
    QUERY = 1
    DATA = 2
    CANCEL = 3
    PING = 4
    TABLES_STATUS = 5


@dataclass(frozen=True, slots=True)
class Hello:
    """Who calls, and which database statements start in."""

    database: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a query; an important one must not be ignored when unknown."""

    name: str
    important: bool
    value: str


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with its settings and parameters."""

    sql: str
    settings: tuple[Setting, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    codec: Codec | None = None
    """How blocks are compressed both ways, if at all; what the client sends may use any."""


def read_hello(reader: Recorder) -> Hello:
    """The body of a Hello. Raises ClickHouseError for a client older than our revision."""
    reader.text(_LONGEST_NAME)  # of the client
    reader.number(), reader.number()  # its version
    revision = reader.number()
    caller = Hello(reader.text(_LONGEST_NAME), reader.text(_LONGEST_NAME), reader.text(_LONGEST_NAME))
    if revision < REVISION:
        text = f"DB::Exception: Client revision {revision} is too old for this server, it takes {REVISION} or newer"
        raise ClickHouseError(Code.UNEXPECTED_PACKET_FROM_CLIENT, text)
    return caller


def read_query(reader: Recorder) -> Query:
    """The body of a Query packet."""
    reader.text()  # query id: chDB makes its own
    _skip_client_info(reader)
    settings = _settings(reader)
    reader.text()  # secret between servers
    reader.number()  # stage: always complete
    compress = bool(reader.number())
    sql = reader.text()
    parameters = {parameter.name: unquote(parameter.value) for parameter in _settings(reader)}
    return Query(sql, settings, parameters, _codec(settings) if compress else None)


def _codec(settings: tuple[Setting, ...]) -> Codec:
    chosen = next((setting.value for setting in settings if setting.name == "network_compression_method"), "")
    return Codec.ZSTD if chosen.upper() == "ZSTD" else Codec.LZ4


def _settings(reader: Recorder) -> tuple[Setting, ...]:
    found = []
    while name := reader.text():
        found.append(Setting(name, bool(reader.read(1)[0] & 1), reader.text()))
    return tuple(found)


def _skip_client_info(reader: Recorder) -> None:
    if reader.read(1) == b"\0":  # no initial query, nothing follows
        return
    _skip_texts(reader, 3)  # initial user, query id, address
    reader.read(8 + 1)  # start time, interface
    _skip_texts(reader, 3)  # user and host of the operating system, client name
    _skip_numbers(reader, 3)  # client version and revision
    _skip_texts(reader, 1)  # quota key
    _skip_numbers(reader, 2)  # depth of distribution, patch
    if reader.read(1) == _INITIAL_QUERY_HAS_TRACE:
        reader.read(16 + 8)
        _skip_texts(reader, 1)
        reader.read(1)
    _skip_numbers(reader, 3)  # parallel replicas


def _skip_texts(reader: Recorder, count: int) -> None:
    for _ in range(count):
        reader.text()


def _skip_numbers(reader: Recorder, count: int) -> None:
    for _ in range(count):
        reader.number()
