"""JSON over HTTP to a neighbour, and the one place that decides what a failed call means."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from suoi.errors import Place, Reason, Transient

TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: what the neighbour says, good or bad."""

    status: int
    body: Any

    @property
    def good(self) -> bool:
        """The call did what it was asked."""
        return self.status < 400

    @property
    def message(self) -> str:
        """Why not, in the neighbour's own words, on one line."""
        text = self.body.get("message", self.body) if isinstance(self.body, dict) else self.body
        return " ".join(str(text).split())[:500]


class Rest:
    """One neighbour; safe for several threads."""

    def __init__(
        self,
        stage: str,
        url: str,
        *,
        username: str = "",
        password: str = "",
        ca_file: Path | None = None,
        seconds: float = 15.0,
    ) -> None:
        self._stage, self._url = stage, url.rstrip("/")
        verify = httpx.create_ssl_context(verify=str(ca_file)) if ca_file else True
        auth = (username, password) if username else None
        self._client = httpx.Client(auth=auth, verify=verify, timeout=seconds, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def call(self, method: str, *path: str, body: object = None, query: dict[str, str] | None = None) -> Answer:
        """The answer of `method` on `path` (its parts are quoted).

        Raises Transient when the neighbour is away, overloaded or failing on its side.
        """
        url = "/".join([self._url, *(quote(part, safe="") for part in path)])
        try:
            response = self._client.request(method, url, json=body, params=query)
        except httpx.TransportError as exc:
            reason = str(exc) or type(exc).__name__
            raise Transient(f"{self._url}: {reason}", reason=Reason.UNREACHABLE, place=Place(self._stage)) from exc
        answer = Answer(response.status_code, _body(response))
        if answer.status in TRY_LATER:
            raise Transient(
                f"{method} {url}: {answer.status} {answer.message}",
                reason=Reason.UNREACHABLE,
                place=Place(self._stage),
            )
        return answer

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


def _body(response: httpx.Response) -> Any:
    try:
        return response.json() if response.content else None
    except ValueError:
        return response.text
