"""A request as a value: who asks, what, under which settings, and in which form the answer shall come."""

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.http.encoding import accepted
from embedded.gateway.requests import Setting

_IGNORED = frozenset(["wait_end_of_query", "buffer_size", "quota_key", "role", "stacktrace", "close_session"])
_PARAMETER = "param_"
_SESSION_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request, without its body."""

    user: str
    password: str = field(repr=False)
    database: str
    sql: str
    """The statement, or its beginning: the body goes on with it."""
    query_id: str
    format: str
    """Of the answer, unless the statement names one."""
    protocol: int
    """Revision of FORMAT Native both ways; 0: without anything around its blocks."""
    session_id: str
    session_seconds: float
    session_must_exist: bool
    framed: bool
    """The answer travels in compressed frames of the native protocol."""
    framed_body: bool
    encoding: str
    """Content-Encoding of the answer, "" for none."""
    settings: tuple[Setting, ...]
    parameters: Mapping[str, str]
    rest: Mapping[str, str] = field(default_factory=dict)
    """What describes external tables: <name>_structure, <name>_types, <name>_format."""

    @classmethod
    def parse(cls, method: str, target: str, headers: Message, form: Mapping[str, str]) -> Self:
        """Read `target` (path and query), and the fields of a form. Raises ClickHouseError for what is unreadable."""
        given = {**dict(parse_qsl(urlsplit(target).query, keep_blank_values=True)), **form}
        user, password = _credentials(headers, given)
        rest = {name: given.pop(name) for name in list(given) if name.endswith(("_structure", "_types", "_format"))}
        parameters = {name[len(_PARAMETER) :]: given.pop(name) for name in list(given) if name.startswith(_PARAMETER)}
        wanted = headers.get("Accept-Encoding", "") if given.get("enable_http_compression") == "1" else ""
        return cls(
            user=user,
            password=password,
            database=given.pop("database", "") or headers.get("X-ClickHouse-Database", ""),
            sql=given.pop("query", ""),
            query_id=given.pop("query_id", "") or str(uuid.uuid4()),
            format=rest.pop("default_format", "") or headers.get("X-ClickHouse-Format", "") or "TabSeparated",
            protocol=int(_number(given, "client_protocol_version", 0)),
            session_id=given.pop("session_id", ""),
            session_seconds=_number(given, "session_timeout", _SESSION_SECONDS),
            session_must_exist=given.pop("session_check", "0") == "1",
            framed=given.pop("compress", "0") == "1",
            framed_body=given.pop("decompress", "0") == "1",
            encoding=accepted(wanted),
            parameters=parameters,
            rest=rest,
            settings=_settings(given, readonly=method != "POST"),  # what nothing above has taken
        )


def _settings(given: Mapping[str, str], readonly: bool) -> tuple[Setting, ...]:
    names = {name: value for name, value in given.items() if name not in _IGNORED}
    if readonly:
        names.setdefault("readonly", "2")
    return tuple(Setting(name, True, value) for name, value in names.items())


def _credentials(headers: Message, given: dict[str, str]) -> tuple[str, str]:
    """User and password: of the URL, of X-ClickHouse headers, or of Basic authentication."""
    user, password = given.pop("user", "default"), given.pop("password", "")
    if "X-ClickHouse-User" in headers:
        return _text(headers, "X-ClickHouse-User"), _text(headers, "X-ClickHouse-Key")
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            text = "DB::Exception: Invalid authentication: the Authorization header is no Basic credentials"
            raise ClickHouseError(Code.AUTHENTICATION_FAILED, text) from None
    return user, password


def _text(headers: Message, name: str) -> str:
    """A header in UTF-8, as clients send it; Python reads headers as Latin-1."""
    return str(headers.get(name, "")).encode("latin-1", "replace").decode("utf-8", "replace")


def _number(given: dict[str, str], name: str, default: float) -> float:
    value = given.pop(name, "")
    try:
        return float(value) if value else default
    except ValueError:
        raise ClickHouseError(Code.BAD_ARGUMENTS, f"DB::Exception: {name}={value!r} is not a number") from None
