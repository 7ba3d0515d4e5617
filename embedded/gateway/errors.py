"""What goes wrong, as a ClickHouse client shall see it: the engine's own code and text."""

import os
import re
import sys
from enum import IntEnum

from chdb import ChdbError

ENGINE_ERRORS = (ChdbError, RuntimeError)
"""What chDB raises: RuntimeError while connecting and streaming, ChdbError otherwise."""

_ENGINE_TEXT = re.compile(r"Code: (\d+)\. (DB::\w*Exception: .*)", re.S)
_DECORATION = re.compile(r"(\s*\(version [\d.]+\)\.?)?(?:\s*\(([A-Z][A-Z0-9_]+)\))?(\s*\(version [^)]*\))?\s*$")
_AGAIN = re.compile(r"(?<=DB::Exception: )(?:Code: \d+\. DB::Exception: )+")
_MARK = re.compile(r"\n?/\*gateway:\S+?\*/ ?")


class Code(IntEnum):
    """The codes the gateway raises itself, with ClickHouse's numbers."""

    CANNOT_READ_ALL_DATA = 33
    BAD_ARGUMENTS = 36
    CHECKSUM_DOESNT_MATCH = 40
    NOT_IMPLEMENTED = 48
    UNKNOWN_TYPE = 50
    SYNTAX_ERROR = 62
    UNKNOWN_FORMAT = 73
    UNKNOWN_COMPRESSION_METHOD = 89
    UNKNOWN_PACKET_FROM_CLIENT = 99
    UNEXPECTED_PACKET_FROM_CLIENT = 101
    UNKNOWN_SETTING = 115
    TOO_LARGE_STRING_SIZE = 131
    READONLY = 164
    NO_FREE_CONNECTION = 203
    ABORTED = 236
    MEMORY_LIMIT_EXCEEDED = 241
    NOT_ENOUGH_SPACE = 243
    TOO_LARGE_SIZE_COMPRESSED = 261
    CANNOT_DECOMPRESS = 271
    DATABASE_ACCESS_DENIED = 291
    SUPPORT_IS_DISABLED = 344
    SESSION_NOT_FOUND = 372
    SESSION_IS_LOCKED = 373
    QUERY_WAS_CANCELLED = 394
    AUTHENTICATION_FAILED = 516
    UNKNOWN_EXCEPTION = 1002


class ClickHouseError(Exception):
    """Answered to the client: `code` and `text`, and by HTTP the code's `name` too."""

    def __init__(self, code: int, text: str, name: str = "") -> None:
        super().__init__(text)
        self.code, self.text = code, text
        self.name = name or (Code(code).name if code in set(Code) else "")


class Broken(ClickHouseError):
    """What the client sends cannot be understood from here on: answered, then the connection ends."""


def refusal(exc: Exception) -> ClickHouseError:
    """The error for the client; from the engine's words its code, without our mark and the engine's decoration."""
    if isinstance(exc, ClickHouseError):
        return exc
    found = _ENGINE_TEXT.search(_MARK.sub("", str(exc)))
    if not found:
        return ClickHouseError(Code.UNKNOWN_EXCEPTION, f"DB::Exception: {exc}")
    decoration = _DECORATION.search(found[2])
    name = decoration[2] or "" if decoration else ""
    return ClickHouseError(int(found[1]), _AGAIN.sub("", _DECORATION.sub("", found[2])), name)


def end_if_lost(error: ClickHouseError) -> None:
    """End the process when the engine has met a fatal error: it answers nothing else from now on. A supervisor starts
    it again; acknowledged inserts are on disk."""
    if error.code == Code.ABORTED and "fatal error" in error.text:
        print(f"gateway: {error.text}", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(1)
