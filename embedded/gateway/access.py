"""Who gets in, and how many at once."""

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from embedded.gateway.errors import ClickHouseError, Code


@dataclass(frozen=True, slots=True)
class Access:
    """The one user let in."""

    user: str
    password: str = field(repr=False)

    def check(self, user: str, password: str) -> None:
        """Raise ClickHouseError unless user and password are right."""
        right = hmac.compare_digest(password.encode(), self.password.encode())
        if not (right and user == self.user):
            text = f"DB::Exception: {user}: Authentication failed: password is incorrect, or there is no such user"
            raise ClickHouseError(Code.AUTHENTICATION_FAILED, text)


class Places:
    """Room for so many clients at once, whichever port they come by."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._free = threading.BoundedSemaphore(count)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place. Raises ClickHouseError when there is none."""
        if not self._free.acquire(blocking=False):
            text = f"DB::Exception: Too many connections: {self._count} are open, and no more are allowed"
            raise ClickHouseError(Code.NO_FREE_CONNECTION, text)
        try:
            yield
        finally:
            self._free.release()
