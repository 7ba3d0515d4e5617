"""Ready or not: small questions to running services. They never raise."""

import socket

import httpx

from embedded.ports import LOOPBACK

_SECONDS = 2.0


def accepts(port: int) -> bool:
    """Does something listen on this port of loopback?"""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_SECONDS):
            return True
    except OSError:
        return False


def answers(url: str) -> bool:
    """Does a GET give 200?"""
    try:
        return httpx.get(url, timeout=_SECONDS, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
