"""GET with time-outs, and a vendor's failures as the errors of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from causeway.errors import Denied, NotFound, TooMany, Unavailable

if TYPE_CHECKING:
    import httpx

_THROTTLED_S = 30.0  # where a vendor that throttles does not say for how long


class HttpSession:
    """One per vendor and process; safe to share between threads. ``vendor`` names it in messages."""

    def __init__(
        self, vendor: str, base_url: str, *, timeout_s: float = 20.0, headers: Mapping[str, str] | None = None
    ) -> None:
        import httpx

        self._vendor = vendor
        self._client = httpx.Client(base_url=base_url, timeout=timeout_s, headers=dict(headers or {}))

    def get(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        """The whole answer, whatever a 2xx body says.

        Raises:
            TooMany: 429.
            Denied: 401 or 403.
            NotFound: 404.
            Unavailable: no connection, a time-out, an answer that was cut, or another status.
        """
        import httpx

        try:
            answer = self._client.get(path, params=dict(params))
        except httpx.HTTPError as error:
            raise Unavailable(f"{self._vendor} does not answer: {type(error).__name__}: {error}") from error
        self._check(answer)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _check(self, answer: httpx.Response) -> None:
        status, said = answer.status_code, answer.text[:200].strip()
        if answer.is_success:
            return
        if status == 429:
            raise TooMany(
                f"{self._vendor} throttles: {said or 'HTTP 429'}",
                retry_after_s=_seconds(answer.headers.get("retry-after")),
            )
        if status in (401, 403):
            raise Denied(f"{self._vendor} refuses the key (HTTP {status}): {said}. Check the key and the plan.")
        if status == 404:
            raise NotFound(f"{self._vendor} has nothing there (HTTP 404): {said}")
        raise Unavailable(f"{self._vendor} answered HTTP {status}: {said}")


def _seconds(header: str | None) -> float:
    try:
        return max(0.0, float(header)) if header else _THROTTLED_S
    except ValueError:
        return _THROTTLED_S
