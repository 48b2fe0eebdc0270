"""GET with time-outs, and a vendor's failures as the errors of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from causeway.adapters.feeds.retry_after import seconds_named
from causeway.adapters.feeds.whole_answer import LONGEST_S, MOST_BYTES, whole_answer
from causeway.errors import Denied, NotFound, TooMany, Unavailable
from causeway.model.time import now_utc

if TYPE_CHECKING:
    import httpx

_THROTTLED_S = 30.0  # where a vendor that throttles does not say for how long


class HttpSession:
    """One per vendor and process; safe to share between threads. ``vendor`` names it in messages.

    ``secret`` (name, value) goes into every query at the last moment, so that no log has it, and is cut out of what
    the vendor says, which may repeat it.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        timeout_s: float = 20.0,
        headers: Mapping[str, str] | None = None,
        secret: tuple[str, str] = ("", ""),
        longest_s: float = LONGEST_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        import httpx

        self._vendor = vendor
        self._secret = secret[1]
        self._longest_s, self._most_bytes = longest_s, most_bytes
        transport = httpx.HTTPTransport()
        self._client = httpx.Client(
            base_url=base_url,
            timeout=timeout_s,
            headers=dict(headers or {}),
            transport=_with_secret(transport, *secret) if self._secret else transport,
        )

    def get(self, path: str, params: Mapping[str, str]) -> str:
        """The text of the whole answer, whatever a 2xx body says.

        Raises:
            TooMany: 429.
            Denied: 401 or 403.
            NotFound: 404.
            Unavailable: no connection, a time-out, an answer that was cut, or another status.
        """
        import httpx

        try:
            with self._client.stream("GET", path, params=dict(params)) as answer:
                body = whole_answer(answer.iter_bytes(), self._vendor, self._longest_s, self._most_bytes)
        except httpx.HTTPError as error:
            said = self._without_secret(f"{type(error).__name__}: {error}")
            raise Unavailable(f"{self._vendor} does not answer: {said}") from None
        text = self._without_secret(body.decode(answer.charset_encoding or "utf-8", errors="replace"))
        self._check(answer, text[:200].strip())
        return text

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _without_secret(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text

    def _check(self, answer: httpx.Response, said: str) -> None:
        status = answer.status_code
        if answer.is_success:
            return
        if status == 429:
            raise TooMany(
                f"{self._vendor} throttles: {said or 'HTTP 429'}",
                retry_after_s=seconds_named(answer.headers.get("retry-after"), now_utc(), _THROTTLED_S),
            )
        if status in (401, 403):
            raise Denied(f"{self._vendor} refuses the key (HTTP {status}): {said}. Check the key and the plan.")
        if status == 404:
            raise NotFound(f"{self._vendor} has nothing there (HTTP 404): {said}")
        wait_s = seconds_named(answer.headers.get("retry-after"), now_utc())
        raise Unavailable(f"{self._vendor} answered HTTP {status}: {said}", retry_after_s=wait_s)


def _with_secret(transport: httpx.BaseTransport, name: str, value: str) -> httpx.BaseTransport:
    import httpx

    class WithSecret(httpx.BaseTransport):
        """Sends a copy of the request: the one that the client knows, and logs, stays without."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            url = request.url.copy_merge_params({name: value})
            return transport.handle_request(
                httpx.Request(
                    request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
                )
            )

        def close(self) -> None:
            transport.close()

    return WithSecret()
