"""What goes wrong, as a ClickHouse client shall see it: the engine's own code and text."""

import os
import re
import sys
from enum import IntEnum

from chdb import ChdbError

ENGINE_ERRORS = (ChdbError, RuntimeError)
"""What chDB raises: RuntimeError while connecting and streaming, ChdbError otherwise."""

_ENGINE_TEXT = re.compile(r"Code: (\d+)\. (DB::\w*Exception: .*)", re.S)
_DECORATION = re.compile(r"(\s*\(version [\d.]+\)\.?)?(\s*\([A-Z][A-Z0-9_]+\))?(\s*\(version [^)]*\))?\s*$")
_MARK = re.compile(r"\n?/\*gateway:\S+?\*/ ?")


class Code(IntEnum):
    """The codes the gateway raises itself, with ClickHouse's numbers."""

    CHECKSUM_DOESNT_MATCH = 40
    NOT_IMPLEMENTED = 48
    UNKNOWN_TYPE = 50
    SYNTAX_ERROR = 62
    UNKNOWN_PACKET_FROM_CLIENT = 99
    UNEXPECTED_PACKET_FROM_CLIENT = 101
    UNKNOWN_SETTING = 115
    ABORTED = 236
    SUPPORT_IS_DISABLED = 344
    AUTHENTICATION_FAILED = 516
    UNKNOWN_EXCEPTION = 1002


class ClickHouseError(Exception):
    """Answered to the client as an Exception packet."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class Broken(ClickHouseError):
    """What the client sends cannot be understood from here on: answered, then the connection ends."""


def refusal(exc: Exception) -> ClickHouseError:
    """The error for the client; from the engine's words its code, without our mark and the engine's decoration."""
    if isinstance(exc, ClickHouseError):
        return exc
    found = _ENGINE_TEXT.search(_MARK.sub("", str(exc)))
    if not found:
        return ClickHouseError(Code.UNKNOWN_EXCEPTION, f"DB::Exception: {exc}")
    return ClickHouseError(int(found[1]), _DECORATION.sub("", found[2]))


def end_if_lost(error: ClickHouseError) -> None:
    """End the process when the engine has met a fatal error: it answers nothing else from now on. A supervisor starts
    it again; acknowledged inserts are on disk."""
    if error.code == Code.ABORTED and "fatal error" in error.text:
        print(f"gateway: {error.text}", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(1)
