"""Ready or not: small questions to running services on loopback. They never raise, and cost next to nothing, for they
are asked again and again while the JVMs need every core to start."""

import socket
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from embedded.ports import LOOPBACK

_SECONDS = 2.0
_OK = 200


def accepts(port: int) -> bool:
    """Does something listen on this port?"""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_SECONDS):
            return True
    except OSError:
        return False


def answers(port: int, path: str) -> bool:
    """Does a GET of `path` give 200?"""
    try:
        with closing(HTTPConnection(LOOPBACK, port, timeout=_SECONDS)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status == _OK
    except (OSError, HTTPException):
        return False
